// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/baseline.h"

#include "platform/explore/inputs.h"
#include "platform/scenario/load.h"

namespace gradus::explore {

std::optional<std::int64_t> baseline_of(const Sweep& sweep, Database& database) {
    try {
        return database.find(hash_of(canonical_text(scenario_of(sweep, {}))));
    } catch (const scenario::ScenarioError&) { // what is sound only with a key that varies
        return std::nullopt;
    }
}

} // namespace gradus::explore
