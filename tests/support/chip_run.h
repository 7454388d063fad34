// SPDX-License-Identifier: Apache-2.0
// Runs scenarios on the chip in the test's own process; one run a process.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/chip/tensor_memory.h"
#include "platform/chip/virtual_chip.h"
#include "platform/scenario/load.h"
#include "platform/schedule/schedule.h"

namespace gradus::test {

/// A firmware that was built together with the program.
inline std::string firmware_path(const std::string& name) {
    return (std::filesystem::path(GRADUS_PROGRAM).parent_path() / "firmware" / (name + ".elf")).string();
}

inline scenario::Scenario shipped_scenario(const std::string& name, const std::vector<std::string>& overrides = {}) {
    return scenario::load("scenarios/runs/" + name + ".toml", overrides);
}

using ChipAccess = std::function<void(chip::VirtualChip&)>;

struct ChipRun {
    explicit ChipRun(scenario::Scenario from)
        : scenario(std::move(from)),
          schedule(schedule::build(scenario.model, scenario.run, chip::dram_range(scenario.chip))) {}

    chip::Outcome simulate(const ChipAccess& before_start = {}, const ChipAccess& after_end = {},
                           chip::RunListener* listener = nullptr) const {
        return chip::simulate({scenario, schedule, firmware_path("train"), nullptr, listener, before_start, after_end});
    }

    scenario::Scenario scenario;
    schedule::Schedule schedule;
};

using chip::read_tensor;

inline void write_tensor(chip::VirtualChip& chip, const schedule::Tensor& tensor, const std::vector<float>& values) {
    chip.write_memory(tensor.address, schedule::stored(tensor, values).data(), tensor.bytes());
}

} // namespace gradus::test
