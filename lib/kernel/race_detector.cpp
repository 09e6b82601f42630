#include "kernel/race_detector.hpp"

namespace cppvaldi {

void race_detector::begin(bool wanted) noexcept {
    wanted_ = wanted;
    watching_ = false;
    has_found_ = false;
}

void race_detector::watch(std::size_t starters) {
    ++execution_;
    watching_ = true;
    if (lives_.size() < starters) {
        lives_.resize(starters);
    }
    for (std::size_t each = 0; each < starters; ++each) {
        lives_[each].now = 1;
        lives_[each].known.clear();
    }
}

void race_detector::start(starter_id child, starter_id parent) {
    if (lives_.size() <= index(child)) {
        lives_.resize(std::size_t{index(child)} + 1);
    }
    life& begins = lives_[index(child)];
    begins.now = 1;
    begins.known.clear();
    if (parent != nobody) {
        release(lives_[index(parent)], parent, begins.known);
    }
}

void race_detector::join(starter_id who, starter_id ended) {
    life& self = lives_[index(who)];
    self.known.join(lives_[index(ended)].known);
    self.known.learn(ended, lives_[index(ended)].now);
}

void race_detector::take(clock_step how, starter_id who, object_id through) {
    passage& by = passage_of(through);
    life& self = lives_[index(who)];
    switch (how) {
    case clock_step::release: release(self, who, by.released); break;
    case clock_step::release_too:
    case clock_step::gather: {
        vector_clock& to = how == clock_step::gather ? by.gathered : by.released;
        to.join(self.known);
        to.learn(who, self.now);
        self.now += self.now != std::numeric_limits<vector_clock::time>::max() ? 1 : 0;
        break;
    }
    case clock_step::acquire: self.known.join(by.released); break;
    case clock_step::acquire_gathered:
        self.known.join(by.gathered);
        by.gathered.clear();
        break;
    }
}

/// What it does from now on is later; a life of four thousand million releases goes on without that, and what is later then counts
/// as known.
void race_detector::release(life& self, starter_id who, vector_clock& to) {
    to = self.known;
    to.learn(who, self.now);
    self.now += self.now != std::numeric_limits<vector_clock::time>::max() ? 1 : 0;
}

bool race_detector::note(object_id on, plain_access made) {
    variable& of = variable_of(on);
    const life& self = lives_[index(made.by)];
    made.at = self.now;
    plain_access other;
    if (made.writes ? write(of, self, made, other) : read(of, self, made, other)) {
        return true;
    }
    report({on, other, made});
    return false;
}

void race_detector::report(const race& seen) noexcept {
    found_ = seen;
    has_found_ = true;
    stop();
}

bool race_detector::read(variable& of, const life& self, const plain_access& made, plain_access& other) {
    if (!knows(self, made.by, of.written)) {
        other = of.written;
        return false;
    }
    if (of.read_by_each.empty()) {
        if (knows(self, made.by, of.read)) {
            of.read = made;
            return true;
        }
        of.read_by_each.resize(std::size_t{index(of.read.by)} + 1);
        of.read_by_each[index(of.read.by)] = of.read;
    }
    if (of.read_by_each.size() <= index(made.by)) {
        of.read_by_each.resize(std::size_t{index(made.by)} + 1);
    }
    of.read_by_each[index(made.by)] = made;
    return true;
}

bool race_detector::write(variable& of, const life& self, const plain_access& made, plain_access& other) {
    if (!knows(self, made.by, of.written)) {
        other = of.written;
        return false;
    }
    if (of.read_by_each.empty() && !knows(self, made.by, of.read)) {
        other = of.read;
        return false;
    }
    for (const plain_access& each : of.read_by_each) {
        if (!knows(self, made.by, each)) {
            other = each;
            return false;
        }
    }
    of.read_by_each.clear();
    of.read = {};
    of.written = made;
    return true;
}

race_detector::passage& race_detector::passage_of(object_id through) {
    const auto number = static_cast<std::size_t>(through);
    if (passages_.size() <= number) {
        passages_.resize(number + 1);
    }
    passage& found = passages_[number];
    if (found.execution != execution_) {
        found.execution = execution_;
        found.released.clear();
        found.gathered.clear();
    }
    return found;
}

race_detector::variable& race_detector::variable_of(object_id on) {
    const auto number = static_cast<std::size_t>(on);
    if (variables_.size() <= number) {
        variables_.resize(number + 1);
    }
    variable& found = variables_[number];
    if (found.execution != execution_) {
        found.execution = execution_;
        found.written = {};
        found.read = {};
        found.read_by_each.clear();
    }
    return found;
}

} // namespace cppvaldi
