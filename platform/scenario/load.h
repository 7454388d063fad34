// SPDX-License-Identifier: Apache-2.0
// Reads scenarios. A run file holds [chip], [model] and [run]; `base` in a section (or at the top of a file) names a
// file to start from, relative to the file it stands in, whose keys are then overridden:
//
//   [chip]
//   base = "../chips/tiny.toml"
//   engine.matrix.rows = 8
//   [chip.dram]
//   base = "../dram/ddr4-2400.toml"
//
// Such a file holds the keys of its section at the top level: a chip file those of [chip], a model file those of
// [model], a DRAM standard those of [chip.dram].
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/scenario/parameters.h"

namespace gradus::scenario {

/// One message for people: where (file:line or the override), which key, what is allowed, the nearest valid key.
class ScenarioError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// `overrides` are "key=value": the value as in TOML, except that text needs no quotes. They win over the file, last
/// one last; "chip.base=FILE" replaces the base of that section, relative to the working directory. The result obeys
/// the schema and the rules of check.h; run.text is a path that does not depend on the scenario file's place. Throws
/// ScenarioError.
Scenario load(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

/// "key=value" as an override that gives the key this value; text in quotes where it would mean something else without.
std::string as_override(std::string_view key, const Value& value);

/// The same for a chip file alone; overrides are keys of [chip], spelled in full.
ChipParameters load_chip(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

} // namespace gradus::scenario
