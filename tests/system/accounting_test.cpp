// SPDX-License-Identifier: Apache-2.0
// Every picosecond of a run has an owner, and every multiplication of the schedule is done once: on random chips with
// random models.
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/report/json.h"
#include "platform/scenario/check.h"
#include "tests/support/chip_run.h"
#include "tests/support/random_models.h"

namespace gradus::test::accounting_test {
namespace {

using nlohmann::json;

/// Any chip the schema allows, but for what would take too long or is too small for the models.
scenario::ChipParameters random_chip(std::mt19937_64& engine) {
    const auto from_to = [&](std::uint64_t low, std::uint64_t high) { return low + engine() % (high - low + 1); };
    const auto power_of_two = [&](unsigned low, unsigned high) { return std::uint64_t{1} << from_to(low, high); };
    const auto small = [&](std::uint64_t low, std::uint64_t high) { return static_cast<unsigned>(from_to(low, high)); };
    scenario::ChipParameters chip;
    chip.clock_mhz = static_cast<double>(from_to(30, 3000));
    for (ip::Cycles* cycles : {&chip.cpu.alu, &chip.cpu.multiply, &chip.cpu.load, &chip.cpu.store, &chip.cpu.branch,
                               &chip.cpu.branch_taken, &chip.cpu.atomic, &chip.cpu.csr, &chip.cpu.trap})
        *cycles = from_to(1, 6);
    chip.cpu.divide = from_to(1, 64);
    chip.sram = {power_of_two(18, 22), power_of_two(2, 7), from_to(0, 9)};
    chip.scratchpad = {power_of_two(14, 20), 1u << from_to(0, 6), power_of_two(2, 5), from_to(0, 9)};
    chip.dram.bytes = 64u << 20;
    chip.dram.channels = 1u << from_to(0, 3);
    chip.dram.timing.period = from_to(300, 10'000);
    chip.dram.organisation = {1u << from_to(0, 1), 1u << from_to(0, 2), 1u << from_to(1, 3), 2048,
                              power_of_two(4, 6),  engine() % 2 == 0};
    chip.dram.policy.scheduler = engine() % 2 ? ip::DramScheduler::first_ready : ip::DramScheduler::bank_machines;
    chip.dram.policy.page_policy = static_cast<ip::DramPagePolicy>(from_to(0, 2));
    chip.dram.policy.front_end = from_to(0, 100);
    chip.bus.latency = from_to(0, 9);
    const auto maybe = [&](std::uint64_t value) { return engine() % 2 ? value : 0; };
    for (double* clock : {&chip.fabric_clock_mhz, &chip.dma_clock_mhz, &chip.engine_clock_mhz})
        *clock = static_cast<double>(maybe(from_to(30, 3000)));
    chip.crossing_cycles = from_to(0, 4);
    chip.fabric = {power_of_two(2, 8), from_to(1, 12), static_cast<ip::FabricArbitration>(from_to(0, 2)), small(1, 20)};
    chip.fabric_ports = {maybe(power_of_two(2, 8)), maybe(power_of_two(2, 8)), maybe(power_of_two(2, 8))};
    chip.dma = {small(1, 6), small(1, 16), power_of_two(4, 11), from_to(0, 20), from_to(1, 4)};
    chip.dma.row_cycles = from_to(0, 4);
    chip.dma.align_bytes = maybe(power_of_two(4, 12));
    chip.dma.port_bytes = maybe(power_of_two(2, 8));
    chip.dma.transpose_elements = small(0, 9);
    chip.dma.chaining = engine() % 2;
    chip.queue = {small(0, 6), from_to(0, 12)};
    chip.matrix = {small(1, 40), small(1, 40), from_to(0, 20), power_of_two(2, 9)};
    chip.matrix.dataflow = static_cast<ip::Dataflow>(from_to(0, 3));
    chip.matrix.folds = static_cast<ip::FoldChaining>(from_to(0, 1));
    chip.matrix.edge_folds = static_cast<ip::EdgeFolds>(from_to(0, 1));
    chip.vector.lanes = small(1, 40);
    chip.vector.startup_cycles = from_to(0, 20);
    chip.vector.port_bytes = power_of_two(2, 9);
    chip.vector.exp_interval = from_to(1, 8);
    chip.vector.reciprocal_interval = from_to(1, 8);
    chip.vector.root_interval = from_to(1, 8);
    chip.vector.tree = static_cast<ip::ReductionTree>(from_to(0, 1));
    chip.vector.results = static_cast<ip::VectorResults>(from_to(0, 1));
    chip.vector.fused = engine() % 2;
    chip.vector.columns = engine() % 2;
    return chip;
}

scenario::Scenario random_scenario(std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    const RandomModel random = random_model(seed);
    scenario::Scenario scenario;
    scenario.chip = random_chip(engine);
    scenario.model = random.model;
    scenario.model.format = engine() % 2 ? scenario::Format::bf16 : scenario::Format::fp32;
    scenario.run = random.run;
    scenario.run.data = engine() % 2 ? scenario::DataPlane::full : scenario::DataPlane::none;
    scenario.run.dmi = engine() % 2;
    scenario.model.precision = engine() % 2 ? scenario::Precision::mixed : scenario::Precision::fp32;
    scenario.run.clip = engine() % 2 ? 0.5 : 0;
    return scenario;
}

std::int64_t sum(const json& entries, const char* field) {
    std::int64_t total = 0;
    for (const json& entry : entries)
        total += entry.at(field).get<std::int64_t>();
    return total;
}

void expect_units_to_add_up(const json& result) {
    const std::int64_t time = result.at("totals").at("time_ps");
    for (const json& unit : result.at("units")) {
        std::int64_t owned = 0;
        const auto add = [&](const json& part) {
            EXPECT_GE(part.get<std::int64_t>(), 0) << unit.at("name");
            owned += part.get<std::int64_t>();
        };
        add(unit.at("busy_ps"));
        add(unit.at("idle_ps"));
        for (const json& part : unit.at("stalled_ps"))
            if (part.is_object())
                for (const json& by_queue : part)
                    add(by_queue);
            else
                add(part);
        EXPECT_EQ(owned, time) << unit.at("name");
    }
}

void expect_the_last_step_to_add_up(const json& result) {
    const json& step = result.at("steady");
    const std::int64_t time = step.at("time_ps");
    EXPECT_EQ(time, result.at("steps").back().at("time_ps"));
    for (const char* owners : {"ops", "phases", "kinds"})
        EXPECT_EQ(sum(step.at(owners), "time_ps"), time) << owners;
    EXPECT_EQ(sum(step.at("ops"), "critical_path_ps"), time);
    EXPECT_EQ(sum(step.at("critical_path").at("units"), "time_ps"), time);
    for (const auto& [unit, parts] : step.at("units_ps").items()) {
        std::int64_t covered = 0;
        for (const json& part : parts)
            covered += part.get<std::int64_t>();
        EXPECT_EQ(covered, time) << unit;
    }
}

void expect_steps_to_follow_each_other(const observe::Result& result) {
    ip::Picoseconds begin = 0;
    std::uint32_t number = 0;
    for (const observe::StepRecord& step : result.steps) {
        EXPECT_EQ(step.step, number++);
        EXPECT_EQ(step.begin, begin) << "step " << step.step;
        EXPECT_GT(step.end, step.begin) << "step " << step.step;
        begin = step.end;
    }
    EXPECT_LE(begin, result.time);
}

class AccountingOfRandomScenario : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(AccountingOfRandomScenario, AddsUpToTheRun) {
    const std::uint64_t seed = GetParam();
    const scenario::Scenario scenario = random_scenario(seed);
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ": " << random_model(seed).describe());
    ASSERT_FALSE(scenario::find_conflict(scenario));
    const ChipRun run(scenario);
    const chip::Outcome outcome = run.simulate();
    ASSERT_FALSE(outcome.failure) << *outcome.failure;
    ASSERT_EQ(outcome.result.exit_code, 0);
    ASSERT_EQ(outcome.result.steps.size(), scenario.run.steps);
    expect_steps_to_follow_each_other(outcome.result);

    const json result = json::parse(report::to_json(outcome.result, run.schedule));
    expect_units_to_add_up(result);
    const std::int64_t time = result.at("totals").at("time_ps");
    for (const char* owners : {"ops", "phases", "kinds"})
        EXPECT_EQ(sum(result.at(owners), "time_ps"), time) << owners;
    expect_the_last_step_to_add_up(result);
    EXPECT_EQ(sum(result.at("steps"), "time_ps"), result.at("totals").at("training_time_ps").get<std::int64_t>());
}

TEST_P(AccountingOfRandomScenario, DoesTheWorkOfTheScheduleAndNoMore) {
    const std::uint64_t seed = GetParam();
    const ChipRun run(random_scenario(seed));
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ": " << random_model(seed).describe());
    const chip::Outcome outcome = run.simulate();
    ASSERT_EQ(outcome.result.exit_code, 0);
    const json result = json::parse(report::to_json(outcome.result, run.schedule));

    std::uint64_t scheduled = 0;
    for (const schedule::Op& op : run.schedule.ops)
        scheduled += op.macs * run.scenario.run.steps;
    EXPECT_GT(scheduled, 0u);
    EXPECT_EQ(sum(result.at("ops"), "macs"), result.at("totals").at("macs").get<std::int64_t>());
    for (const json& op : result.at("ops")) {
        const std::uint64_t done = op.at("macs"),
                            wanted = op.at("scheduled_macs").get<std::uint64_t>() * run.scenario.run.steps;
        // Blocks of scores that are hidden in part are computed as a whole.
        if (op.at("kind").get<std::string>().find("attention") == 0)
            EXPECT_GE(done, wanted) << op.at("name");
        else
            EXPECT_EQ(done, wanted) << op.at("name");
    }
    for (const char* count : {"commands", "macs", "elements", "dram_bytes_read", "dram_bytes_written",
                              "scratchpad_bytes_read", "scratchpad_bytes_written"})
        EXPECT_EQ(sum(result.at("ops"), count), sum(result.at("units"), count)) << count;
    EXPECT_EQ(sum(result.at("units"), "commands"), result.at("totals").at("commands").get<std::int64_t>());
}

INSTANTIATE_TEST_SUITE_P(Seeds, AccountingOfRandomScenario, ::testing::Range<std::uint64_t>(1, 21));

} // namespace
} // namespace gradus::test::accounting_test
