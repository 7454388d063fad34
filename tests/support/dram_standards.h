// SPDX-License-Identifier: Apache-2.0
// The DRAM standards that ship in scenarios/dram. Tests run at the top of the repository.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/scenario/load.h"

namespace gradus::test {

/// Names of the files, without their ending.
inline std::vector<std::string> dram_standards() {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator("scenarios/dram"))
        names.push_back(file.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

/// One channel of a standard under the default policies, 512 MiB of it.
inline ip::DramParameters dram_standard(const std::string& name, const std::vector<std::string>& more = {}) {
    std::vector<std::string> overrides{"chip.dram.base=scenarios/dram/" + name + ".toml", "chip.dram.channels=1",
                                       "chip.dram.bytes=0x20000000", "chip.dram.front_end=0",
                                       "chip.dram.mapping=row,bank,column,channel,pseudo,group"};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return scenario::load_chip("scenarios/chips/tiny.toml", overrides).dram;
}

} // namespace gradus::test
