// SPDX-License-Identifier: Apache-2.0
// Named values of named keys, every combination of them, beside the scenario as it is.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/explore/sensitivity.h"
#include "platform/report/terminal.h"

namespace gradus::explore {

/// A --vary that makes no sense, as one message for people.
class VariationError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// More than that is a matter for a sweep.
inline constexpr std::size_t most_variations = 1000;

/// The overrides of every combination of "KEY=V1,V2,...", the last key changing fastest. Throws VariationError for what
/// has no key or no value, and for more than `most_variations`.
std::vector<std::vector<std::string>> combinations(const std::vector<std::string>& varied);

struct Variation {
    std::vector<std::string> changes; ///< "KEY=V1"; empty: the scenario as it is
    std::optional<Measured> measured; ///< none: failed
    std::string failure;
};

struct Variations {
    std::string name;              ///< of the scenario and its chip
    std::vector<Variation> points; ///< the scenario as it is first
    /// "chip.dma.channels=3 gives 1.20x: bound by DMA; chip.dma.channels=2 is within 1 % of it."
    std::string sentence;
    /// Of a point that was measured: its tokens a second, relative to the scenario as it is.
    double speedup(const Variation& point) const;
};

/// `outcomes` as run_points() answers: of `base`, then of each combination. Throws std::runtime_error when the first
/// failed.
Variations variations(const scenario::Scenario& base, const std::vector<std::vector<std::string>>& combinations,
                      const std::vector<process::Outcome>& outcomes);

/// A table for the terminal.
std::string as_text(const Variations& variations, std::size_t width = report::usual_width);
/// Documented in doc/what-if.md.
nlohmann::ordered_json as_json(const Variations& variations);

} // namespace gradus::explore
