// SPDX-License-Identifier: Apache-2.0
// Which texts a run generates.
#pragma once

#include "platform/scenario/parameters.h"

namespace gradus::scenario {

/// Every token of a text hangs on the numbers before it. Where none are computed there is nothing to choose from, and
/// how long a text would take is not known: it is left out.
inline unsigned texts_left_out(const RunParameters& run) { return run.data == DataPlane::none ? run.generate : 0; }
inline unsigned texts_to_generate(const RunParameters& run) { return run.generate - texts_left_out(run); }

} // namespace gradus::scenario
