#include "bugs/account_transfer.hpp"
#include "bugs/barrier_reuse.hpp"
#include "bugs/broken_spinlock.hpp"
#include "bugs/bug.hpp"
#include "bugs/callback_deadlock.hpp"
#include "bugs/check_then_act.hpp"
#include "bugs/circular_buffer.hpp"
#include "bugs/double_checked_locking.hpp"
#include "bugs/dropped_jobs.hpp"
#include "bugs/early_publication.hpp"
#include "bugs/forgotten_lock.hpp"
#include "bugs/free_list.hpp"
#include "bugs/lazy_initialisation.hpp"
#include "bugs/linked_queue.hpp"
#include "bugs/lost_update.hpp"
#include "bugs/lost_wakeup.hpp"
#include "bugs/missed_notify_all.hpp"
#include "bugs/one_condition_buffer.hpp"
#include "bugs/peterson.hpp"
#include "bugs/philosophers.hpp"
#include "bugs/promise_twice.hpp"
#include "bugs/reference_count.hpp"
#include "bugs/reorder.hpp"
#include "bugs/safe_stack.hpp"
#include "bugs/semaphore_misuse.hpp"
#include "bugs/seqlock.hpp"
#include "bugs/spurious_wakeup.hpp"
#include "bugs/stale_write.hpp"
#include "bugs/starving_writer.hpp"
#include "bugs/stopped_worker.hpp"
#include "bugs/stopping_driver.hpp"
#include "bugs/timeout_loses_item.hpp"
#include "bugs/token_ring.hpp"
#include "bugs/transfer_deadlock.hpp"
#include "bugs/treiber_stack.hpp"
#include "bugs/two_stage.hpp"
#include "bugs/unlocked_check.hpp"
#include "bugs/use_after_close.hpp"
#include "bugs/wait_without_loop.hpp"
#include "bugs/weak_reference.hpp"
#include "bugs/work_stealing.hpp"
#include "bugs/wrong_lock.hpp"

namespace bugs {

const std::vector<bug>& all_bugs() {
    static const std::vector<bug> all{
        // Updates that are not atomic.
        lost_update(),
        check_then_act(),
        stale_write(),
        wrong_lock(),
        forgotten_lock(),
        unlocked_check(),
        two_stage(),
        account_transfer(),
        // Locks.
        deadlock_of_two(),
        deadlock_of_three(),
        deadlock_of_five(),
        transfer_deadlock(),
        callback_deadlock(),
        broken_spinlock(),
        peterson(),
        starving_writer(),
        seqlock(),
        // Conditions and what is built of them.
        lost_wakeup(),
        missed_notify_all(),
        wait_without_loop(),
        spurious_wakeup(),
        timeout_loses_item(),
        one_condition_buffer(),
        barrier_reuse(),
        token_ring(),
        semaphore_misuse(),
        promise_twice(),
        // Beginnings and ends.
        lazy_initialisation(),
        double_checked_locking(),
        early_publication(),
        reference_count(),
        weak_reference(),
        stopped_worker(),
        dropped_jobs(),
        stopping_driver(),
        use_after_close(),
        // Containers.
        circular_buffer(),
        work_stealing(),
        treiber_stack(),
        michael_scott_queue(),
        aba(),
        vyukov_safe_stack(),
        // How hard it is to find a small window.
        reorder_3(),
        reorder_5(),
        reorder_10(),
        reorder_20(),
    };
    return all;
}

} // namespace bugs
