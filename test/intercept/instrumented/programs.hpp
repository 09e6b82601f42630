#pragma once

/// Code under test: it is compiled with -fsanitize=thread, knows nothing of this library, and does its work with threads of its own.
namespace programs {

// Each comes out clean as it stands, and with a race or another mistake if it is asked to have that.

int counted_under_mutex(bool forgets_lock);
int handed_over_by_atomic(bool relaxed_is_wrong_way_round);
int handed_over_by_condition(bool after_unlock);
int told_to_thread(bool after_start);
int neighbours();
int bit_neighbours();
int unaligned(bool races);
int wide_values(bool races);
int copied_structs(bool races);
int called_virtually(bool destroyed_early);
int shared_pointers();
int read_by_many(bool written_meanwhile);
int vectors(bool races);
int used_after_free(bool frees_early);
int freed_twice(bool twice);
int freed_by_other(bool without_join);
int reused_memory();
int stacks_of_others();
int once_each(bool checked_twice);
int local_static();
int atomics_of_all_widths();
int spins();
int fences(bool alone);
int lost_update();
int updated_in_two_steps();
int plain_against_atomic(bool mixed);

} // namespace programs
