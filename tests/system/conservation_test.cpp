// SPDX-License-Identifier: Apache-2.0
// Where the time went, from the outside: for random chips and models, the program's own result.json adds up at every
// level, and the critical path of every step is as long as the step.
#include <filesystem>
#include <map>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"

namespace gradus::test::conservation_test {
namespace {

using nlohmann::json;

std::vector<std::string> random_arguments(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto from_to = [&](std::uint64_t low, std::uint64_t high) { return low + random() % (high - low + 1); };
    std::vector<std::string> arguments{"run", "scenarios/runs/names.toml", "--json", "--trace", "off"};
    const auto set = [&](const char* key, const std::string& value) {
        arguments.insert(arguments.end(), {"--set", fmt::format("{}={}", key, value)});
    };
    const auto number = [&](const char* key, std::uint64_t low, std::uint64_t high) {
        set(key, std::to_string(from_to(low, high)));
    };
    const auto power = [&](const char* key, unsigned low, unsigned high) {
        set(key, std::to_string(std::uint64_t{1} << from_to(low, high)));
    };
    number("chip.clock_mhz", 30, 3000);
    number("chip.dma.channels", 1, 6);
    number("chip.dma.outstanding", 1, 16);
    power("chip.dma.burst_bytes", 4, 11);
    number("chip.queue.prefetch", 0, 6);
    number("chip.queue.issue_cycles", 0, 12);
    power("chip.fabric.port_bytes", 2, 8);
    number("chip.engine.matrix.rows", 1, 40);
    number("chip.engine.matrix.cols", 1, 40);
    number("chip.engine.vector.lanes", 1, 40);
    power("chip.scratchpad.bytes", 14, 20);
    const std::uint64_t heads = from_to(1, 4);
    set("model.heads", std::to_string(heads));
    set("model.width", std::to_string(heads * from_to(1, 6)));
    const char* const technologies[] = {"cmos-130nm", "cmos-45nm", "cmos-28nm", "cmos-16nm",
                                        "cmos-12nm",  "cmos-7nm",  "cmos-5nm",  "fpga-16nm"};
    set("chip.technology.base", fmt::format("scenarios/technology/{}.toml", technologies[from_to(0, 7)]));
    number("model.layers", 1, 3);
    number("model.context", 1, 12);
    number("model.mlp_width", 1, 40);
    number("run.batch", 1, 3);
    number("run.generate", 0, 1);
    set("run.data", random() % 2 ? "full" : "none");
    set("run.dmi", random() % 2 ? "true" : "false");
    set("run.steps", "3");
    return arguments;
}

std::int64_t sum_of(const json& entries) {
    std::int64_t sum = 0;
    for (const json& entry : entries) {
        const std::int64_t value = entry.is_structured() ? sum_of(entry) : entry.get<std::int64_t>();
        EXPECT_GE(value, 0);
        sum += value;
    }
    return sum;
}

std::int64_t sum_of(const json& entries, const char* field) {
    std::int64_t sum = 0;
    for (const json& entry : entries)
        sum += entry.at(field).get<std::int64_t>();
    return sum;
}

/// Over time everything adds up to the totals, and no unit does more in a window than it is long.
void expect_conserved_over_time(const json& result) {
    const json& over_time = result.at("over_time");
    const std::int64_t window = over_time.at("window_ps"), time = result.at("totals").at("time_ps");
    const std::size_t windows = static_cast<std::size_t>((time + window - 1) / window);
    ASSERT_LE(windows, 512u);
    ASSERT_EQ(over_time.at("units").size(), result.at("units").size());
    for (std::size_t i = 0; i < result.at("units").size(); ++i) {
        const json &unit = result.at("units")[i], &series = over_time.at("units")[i];
        ASSERT_EQ(series.at("name"), unit.at("name"));
        ASSERT_EQ(series.at("busy_ps").size(), windows);
        EXPECT_EQ(sum_of(series.at("busy_ps")), unit.at("busy_ps"));
        EXPECT_EQ(sum_of(series.at("stalls")), sum_of(unit.at("stalled_ps")));
        for (std::size_t at = 0; at < windows; ++at) {
            std::int64_t taken = series.at("busy_ps")[at];
            for (const json& stall : series.at("stalls"))
                taken += stall[at].get<std::int64_t>();
            EXPECT_LE(taken, window) << unit.at("name") << ", window " << at;
        }
    }
    std::map<std::string, std::int64_t> totals;
    for (const json& counter : over_time.at("counters")) {
        ASSERT_EQ(counter.at("values").size(), windows);
        EXPECT_EQ(sum_of(counter.at("values")), counter.at("total")) << counter.at("name");
        totals[counter.at("name")] = counter.at("total");
    }
    for (const json& memory : result.at("memories")) {
        const std::string name = memory.at("name");
        EXPECT_EQ(totals.at(name + ".read_bytes"), memory.at("bytes_read"));
        EXPECT_EQ(totals.at(name + ".write_bytes"), memory.at("bytes_written"));
        if (name != "dram") continue;
        for (const char* rows : {"row_hits", "row_misses", "row_conflicts", "refreshes"})
            EXPECT_EQ(totals.at("dram." + std::string(rows)), memory.at(rows)) << rows;
        EXPECT_EQ(totals.at("dram.read_bursts"), memory.at("bursts_read"));
        EXPECT_EQ(totals.at("dram.write_bursts"), memory.at("bursts_written"));
        const std::int64_t burst = result.at("scenario").at("chip").at("dram").at("organisation").at("burst_bytes");
        EXPECT_GE(totals.at("dram.read_bursts") * burst, totals.at("dram.read_bytes"));
        EXPECT_GE(totals.at("dram.write_bursts") * burst, totals.at("dram.write_bytes"));
    }
    EXPECT_EQ(totals.at("matrix.macs_fp32") + totals.at("matrix.macs_bf16"), result.at("totals").at("macs"));
    EXPECT_EQ(totals.at("cpu.instructions"), result.at("totals").at("instructions"));
    EXPECT_EQ(totals.at("commands"), result.at("totals").at("commands"));
}

/// Energy is the sum of its blocks, of its kinds, and the integral of power over time.
void expect_energy_conserved(const json& result) {
    const json& energy = result.at("energy");
    const double total = energy.at("total_j");
    ASSERT_GT(total, 0);
    double of_blocks = 0, of_kinds = 0, integral = 0;
    for (const json& block : energy.at("blocks")) {
        of_blocks += block.at("total_j").get<double>();
        EXPECT_NEAR(block.at("total_j").get<double>(),
                    block.at("dynamic_j").get<double>() + block.at("leakage_j").get<double>() +
                        block.at("standby_j").get<double>(),
                    1e-9 * total);
    }
    for (const json& kind : energy.at("kinds"))
        of_kinds += kind.get<double>();
    const json& over_time = result.at("over_time");
    const std::int64_t window = over_time.at("window_ps"), time = result.at("totals").at("time_ps");
    for (const json& block : over_time.at("power_w"))
        for (std::size_t i = 0; i < block.at("values").size(); ++i)
            integral += block.at("values")[i].get<double>() * 1e-12 *
                        static_cast<double>(std::min(window, time - static_cast<std::int64_t>(i) * window));
    EXPECT_NEAR(of_blocks / total, 1, 1e-9);
    EXPECT_NEAR(of_kinds / total, 1, 1e-9);
    EXPECT_NEAR(integral / total, 1, 1e-9);
    EXPECT_NEAR(energy.at("average_w").get<double>() * static_cast<double>(time) * 1e-12 / total, 1, 1e-9);
    EXPECT_LE(energy.at("low_j"), total);
    EXPECT_GE(energy.at("high_j"), total);
    EXPECT_LE(energy.at("average_w").get<double>(), energy.at("peak_w").get<double>() * (1 + 1e-9));
    const double steps = energy.at("step_j").get<double>() * static_cast<double>(result.at("steps").size());
    EXPECT_LE(steps, total * (1 + 1e-9));
    EXPECT_GT(steps, 0);
}

/// What the fabric and the ports saw adds up to what the memories counted, and to what the units' commands moved.
void expect_traffic_conserved(const json& result) {
    std::map<std::string, std::int64_t> of_memory, of_unit;
    for (const json& flow : result.at("traffic"))
        for (const std::string direction : {"bytes_read", "bytes_written"}) {
            const std::int64_t bytes = flow.at(direction);
            const std::string memory = flow.at("memory"), unit = flow.at("unit");
            of_memory[memory + "." + direction] += bytes;
            if (flow.at("what") == "data")
                of_unit[unit + "." + memory + "_" + direction] += bytes;
            else
                EXPECT_EQ(memory, "sram") << "where the rings are";
        }
    for (const json& memory : result.at("memories"))
        for (const std::string direction : {"bytes_read", "bytes_written"})
            EXPECT_EQ(of_memory[memory.at("name").get<std::string>() + "." + direction], memory.at(direction))
                << memory;
    for (const json& unit : result.at("units"))
        for (const std::string moved :
             {"dram_bytes_read", "dram_bytes_written", "scratchpad_bytes_read", "scratchpad_bytes_written"})
            if (unit.at("kind") != "cpu") {
                EXPECT_EQ(of_unit[unit.at("name").get<std::string>() + "." + moved], unit.at(moved)) << unit;
            }
    EXPECT_GT(of_memory["sram.bytes_read"], 0) << "descriptors";
}

class Conservation : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Conservation, EveryPicosecondOfEveryUnitHasOneOwnerAtEveryLevel) {
    const std::uint64_t seed = GetParam();
    const TemporaryFolder folder;
    std::vector<std::string> arguments = random_arguments(seed);
    arguments.insert(arguments.end(), {"--out", folder.path("out")});
    SCOPED_TRACE(fmt::format("seed {}: gradus {}", seed, fmt::join(arguments, " ")));
    const ProgramRun run = run_program(arguments);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json result = json::parse(run.out);

    const std::int64_t time = result.at("totals").at("time_ps");
    for (const char* level : {"phases", "layers", "ops", "steps"})
        for (const json& entry : result.at(level))
            for (const auto& [unit, usage] : entry.at("units_ps").items())
                ASSERT_EQ(sum_of(usage), entry.at("time_ps")) << level << ", " << unit << ": " << entry;
    for (const json& unit : result.at("units")) {
        EXPECT_EQ(unit.at("busy_ps").get<std::int64_t>() + sum_of(unit.at("stalled_ps")) +
                      unit.at("idle_ps").get<std::int64_t>(),
                  time)
            << unit;
        for (const char* level : {"phases", "layers", "ops"}) {
            std::int64_t idle = 0;
            for (const json& entry : result.at(level))
                idle += entry.at("units_ps").at(unit.at("name").get<std::string>()).at("idle").get<std::int64_t>();
            EXPECT_EQ(idle, unit.at("idle_ps")) << level << ", " << unit.at("name");
        }
    }
    for (const char* level : {"phases", "layers", "ops", "kinds"})
        EXPECT_EQ(sum_of(result.at(level), "time_ps"), time) << level;

    const std::int64_t training = result.at("totals").at("training_time_ps");
    EXPECT_EQ(sum_of(result.at("steps"), "time_ps"), training);
    for (const json& step : result.at("steps")) {
        EXPECT_EQ(sum_of(step.at("critical_path_ps")), step.at("time_ps")) << step;
        for (const auto& [resource, bound] : step.at("lower_bounds_ps").items())
            EXPECT_LE(bound.get<std::int64_t>(), step.at("time_ps").get<std::int64_t>()) << resource << ": " << step;
    }
    expect_conserved_over_time(result);
    expect_energy_conserved(result);
    expect_traffic_conserved(result);
    const json& path = result.at("critical_path");
    EXPECT_EQ(path.at("time_ps"), training);
    EXPECT_EQ(sum_of(path.at("units"), "time_ps"), training);
    EXPECT_EQ(sum_of(path.at("ops"), "time_ps"), training);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Conservation, ::testing::Range<std::uint64_t>(1, 13));

} // namespace
} // namespace gradus::test::conservation_test
