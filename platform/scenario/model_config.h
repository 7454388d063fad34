// SPDX-License-Identifier: Apache-2.0
// The config.json that published models have (Hugging Face transformers), as keys of [model].
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradus::scenario {

/// Whether a text is a config.json and no TOML: it begins with a brace.
bool is_model_config(std::string_view text);

/// Keys below "model." with their values as TOML has them. Throws ScenarioError, `file` in front: no JSON, an unknown
/// family, a field that is missing, has an unsupported value or that nobody knows.
std::vector<std::pair<std::string, std::string>> read_model_config(std::string_view text, const std::string& file);

} // namespace gradus::scenario
