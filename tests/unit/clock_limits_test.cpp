// SPDX-License-Identifier: Apache-2.0
// How fast a process lets the blocks of a chip be, and what it costs to be near that.
#include "platform/cost/clock_limits.h"

#include <cmath>

#include <gmock/gmock.h>

#include "platform/cost/energy.h"
#include "platform/scenario/load.h"

namespace gradus::cost::clock_limits_test {
namespace {

using observe::Counter;
using scenario::Format;
using testing::HasSubstr;
using testing::Not;

scenario::ChipParameters chip(const std::string& name, const std::vector<std::string>& overrides = {}) {
    return scenario::load_chip("scenarios/chips/" + name + ".toml", overrides);
}

/// The smallest chip with a supply for 28 nm, and with engines of that clock beside everything else at 100 MHz.
scenario::ChipParameters with_engines_at(const std::string& mhz, const std::string& technology = "cmos-28nm") {
    return chip("tiny",
                {"chip.technology.base=scenarios/technology/" + technology + ".toml", "chip.engine.clock_mhz=" + mhz});
}

const BlockClock& of(const ChipClocks& clocks, std::string_view name) {
    for (const BlockClock& block : clocks.blocks)
        if (block.name == name) return block;
    throw std::out_of_range(std::string(name));
}

const Block& of(const std::vector<Block>& blocks, std::string_view name) {
    for (const Block& block : blocks)
        if (block.name == name) return block;
    throw std::out_of_range(std::string(name));
}

TEST(ClockLimits, ShippedChipsKeepToThemAtNominalVoltage) {
    for (const char* name : {"tiny", "edge", "train", "lean", "lean-calibrated"}) {
        const ChipClocks clocks = clocks_of(chip(name));
        EXPECT_EQ(clocks.volts, chip(name).technology.voltage.nominal) << name;
        for (const BlockClock& block : clocks.blocks)
            EXPECT_LE(block.mhz, block.nominal_mhz) << name << ": " << block.name;
        EXPECT_FALSE(clock_warning(chip(name))) << name;
    }
}

// The example of doc/cost.md. At 28 nm an element of the array reaches 1000 * 1.3 = 1300 MHz at 0.9 V. With a threshold
// of 0.35 V and an exponent of 1.3 the law gives 0.55^1.3 / 0.9 = 0.4597 / 0.9 = 0.5108 there and 0.65^1.3 / 1.0 =
// 0.5712 at 1.0 V, 1.118 times as much: 1454 MHz. At the highest voltage, 1.05 V, it is 0.70^1.3 / 1.05 = 0.5990 or
// 1.173 times: 1525 MHz. So 1454 MHz takes 1.0 V, (1.0 / 0.9)^2 = 1.235 times the dynamic energy, 1.111 times the
// leakage of an area, and of the way from 1300 to 1525 MHz it is 0.685: 1 + 0.25 * 0.685 = 1.171 times the area.
TEST(ClockLimits, AClockBeyondNominalTakesTheVoltageEnergyAndAreaOfTheWorkedExample) {
    const scenario::ChipParameters usual = with_engines_at("1300"), fast = with_engines_at("1453.8");
    const ChipClocks clocks = clocks_of(fast);
    EXPECT_NEAR(of(clocks, "matrix").nominal_mhz, 1300, 1e-9);
    EXPECT_NEAR(of(clocks, "matrix").highest_mhz, 1524.6, 0.1);
    EXPECT_NEAR(clocks.volts, 1.0, 1e-4);
    EXPECT_EQ(clocks_of(usual).volts, 0.9) << "1300 MHz is nominal";

    const std::vector<Block> before = blocks_of(usual, Format::fp32), after = blocks_of(fast, Format::fp32);
    const auto ratio = [&](std::string_view name, Counter event) {
        return of(after, name).of(event) / of(before, name).of(event);
    };
    EXPECT_NEAR(ratio("matrix", Counter::macs_fp32), 1.235, 0.001);
    EXPECT_NEAR(ratio("cpu", Counter::instructions), 1.235, 0.001) << "one supply feeds the whole chip";
    EXPECT_NEAR(of(after, "matrix").square_millimetres / of(before, "matrix").square_millimetres, 1.171, 0.001);
    EXPECT_NEAR(of(after, "matrix").static_watts / of(before, "matrix").static_watts, 1.171 * 1.111, 0.002);
    for (const char* slow : {"cpu", "dma", "sram", "scratchpad"}) { // the scratchpad is beside the array, and faster
        EXPECT_EQ(of(after, slow).square_millimetres, of(before, slow).square_millimetres) << slow;
        EXPECT_NEAR(of(after, slow).static_watts / of(before, slow).static_watts, 1.111, 0.001) << slow;
    }
    for (const char* apart : {"dram", "dram interface"}) { // they have supplies of their own
        EXPECT_EQ(of(after, apart).picojoules, of(before, apart).picojoules) << apart;
        EXPECT_EQ(of(after, apart).static_watts, of(before, apart).static_watts) << apart;
    }
}

TEST(ClockLimits, NothingChangesUpToTheNominalFrequency) {
    const std::vector<Block> slow = blocks_of(with_engines_at("100"), Format::fp32);
    const std::vector<Block> nominal = blocks_of(with_engines_at("1300"), Format::fp32);
    for (std::size_t i = 0; i < slow.size(); ++i) {
        EXPECT_EQ(slow[i].picojoules, nominal[i].picojoules) << slow[i].name;
        EXPECT_EQ(slow[i].static_watts, nominal[i].static_watts) << slow[i].name;
        EXPECT_EQ(slow[i].square_millimetres, nominal[i].square_millimetres) << slow[i].name;
    }
}

TEST(ClockLimits, BeyondTheHighestAWarningNamesBlockFrequencyLimitProcessAndUncertainty) {
    EXPECT_FALSE(clock_warning(with_engines_at("1524")));
    const std::string warning = clock_warning(with_engines_at("4000")).value_or("");
    EXPECT_THAT(warning, HasSubstr("cmos-28nm at 1.05 V"));
    EXPECT_THAT(warning, HasSubstr("matrix 4000 of 1525 MHz, vector 4000 of 1525 MHz, scratchpad 4000 of "));
    EXPECT_THAT(warning, HasSubstr("a factor of 1.8 either way")); // 1.5 of the design times 1.2 of the process
    EXPECT_THAT(warning, Not(HasSubstr("cpu"))) << "the hart is at 100 MHz";
    // What it costs does not grow beyond the limit.
    EXPECT_NEAR(clocks_of(with_engines_at("4000")).volts, 1.05, 1e-12);
    EXPECT_EQ(of(blocks_of(with_engines_at("4000"), Format::fp32), "matrix").square_millimetres,
              of(blocks_of(with_engines_at("9000"), Format::fp32), "matrix").square_millimetres);
}

// At 45 nm an access to 1 MiB, 128 times 8 KiB, takes 0.42 + 0.195 * sqrt(128) = 2.626 ns: 380.8 MHz in one cycle,
// twice that in two. However many cycles it may take, one macro after the other is no faster than 1 / 0.42 ns = 2381
// MHz.
TEST(ClockLimits, OfAMemoryFallsWithTheSquareRootOfItsCapacityAndRisesWithItsLatency) {
    const auto nominal = [](const std::string& bytes, const std::string& latency) {
        return of(clocks_of(chip("tiny", {"chip.sram.bytes=" + bytes, "chip.sram.latency=" + latency})), "sram")
            .nominal_mhz;
    };
    EXPECT_NEAR(nominal("0x100000", "1"), 380.8, 0.1);
    EXPECT_NEAR(nominal("0x100000", "0"), 380.8, 0.1);
    EXPECT_NEAR(nominal("0x100000", "2"), 761.6, 0.1);
    EXPECT_NEAR(nominal("0x100000", "100"), 2381, 0.1);
    // A bank of the scratchpad is a macro: 64 KiB in 16 banks of 4 KiB, 0.42 + 0.195 * sqrt(0.5) = 0.5579 ns.
    EXPECT_NEAR(of(clocks_of(chip("tiny")), "scratchpad").nominal_mhz, 1792.5, 0.5);
}

// Boost clocks of matrix units on the market, by their maker's data sheets: K40 (28 nm) 875 MHz, P100 (16 nm) 1480,
// V100 (12 nm) 1530, A100 (7 nm) 1410, H100 (4N, of the class of 5 nm) 1980. And a hart of 1300 MHz at 1.2 V in 45 nm
// (Lee et al., ESSCIRC 2014), where the highest voltage here is 1.1.
TEST(ClockLimits, OfAnArrayAreAboveWhatIsOnTheMarketAndWithinTheStatedUncertaintyOfIt) {
    const std::pair<const char*, double> products[] = {
        {"cmos-28nm", 875}, {"cmos-16nm", 1480}, {"cmos-12nm", 1530}, {"cmos-7nm", 1410}, {"cmos-5nm", 1980}};
    for (const auto& [technology, mhz] : products) {
        const ChipClocks clocks = clocks_of(with_engines_at("100", technology));
        EXPECT_GE(of(clocks, "matrix").highest_mhz, mhz) << technology;
        EXPECT_LE(of(clocks, "matrix").highest_mhz / clocks.uncertainty, mhz) << technology;
    }
    EXPECT_NEAR(of(clocks_of(chip("tiny", {"chip.technology.voltage.highest=1.2"})), "cpu").highest_mhz, 1300, 50);
}

// Stillmaker and Baas, Integration 58, 2017: delay of a gate by their polynomials, relative to 45 nm at 0.9 V (high
// performance); 28 nm between 32 and 20 by powers of the node, 12 nm as 14. From 16 nm on theirs are predictive models.
TEST(ClockLimits, SpeedsOfProcessesAreThoseOfStillmakerAndBaasWithinTheStatedUncertainty) {
    const std::pair<const char*, double> gates[] = {
        {"cmos-130nm", 0.38}, {"cmos-28nm", 1.44}, {"cmos-16nm", 1.97}, {"cmos-12nm", 2.79}, {"cmos-7nm", 3.89}};
    for (const auto& [name, speed] : gates) {
        const scenario::TechnologyParameters technology = with_engines_at("100", name).technology;
        const double factor = speed / technology.scale.speed;
        EXPECT_LE(factor, technology.uncertainty.clock * technology.scale.speed_uncertainty) << name;
        EXPECT_GE(factor, 1 / (technology.uncertainty.clock * technology.scale.speed_uncertainty)) << name;
    }
}

// A device has one voltage: a quarter of the speed of 16 nm, and nothing beyond.
TEST(ClockLimits, AnFpgaIsSlowerAndCannotBePushed) {
    const ChipClocks clocks = clocks_of(with_engines_at("100", "fpga-16nm"));
    EXPECT_NEAR(of(clocks, "matrix").nominal_mhz, 440, 1e-9);
    EXPECT_EQ(of(clocks, "matrix").highest_mhz, of(clocks, "matrix").nominal_mhz);
    EXPECT_THAT(clock_warning(with_engines_at("450", "fpga-16nm")).value_or(""), HasSubstr("450 of 440 MHz"));
}

TEST(ClockLimits, VoltagesThatContradictEachOtherAreRefused) {
    EXPECT_THAT([] { chip("tiny", {"chip.technology.voltage.highest=0.8"}); },
                testing::ThrowsMessage<scenario::ScenarioError>(
                    HasSubstr("chip.technology.voltage.highest = 0.8 must not be below "
                              "chip.technology.voltage.nominal = 0.9")));
    EXPECT_THAT([] { chip("tiny", {"chip.technology.voltage.threshold=0.9"}); },
                testing::ThrowsMessage<scenario::ScenarioError>(
                    HasSubstr("chip.technology.voltage.threshold = 0.9 must be below")));
}

} // namespace
} // namespace gradus::cost::clock_limits_test
