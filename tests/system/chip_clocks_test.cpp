// SPDX-License-Identifier: Apache-2.0
// Clock domains of a whole chip: fabric, DMA and engines on clocks of their own.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/names_result.h"

namespace gradus::test::chip_clocks_test {
namespace {

using nlohmann::json;
using Settings = std::vector<std::string>;

/// Three steps and a text on the smallest chip, whose clock is 100 MHz.
json result_of(const Settings& settings) { return names_result(joined({"run.steps=3", "run.generate=1"}, settings)); }

std::uint64_t time_of(const json& result) { return result.at("totals").at("time_ps"); }

std::uint64_t busy(const json& result, const std::string& name) {
    for (const json& unit : result.at("units"))
        if (unit.at("name") == name) return unit.at("busy_ps");
    ADD_FAILURE() << "no unit " << name;
    return 0;
}

/// Busy and stalled time of the DMA's channels.
std::uint64_t taken_by_dma(const json& result) {
    std::uint64_t sum = 0;
    for (const json& unit : result.at("units"))
        if (unit.at("kind") == "dma") sum += unit.at("busy_ps").get<std::uint64_t>();
    return sum;
}

const Settings odd{"chip.fabric.clock_mhz=133", "chip.dma.clock_mhz=90", "chip.engine.clock_mhz=170"};

Settings with(Settings settings, const std::string& another) {
    settings.push_back(another);
    return settings;
}

// Clocks of one period are one clock: no bridge, no synchroniser, whatever its cycles.
TEST(ChipClocks, DomainsOfTheSameClockAreTheChipWithoutDomains) {
    const json plain = result_of({});
    const json domains = result_of(
        {"chip.fabric.clock_mhz=100", "chip.dma.clock_mhz=100", "chip.engine.clock_mhz=100", "chip.crossing_cycles=9"});
    EXPECT_EQ(time_of(domains), time_of(plain));
    for (const char* unit : {"dma0", "dma1", "matrix", "vector", "cpu"})
        EXPECT_EQ(busy(domains, unit), busy(plain, unit)) << unit;
}

// Busy is startup and array, both in the engine's cycles; what waits for memory is not in it. 10 ns become 5.
TEST(ChipClocks, EnginesAreBusyForTheSameCyclesOfTheirOwnClock) {
    const json slow = result_of({}), fast = result_of({"chip.engine.clock_mhz=200"});
    EXPECT_EQ(2 * busy(fast, "matrix"), busy(slow, "matrix"));
    EXPECT_EQ(2 * busy(fast, "vector"), busy(slow, "vector"));
}

TEST(ChipClocks, ALongerSynchroniserLengthensTheRun) {
    std::uint64_t before = 0;
    for (const char* cycles : {"0", "2", "8"}) {
        const std::uint64_t time = time_of(result_of(with(odd, std::string("chip.crossing_cycles=") + cycles)));
        EXPECT_GT(time, before) << cycles;
        before = time;
    }
}

TEST(ChipClocks, ASlowerFabricOrDmaHoldsTheCopiesUp) {
    const std::uint64_t plain = taken_by_dma(result_of({"chip.crossing_cycles=0"}));
    for (const char* key : {"chip.fabric.clock_mhz", "chip.dma.clock_mhz"})
        EXPECT_GT(taken_by_dma(result_of({"chip.crossing_cycles=0", std::string(key) + "=50"})), plain) << key;
}

TEST(ChipClocks, NumbersDoNotDependOnClocksNorTimeOnData) {
    const json full = result_of(with(odd, "run.check_protocol=true"));
    EXPECT_EQ(losses_of(full), losses_of(result_of({})));
    const Settings no_text = with(odd, "run.generate=0");
    EXPECT_EQ(time_of(result_of(with(no_text, "run.data=none"))), time_of(result_of(no_text)));
}

} // namespace
} // namespace gradus::test::chip_clocks_test
