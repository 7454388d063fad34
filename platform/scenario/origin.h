// SPDX-License-Identifier: Apache-2.0
// Where the value of a key comes from, and what it would be without this scenario: a scenario file and --set change
// what the files named by `base` say, which change the defaults.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace gradus::scenario {

/// What a key can hold, whatever the type of its field. Choices are text.
using Value = std::variant<std::uint64_t, double, bool, std::string>;

struct Origin {
    enum class From {
        base,     ///< a file that the scenario file starts from, directly or not
        file,     ///< the scenario file itself
        override, ///< --set, or what is short for it
    };
    From from = From::base;
    /// "../chips/tiny.toml:40", as seen from the scenario file; "names.toml:12"; "--set chip.dma.channels=4".
    std::string place;
    /// Unless `from` is base: the value in the base files and where it stands; the default, and no place, if it stands
    /// in none.
    std::optional<Value> base;
    std::string base_place;
};

/// By key; a key that is not in it has its default.
using Origins = std::map<std::string, Origin, std::less<>>;

} // namespace gradus::scenario
