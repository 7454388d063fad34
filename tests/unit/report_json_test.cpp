// SPDX-License-Identifier: Apache-2.0
#include "platform/report/json.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "platform/report/result_stream.h"
#include "platform/scenario/schema.h"
#include "tests/unit/report_fixture.h"

namespace gradus::report::report_json_test {
namespace {

using namespace report_fixture;
using nlohmann::json;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

std::uint64_t sum_of(const json& object) {
    std::uint64_t sum = 0;
    for (const auto& [name, value] : object.items())
        sum += value.is_object() ? sum_of(value) : value.get<std::uint64_t>();
    return sum;
}

std::uint64_t sum_over(const json& list, const char* field) {
    std::uint64_t sum = 0;
    for (const json& entry : list)
        sum += entry.at(field).get<std::uint64_t>();
    return sum;
}

TEST(ResultJson, WrittenPieceByPieceItIsTheTextOfTheWhole) {
    for (const unsigned steps : {0u, 1u, 2u, 40u}) {
        const std::string text = to_json(a_random_result(1, steps), a_schedule());
        EXPECT_EQ(text, json_text(nlohmann::ordered_json::parse(text))) << steps << " steps";
        const observe::Result result = a_random_result(1, steps);
        const schedule::Schedule schedule = a_schedule();
        ResultStream stream(result, schedule);
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), text) << steps << " steps";
    }
}

TEST(ResultJson, LongSeriesFillTheirLines) {
    observe::Result result = a_random_result(1, 2);
    result.over_time.window = 1 << 20;
    result.over_time.counts.resize(300);
    for (observe::Counts& counts : result.over_time.counts)
        counts[observe::Counter::doorbells] = 1'000'000;
    const std::string text = to_json(result, a_schedule());
    EXPECT_EQ(json::parse(text)["over_time"]["counters"].back()["values"], json(std::vector<int>(300, 1'000'000)));
    std::istringstream lines(text);
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);)
        if (line.find("1000000, ") != std::string::npos) longest = std::max(longest, line.size());
    EXPECT_GT(longest, 110u);
    EXPECT_LE(longest, 120u);
    EXPECT_THAT(text, HasSubstr("1000000, 1000000, 1000000, 1000000, 1000000, 1000000, 1000000,\n"));
}

TEST(ResultJson, UnitsPhasesKindsOpsAndStepsAddUpInPicoseconds) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const observe::Result result = a_random_result(seed, 10);
        const json parsed = json::parse(to_json(result, a_schedule()));
        const std::uint64_t time = parsed["totals"]["time_ps"];
        EXPECT_EQ(time, result.time);
        ASSERT_EQ(parsed["units"].size(), 5u);
        for (const json& unit : parsed["units"])
            EXPECT_EQ(unit["busy_ps"].get<std::uint64_t>() + sum_of(unit["stalled_ps"]) +
                          unit["idle_ps"].get<std::uint64_t>(),
                      time)
                << unit["name"];
        EXPECT_EQ(sum_over(parsed["phases"], "time_ps"), time);
        EXPECT_EQ(sum_over(parsed["kinds"], "time_ps"), time);
        EXPECT_EQ(sum_over(parsed["ops"], "time_ps"), time);
        EXPECT_EQ(sum_over(parsed["steps"], "time_ps"), parsed["totals"]["training_time_ps"]);
        EXPECT_EQ(sum_over(parsed["ops"], "macs"), parsed["totals"]["macs"]);
        EXPECT_EQ(sum_over(parsed["ops"], "commands"), parsed["totals"]["commands"]);
    }
}

/// What a unit did and what it did not in a part of the run that took `time`.
void expect_units_to_fill(const json& units, std::uint64_t time, const std::string& where) {
    EXPECT_EQ(units.size(), 5u) << where;
    for (const auto& [name, usage] : units.items()) {
        std::uint64_t sum = 0;
        for (const json& part : usage) {
            EXPECT_GE(part.get<std::int64_t>(), 0) << where << ", " << name;
            sum += part.get<std::uint64_t>();
        }
        EXPECT_EQ(sum, time) << where << ", " << name;
    }
}

TEST(ResultJson, WhatUnitsDidAddsUpInEveryPhaseLayerOpAndStep) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const json parsed = json::parse(to_json(a_random_result(seed, 10), a_schedule()));
        for (const char* level : {"phases", "layers", "ops", "steps"})
            for (const json& entry : parsed[level])
                expect_units_to_fill(entry["units_ps"], entry["time_ps"], std::string(level) + " " + entry.dump());
        EXPECT_EQ(sum_over(parsed["layers"], "time_ps"), parsed["totals"]["time_ps"]);
        for (std::size_t unit = 0; unit < parsed["units"].size(); ++unit) {
            const std::string name = parsed["units"][unit]["name"];
            for (const char* level : {"phases", "layers", "ops"}) {
                std::uint64_t busy = 0;
                for (const json& entry : parsed[level])
                    busy += entry["units_ps"][name]["busy"].get<std::uint64_t>();
                EXPECT_EQ(busy, parsed["units"][unit]["busy_ps"]) << level << ", " << name;
            }
        }
    }
}

TEST(ResultJson, TheCriticalPathOfAStepIsAsLongAsTheStep) {
    const json parsed = json::parse(to_json(a_random_result(3, 10), a_schedule()));
    for (const json& step : parsed["steps"])
        EXPECT_EQ(sum_of(step["critical_path_ps"]), step["time_ps"]);
    const json& path = parsed["critical_path"];
    EXPECT_EQ(path["time_ps"], parsed["totals"]["training_time_ps"]);
    EXPECT_EQ(sum_over(path["units"], "time_ps"), path["time_ps"]);
    EXPECT_EQ(sum_over(path["ops"], "time_ps"), path["time_ps"]);
    for (const char* level : {"phases", "layers", "ops"})
        EXPECT_EQ(sum_over(parsed[level], "critical_path_ps"), path["time_ps"]) << level;
}

TEST(ResultJson, ListsOfPlainValuesStandOnOneLine) {
    const std::string text = to_json(a_random_result(3, 2), a_schedule());
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 200u) << line;
    EXPECT_THAT(text,
                testing::ContainsRegex("\n {8}\"dma0\": \\[[0-9]+, [0-9]+, [0-9]+, [0-9]+, [0-9]+, [0-9]+\\],\n"));
}

TEST(ResultJson, NanosecondsAreThePicosecondsWithThreeDecimals) {
    observe::Result result = an_idle_result();
    result.time = 1'234'567'890'123;
    const std::string text = to_json(result, a_schedule());
    EXPECT_THAT(text, HasSubstr("\"time_ns\": 1234567890.123"));
    EXPECT_THAT(text, HasSubstr("\"time_ps\": 1234567890123"));
}

TEST(ResultJson, HoldsEveryScenarioParameterUnderItsKey) {
    observe::Result result = an_idle_result();
    result.scenario.chip.matrix.rows = 32;
    result.scenario.model.activation = scenario::Activation::gelu;
    const json parsed = json::parse(to_json(result, a_schedule()));
    for (const scenario::Parameter& parameter : scenario::schema()) {
        std::string pointer = "/scenario/" + std::string(parameter.key);
        for (char& character : pointer)
            if (character == '.') character = '/';
        EXPECT_TRUE(parsed.contains(json::json_pointer(pointer))) << parameter.key;
    }
    EXPECT_EQ(parsed["schema"], "gradus.result/1");
    EXPECT_EQ(parsed["scenario"]["name"], "names");
    EXPECT_EQ(parsed["scenario"]["chip"]["engine"]["matrix"]["rows"], 32);
    EXPECT_EQ(parsed["scenario"]["model"]["activation"], "gelu");
}

TEST(ResultJson, ClocksAreWhatTheirPeriodsMakeThem) {
    observe::Result result = a_random_result(1, 1);
    result.scenario.chip.clock_mhz = 3000; // 333 ps
    result.units[matrix].clock = {143};
    const nlohmann::json parsed = nlohmann::json::parse(to_json(result, a_schedule()));
    EXPECT_EQ(parsed["chip"]["clock_period_ps"], 333);
    EXPECT_EQ(parsed["chip"]["clock_hz"], 1e12 / 333);
    EXPECT_EQ(parsed["units"][matrix]["clock_period_ps"], 143);
}

TEST(ResultJson, FenceStallsAreSplitByTheNameOfTheQueue) {
    observe::Result result = an_idle_result();
    set(result, matrix, ip::Activity::stall_fence, 0.25);
    result.unit_totals[matrix].fence_stall_by_queue[dma1] = result.time / 4;
    const json parsed = json::parse(to_json(result, a_schedule()));
    const json& unit = parsed["units"][matrix];
    EXPECT_EQ(unit["stalled_ps"]["fence"], json({{"dma1", result.time / 4}}));
    EXPECT_EQ(unit["stalled_ns"]["fence"]["dma1"], 250'000.0);
}

TEST(ResultJson, LossIsNullWithoutDataAndWhenItIsNoNumber) {
    observe::Result result = an_idle_result();
    result.steps = {{0, 0, 1000, 3.5f}, {1, 1000, 2000, std::numeric_limits<float>::quiet_NaN()}};
    json parsed = json::parse(to_json(result, a_schedule()));
    EXPECT_EQ(parsed["steps"][0]["loss"], 3.5);
    EXPECT_TRUE(parsed["steps"][1]["loss"].is_null());
    result.scenario.run.data = scenario::DataPlane::none;
    parsed = json::parse(to_json(result, a_schedule()));
    EXPECT_TRUE(parsed["steps"][0]["loss"].is_null());
}

TEST(ResultJson, WarnsOfTheFirstStepWhoseLossIsNotFinite) {
    observe::Result result = a_random_result(1, 5);
    EXPECT_EQ(json::parse(to_json(result, a_schedule())).at("warnings"), json::array());
    result.steps = with_losses(
        result.steps, {{3, std::numeric_limits<float>::infinity()}, {4, std::numeric_limits<float>::quiet_NaN()}});
    const json warnings = json::parse(to_json(result, a_schedule())).at("warnings");
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_THAT(warnings[0].get<std::string>(),
                HasSubstr("the loss is inf at step " + std::to_string(result.steps[3].step)));
}

TEST(ResultJson, WarnsOfAClockBeyondItsLimitAndListsTheLimits) {
    observe::Result result = a_random_result(1, 5);
    result.scenario.chip.clock_mhz = 900; // the fabric ends at 857 MHz, the hart's SRAM at 466
    const json parsed = json::parse(to_json(result, a_schedule()));
    ASSERT_EQ(parsed.at("warnings").size(), 1u);
    EXPECT_THAT(parsed["warnings"][0].get<std::string>(), HasSubstr("sram 900 of 466.3 MHz, dma 900 of 857.1 MHz"));
    EXPECT_DOUBLE_EQ(parsed.at("chip").at("supply_v").get<double>(), 1.1);
    const json& matrix = parsed["chip"].at("clock_limits").at(0);
    EXPECT_EQ(matrix.at("name"), "matrix");
    EXPECT_DOUBLE_EQ(matrix.at("mhz").get<double>(), 900);
    EXPECT_DOUBLE_EQ(matrix.at("nominal_mhz").get<double>(), 1000);
}

TEST(ResultJson, OnlyHostDiffersBetweenTwoRuns) {
    observe::Result result = a_random_result(3, 5);
    json first = json::parse(to_json(result, a_schedule()));
    result.host = {99.5, 1};
    json second = json::parse(to_json(result, a_schedule()));
    EXPECT_NE(first, second);
    first.erase("host");
    second.erase("host");
    EXPECT_EQ(first, second);
}

TEST(ResultJson, HostileNamesAreEscaped) {
    observe::Result result = a_random_result(3, 2);
    const std::string hostile = "a\"b\\c\n\x01\xff\xc3(";
    result.scenario.name = result.units[0].name = hostile;
    result.texts = {hostile};
    schedule::Schedule schedule = a_schedule();
    schedule.ops[0].name = schedule.ops[0].kind = hostile;
    const json parsed = json::parse(to_json(result, schedule));
    EXPECT_EQ(parsed["texts"][0], "a\"b\\c\n\x01\xef\xbf\xbd\xef\xbf\xbd(");
    EXPECT_EQ(parsed["scenario"]["name"], parsed["texts"][0]);
}

TEST(ResultJson, ARunThatNeverBeganIsStillValid) {
    const json parsed = json::parse(to_json(observe::Result{}, schedule::Schedule{}));
    EXPECT_EQ(parsed["totals"]["time_ps"], 0);
    EXPECT_EQ(parsed["bound"], "nothing ran");
}

} // namespace
} // namespace gradus::report::report_json_test
