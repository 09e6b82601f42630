#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace cppvaldi::detail {

/// What a starter does: a callable, its arguments, and room for what it returns. It lives on top of the starter's own stack.
class job {
public:
    job() = default;
    job(const job&) = delete;
    job& operator=(const job&) = delete;
    virtual ~job() = default;

    /// Calls the callable with its arguments, keeps what it returns, and destroys callable and arguments.
    virtual void run() = 0;

    /// Destroys callable and arguments without a call: the starter never began.
    virtual void drop() noexcept = 0;

    /// Returns where the result lies, or null if there is none.
    [[nodiscard]] virtual void* result() noexcept = 0;

    /// Returns the type of the result, without its reference.
    [[nodiscard]] virtual const std::type_info& result_type() const noexcept = 0;
};

/// Says how much room a job needs.
struct job_shape {
    std::size_t size_bytes;
    std::size_t alignment_bytes;
};

/// Constructs a job in the given memory, from whatever `context` points at.
struct job_maker {
    job* (*make)(void* memory, void* context);
    void* context;
};

template <typename Result>
struct result_slot {
    std::optional<std::remove_cvref_t<Result>> kept; // what a reference to a temporary refers to is kept, too
    template <typename Call>
    void keep(Call&& call) {
        kept.emplace(std::forward<Call>(call)());
    }
    [[nodiscard]] void* where() noexcept { return kept ? static_cast<void*>(&*kept) : nullptr; }
};

template <typename Result>
struct result_slot<Result&> {
    std::remove_const_t<Result>* kept = nullptr;
    template <typename Call>
    void keep(Call&& call) {
        kept = const_cast<std::remove_const_t<Result>*>(std::addressof(std::forward<Call>(call)()));
    }
    [[nodiscard]] void* where() noexcept { return kept; }
};

template <>
struct result_slot<void> {
    template <typename Call>
    void keep(Call&& call) {
        std::forward<Call>(call)();
    }
    [[nodiscard]] void* where() noexcept { return nullptr; }
};

template <typename Callable, typename... Arguments>
class callable_job final : public job {
public:
    using result_type_of_call = std::invoke_result_t<Callable, Arguments...>;

    template <typename... Given>
    explicit callable_job(std::in_place_t, Given&&... given) : call_(std::in_place, std::forward<Given>(given)...) {}

    void run() override {
        struct drop_at_end {
            callable_job& self;
            ~drop_at_end() { self.drop(); }
        } guard{*this};
        result_.keep([this]() -> result_type_of_call {
            return std::apply(
                [](Callable& callable, Arguments&... arguments) -> result_type_of_call {
                    return std::invoke(std::move(callable), std::move(arguments)...);
                },
                *call_);
        });
    }

    void drop() noexcept override { call_.reset(); }
    [[nodiscard]] void* result() noexcept override { return result_.where(); }
    [[nodiscard]] const std::type_info& result_type() const noexcept override { return typeid(result_type_of_call); }

private:
    std::optional<std::tuple<Callable, Arguments...>> call_;
    [[no_unique_address]] result_slot<result_type_of_call> result_;
};

/// Calls `use(shape, maker)` with a maker that moves `callable` and `arguments` into a job, decayed as `std::thread` does.
template <typename Use, typename Callable, typename... Arguments>
decltype(auto) with_job(Use&& use, Callable&& callable, Arguments&&... arguments) {
    using job_type = callable_job<std::decay_t<Callable>, std::decay_t<Arguments>...>;
    auto make = [&](void* memory) -> job* {
        return ::new (memory)
            job_type(std::in_place, std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
    };
    using make_type = decltype(make);
    return std::forward<Use>(
        use)(job_shape{sizeof(job_type), alignof(job_type)},
             job_maker{[](void* memory, void* context) -> job* { return (*static_cast<make_type*>(context))(memory); },
                       &make});
}

} // namespace cppvaldi::detail
