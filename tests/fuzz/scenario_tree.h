// SPDX-License-Identifier: Apache-2.0
// The scenario files of the repository in memory, under /scenarios, so that inputs can start from them by `base`.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "platform/scenario/files.h"

namespace gradus::fuzz {

inline std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline void put_tree(scenario::Files& files) {
    namespace fs = std::filesystem;
    const fs::path top = GRADUS_SCENARIOS;
    for (const auto& entry : fs::recursive_directory_iterator(top))
        if (entry.path().extension() == ".toml")
            files.put("/scenarios" / entry.path().lexically_relative(top), content_of(entry.path()));
}

} // namespace gradus::fuzz
