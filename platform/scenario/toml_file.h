// SPDX-License-Identifier: Apache-2.0
// What every reader of TOML files shares: reading and parsing them, and values of keys with one message for what is
// wrong. Brings toml++ with it, which costs more to compile than a room; for .cpp files that read TOML only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "platform/scenario/load.h"
#include "platform/scenario/read_file.h"
#include "platform/scenario/schema.h"

namespace gradus::scenario {

template <typename... Arguments>
[[noreturn]] void fail(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    throw ScenarioError(fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// Lines are bounded, and with them how deep dotted keys can nest: whoever walks a tree, or frees it, takes some stack
/// for each level. toml_guard.h bounds lists and inline tables.
inline constexpr std::size_t longest_line = 2048;

/// The text of a file of at most 256 KiB. `place` says who asked for it; empty: the command line. Throws ScenarioError.
std::string read_text(const std::filesystem::path& file, const std::string& place);
/// Throws ScenarioError with file, line and column.
toml::table parse(std::string_view text, const std::filesystem::path& file);

/// What a user wrote, fit for one line of a message.
std::string shown(const toml::node& node);
/// "file:line"; "file" of a node that has not been parsed.
std::string place_of(const toml::node& node, const std::filesystem::path& file);

/// The value in the type of the key, within its range; else throws ScenarioError.
Value converted(const toml::node& node, const Parameter& parameter, std::string_view place);
/// Some key begins with "name.".
bool is_section(std::string_view name);
/// Throws ScenarioError with the nearest key; with the nearest section when `section` says that a table stands there.
[[noreturn]] void fail_unknown(std::string_view place, std::string_view key, bool section = false);

} // namespace gradus::scenario
