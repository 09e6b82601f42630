#include <cppvaldi/starter.hpp>

#include "objects/program_symbols.hpp"
#include "runner/session.hpp"

#include <cppvaldi/errors.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <utility>

namespace cppvaldi {

namespace {

constexpr const char* nothing_instrumented =
    "nothing in this program is compiled with -finstrument-functions; add that flag for the code under test";

std::string readable(const std::type_info& type) {
    int status = 0;
    std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                     &std::free);
    return status == 0 ? text.get() : type.name();
}

} // namespace

starter::starter(std::shared_ptr<detail::session> lives_in, starter_id id, std::string name)
    : lives_in_(std::move(lives_in)), runner_(lives_in_->used_by()), id_(id), name_(std::move(name)) {}

checkpoint_ref starter::at(std::string_view name) const { return {name_, std::string(name)}; }

checkpoint_ref starter::at(std::string_view name, std::uint32_t occurrence) const {
    return {name_, std::string(name), occurrence};
}

checkpoint_ref starter::started() const { return at("started"); }
checkpoint_ref starter::finished() const { return at("finished"); }
checkpoint_ref starter::blocked() const { return at("blocked"); }

bool starter::is_finished() const { return lives_in("is_finished").world().starters()[id_].ended(); }

bool starter::is_blocked() const { return lives_in("is_blocked").world().is_blocked(id_); }

detail::session& starter::lives_in(const char* call) const {
    if (lives_in_->used_by() != runner_) {
        throw usage_error("starter::" + std::string(call) + ": the runner of '" + name_ +
                          "' is gone; ask while it lives");
    }
    return *lives_in_;
}

checkpoint_ref starter::at_function(std::string_view side, const std::string& name, const void* function) const {
    const std::string call = "starter::" + std::string(side.substr(0, side.size() - 1)) + "<&" + name + ">()";
    if (function == nullptr) {
        throw usage_error(call + " of '" + name_ +
                          "': the function is virtual, so which code that is depends on the object; name one: " +
                          std::string(side.substr(0, side.size() - 1)) + "<&" + name + ">(object)");
    }
    if (!program_symbols::instance().any_instrumented()) {
        throw usage_error(call + " of '" + name_ + "': " + nothing_instrumented);
    }
    if (!program_symbols::instance().may_be_instrumented(function)) {
        throw usage_error(
            call + " of '" + name_ +
            "': the file that holds this function is compiled without -finstrument-functions; add that flag "
            "for the code under test");
    }
    lives_in("before or after").world().watch_function(function, name + "()");
    return at(std::string(side) + name + "()");
}

checkpoint_ref starter::at_overrider(std::string_view side, const std::string& name, const void* function) const {
    const program_symbols& symbols = program_symbols::instance();
    const void* const overrider = symbols.behind_thunk(function);
    const function_symbol* const known = symbols.at(overrider);
    return at_function(side, known == nullptr ? name : std::string(without_parameters(known->name)), overrider);
}

checkpoint_ref starter::at_functions(std::string_view side, std::string_view pattern) const {
    const program_symbols& symbols = program_symbols::instance();
    const auto refuse = [&](const std::string& why) {
        throw usage_error("starter::" + std::string(side.substr(0, side.size() - 1)) + "(\"" + std::string(pattern) +
                          "\") of '" + name_ + "': " + why);
    };
    if (!symbols.any_instrumented()) {
        refuse(nothing_instrumented);
    }
    const std::string shown = std::string(pattern) + (pattern.ends_with(')') ? "" : "()");
    bool any = false;
    bool any_instrumented = false;
    for (const function_symbol* found : symbols.matching(pattern)) {
        any = true;
        if (symbols.may_be_instrumented(found->address)) {
            any_instrumented = true;
            lives_in("before or after").world().watch_function(found->address, shown);
        }
    }
    if (any && !any_instrumented) {
        refuse("what it means is compiled without -finstrument-functions; add that flag for the code under test");
    }
    if (!any) {
        std::string close;
        for (const std::string& name : symbols.close_to(pattern, 3)) {
            close += (close.empty() ? "" : ", ") + name;
        }
        refuse("no function of the program has this name" +
               (close.empty() ? std::string("; is it inlined everywhere, or is the program stripped of its symbols?")
                              : "; these come close: " + close));
    }
    return at(std::string(side) + shown);
}

const void* starter::value_address(const std::type_info& wanted) const {
    const execution& world = lives_in("value").world();
    const operation& pending = world.pending()[index(id_)];
    const std::string call = "starter::value<" + readable(wanted) + ">() of '" + name_ + "': ";
    if (pending.kind != operation_kind::checkpoint || world.running() == id_) {
        throw usage_error(call + "it does not stand at a checkpoint; drive it to one first, as in run_to(" + name_ +
                          ".at(\"read\"))");
    }
    const std::string checkpoint = "checkpoint '" + std::string(world.labels().text(pending.label)) + "'";
    const checkpoint_value* const carried = pending.value;
    if (carried == nullptr) {
        throw usage_error(call + checkpoint + " carries no value; pass one, as in checkpoint(\"" +
                          std::string(world.labels().text(pending.label)) + "\", seen)");
    }
    if (*carried->type != wanted) {
        throw usage_error(call + checkpoint + " carries a value of type " + readable(*carried->type) +
                          "; ask for that");
    }
    return carried->address;
}

void* starter::result_address(const std::type_info& wanted) const {
    const starter_record& record = lives_in("result").world().starters()[id_];
    const std::string call = "starter::result<" + readable(wanted) + ">() of '" + name_ + "': ";
    if (record.state != starter_state::finished) {
        throw usage_error(call + (record.ended() ? "it ended by an exception, and returned nothing; mend that first"
                                                 : "it has not finished; drive it to finished() first"));
    }
    if (record.work == nullptr) {
        throw usage_error(call + "its callable returns nothing; leave the question out, or return something");
    }
    if (record.work->result_type() != wanted) {
        throw usage_error(call + "its callable returns " + readable(record.work->result_type()) + "; ask for that");
    }
    return record.work->result();
}

} // namespace cppvaldi
