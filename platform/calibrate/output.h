// SPDX-License-Identifier: Apache-2.0
// A calibration for people, programs, documents, and as a chip file.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "platform/calibrate/calibration.h"
#include "platform/report/terminal.h"

namespace gradus::calibrate {

/// Where it comes from, as it shall be said.
struct Provenance {
    std::string chip;         ///< file
    std::string measurements; ///< file
    std::string source;       ///< of the measurements, by their table; may be empty
    double hold_out = 0;
    std::uint64_t seed = 0;
};

std::string as_text(const Calibration& calibration, std::size_t width = report::usual_width);
/// Documented in doc/calibration.md.
nlohmann::ordered_json as_json(const Calibration& calibration, const Provenance& provenance);
/// Two tables: what was fitted, and every row.
std::string as_markdown(const Calibration& calibration, const Provenance& provenance);
/// A chip file on top of `base`, a path as the file shall name it.
std::string as_toml(const Calibration& calibration, const Provenance& provenance, const std::string& base);

} // namespace gradus::calibrate
