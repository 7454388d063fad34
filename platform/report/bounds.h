// SPDX-License-Identifier: Apache-2.0
// Lower bounds of a run, a phase or a step: what each resource needs for its commands if no other one ever made it
// wait. However good the order of commands, it cannot be shorter than the largest of them.
//
//   matrix unit           cycles of the array's folds (ip/engine/matrix_folds.h), as if operands were always there
//   matrix port           cycles of the array's port for operands and results (ip/engine/matrix_core.h)
//   vector unit           cycles of the lanes, by kind of step (ip/engine/vector_timing.h)
//   vector port           cycles of the lanes' port
//   DMA channels          bytes / (port bytes of all channels together) cycles; of a copy the longer side counts
//   fabric                bytes / port bytes cycles, at the busier of the ports of DRAM and scratchpad
//   DRAM bandwidth        bytes / peak bandwidth
//   scratchpad bandwidth  bytes / peak bandwidth of all banks; engines and DMA
//   CPU issue             the time the hart executes or waits for the bus
#pragma once

#include <string>
#include <vector>

#include "platform/observe/result.h"

namespace gradus::report {

struct LowerBound {
    std::string resource;
    ip::Picoseconds time = 0;
    double share = 0; ///< of what it bounds
};

/// What is bounded: what its commands did, what the hart did, and how long it took.
struct BoundedWork {
    observe::WorkByKind work;
    observe::Usage hart;
    ip::Picoseconds time = 0;
};

BoundedWork work_of_step(const observe::Result& result, const observe::StepRecord& record);

/// In the order above. A step or a phase counts the bytes of commands; so does the run, unless the memories counted
/// more (descriptors, the hart).
std::vector<LowerBound> lower_bounds(const observe::Result& result, const BoundedWork& what);
std::vector<LowerBound> lower_bounds_of_run(const observe::Result& result);

/// The largest; null when there is none.
const LowerBound* tightest(const std::vector<LowerBound>& bounds);

} // namespace gradus::report
