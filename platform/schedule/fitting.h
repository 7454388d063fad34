// SPDX-License-Identifier: Apache-2.0
// Which settings would make a model fit that does not: found by planning again with each, never by a rule of thumb.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "platform/scenario/parameters.h"

namespace gradus::schedule {

/// What a model takes of the DRAM. Throws ScheduleError when it cannot be.
using Planned = std::function<std::uint64_t(const scenario::ModelParameters&, const scenario::RunParameters&)>;

/// A table of the single settings that bring a model down to `available` bytes, each with what it then takes. If none
/// does, those that do together: the one that saves most, with it the one that then saves most, and so on; if these do
/// not either, what they come to.
std::string ways_to_fit(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                        std::uint64_t available, const Planned& planned);

} // namespace gradus::schedule
