// SPDX-License-Identifier: Apache-2.0
// How many commands `gradus schedule --commands` lists, fences apart.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>

namespace gradus::test {

inline std::uint64_t listed_commands(const std::string& table) {
    std::istringstream lines(table);
    std::string line;
    std::uint64_t commands = 0;
    std::getline(lines, line); // the titles
    while (std::getline(lines, line) && !line.empty())
        if (line.find(" fence ") == std::string::npos && line.find_first_not_of(' ') < 12) ++commands;
    return commands;
}

} // namespace gradus::test
