// SPDX-License-Identifier: Apache-2.0
// Rules that tie keys to each other. Rules about one key alone stand in the schema.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/scenario/parameters.h"

namespace gradus::scenario {

struct Conflict {
    std::string_view key;  ///< the key to change
    std::string_view with; ///< the key it does not go with
    std::string message;
};

/// The first rule the chip breaks, if any.
std::optional<Conflict> find_conflict(const ChipParameters& chip);

/// The first rule the scenario breaks, if any, its chip included. Looks for the training text in the file system.
std::optional<Conflict> find_conflict(const Scenario& scenario);

} // namespace gradus::scenario
