// SPDX-License-Identifier: Apache-2.0
// What was found wrong with an operator, for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/observe/recorder.h"
#include "platform/schedule/schedule.h"
#include "platform/verify/comparison.h"
#include "platform/verify/written.h"

namespace gradus::verify {

/// Of one operator in one step.
struct Execution {
    const schedule::Schedule& schedule;
    const std::vector<observe::UnitInfo>& units;
    std::uint32_t step = 0;
    std::uint32_t op = 0;
    const std::vector<Written>& written; ///< in the order in which the commands were done
};

/// "backward layer0.mlp.up.weight in step 3"
std::string name_of(const Execution& execution);
/// The tensor that an address of the operator's results is in; "?" where there is none.
std::string tensor_at(const Execution& execution, std::uint64_t address);

/// Which element is beyond its bound, by how much, and which command wrote it into which tile.
std::string describe_deviation(const Execution& execution, const Comparison& comparison);
/// Which command wrote where no result of its operator is.
std::string describe_stray(const Execution& execution, const Written& written);
/// Where the first number is that is not finite, which nothing that the operator read explains.
std::string describe_not_finite(const Execution& execution, const Comparison& comparison);

} // namespace gradus::verify
