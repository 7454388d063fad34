// SPDX-License-Identifier: Apache-2.0
// Why a step of one result takes another time than a step of another. One rule, wherever a difference is explained: it
// is read off the critical path (platform/observe/critical_path.h) of a step in the long run. Its parts, by unit and
// reason or by operator, add up to the step exactly, so the differences of the parts add up to the difference of the
// steps. What shrank on the path made the step shorter; what shrank elsewhere did not. Units of one kind count as one:
// of two channels that take turns, one may gain what the other loses.
//
// What happened more often (row conflicts, instructions) stands beside it: it has no time of its own on the path, but
// often is the reason why something else took longer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/explore/result_file.h"

namespace gradus::explore {

/// A part of the critical path, and how much longer it is than in the first result; in picoseconds.
struct PathChange {
    std::string name;   ///< of the kind of unit, or "backward layer0.mlp.up"
    std::string reason; ///< "execute", "memory", "fetch", "wait"; empty for an operator
    double change_ps = 0;
};

/// How often something happens in a step.
struct Count {
    std::string name; ///< "DRAM row conflicts"
    double value = 0;
    bool matters = true; ///< false: too rare to cost time
};
struct CountChange {
    std::string name;
    double from = 0;
    double to = 0;
};

/// A step in the long run: where its time went, and what was counted.
struct StepPath {
    double step_ps = 0;
    std::map<std::pair<std::string, std::string>, double> units; ///< by kind of unit and reason
    std::map<std::pair<std::string, std::string>, double> ops;   ///< by phase and name
    std::vector<Count> counts;
};

/// Nothing for a result without a finished step. Throws ResultError for one with a hole.
std::optional<StepPath> step_path_of(const ResultFile& result);

struct Cause {
    double step_ps = 0;
    double change_ps = 0;            ///< of the step: the sum of `units`
    std::vector<PathChange> units;   ///< by kind of unit and reason, the largest first; without zeros
    std::vector<PathChange> ops;     ///< the same by phase and operator
    std::vector<CountChange> counts; ///< that matter in one of the two and differ by a tenth, the largest growth first
};
Cause cause_of(const StepPath& base, const StepPath& path);

/// "A step of fast takes 280.0 ns where one of small takes 400.0 ns: ... On the critical path ..."
std::string sentence_of(const Cause& cause, const std::string& base_title, const std::string& title);

/// What stands in the way of a step that should be faster: "on the critical path dma executing grew by 3 us; DRAM row
/// conflicts grew by 33 %".
std::string what_grew(const Cause& cause);

} // namespace gradus::explore
