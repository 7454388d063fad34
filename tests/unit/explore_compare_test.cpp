// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gmock/gmock.h>

#include "platform/explore/compare.h"
#include "platform/scenario/read_file.h"

namespace gradus::explore::explore_compare_test {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

/// Two steps of 500 ns, all of which the hart executes for 200 and the matrix unit for 300.
Json small_result() {
    return Json::parse(R"json({
        "schema": "gradus.result/1",
        "scenario": {"name": "small", "chip": {"clock_mhz": 100.0, "engine": {"matrix": {"rows": 4}}}},
        "totals": {"time_ps": 1100000, "training_time_ps": 1000000, "steps": 2, "mean_step_ps": 500000,
                   "tokens_per_step": 16, "tokens_per_second": 32000000.0, "parameters": 10, "instructions": 50},
        "steady": {"time_ps": 400000, "tokens_per_second": 40000000.0},
        "bound": "bound by compute (matrix)",
        "critical_path": {
            "units": [{"name": "matrix", "execute_ps": 600000, "memory_ps": 0, "fetch_ps": 0, "wait_ps": 0},
                      {"name": "cpu", "execute_ps": 400000, "memory_ps": 0, "fetch_ps": 0, "wait_ps": 0}],
            "ops": [{"name": "up", "phase": "forward", "time_ps": 700000},
                    {"name": "up", "phase": "backward", "time_ps": 300000}]},
        "phases": [{"name": "forward", "time_ps": 1100000}],
        "units": [{"name": "matrix", "busy_ps": 600000, "stalled_ps": {"fetch": 1, "memory": 2, "bus": 0, "fence": {"dma0": 4}}}],
        "memories": [{"name": "dram", "bytes_read": 100, "bytes_written": 20, "bytes_per_second": 5.0, "busy_ps": 110000,
                      "row_hits": 3, "row_misses": 1, "row_conflicts": 0}]
    })json");
}

/// The same with an array twice as fast: 150 ns less a step.
Json fast_result() {
    Json json = small_result();
    json["scenario"]["name"] = "fast";
    json["scenario"]["chip"]["engine"]["matrix"]["rows"] = 8;
    json["totals"]["time_ps"] = 800000;
    json["totals"]["training_time_ps"] = 700000;
    json["totals"]["mean_step_ps"] = 350000;
    json["steady"] = {{"time_ps", 280000}, {"tokens_per_second", 57142857.0}};
    json["critical_path"]["units"][0]["execute_ps"] = 280000;
    json["critical_path"]["units"][1]["execute_ps"] = 420000;
    json["critical_path"]["ops"][0]["time_ps"] = 400000;
    return json;
}

Comparison compared(const Json& a, const Json& b) { return compare({{"a.json", a}, {"b.json", b}}); }

const FigureRow& figure(const Comparison& comparison, const std::string& group, const std::string& name) {
    for (const FigureRow& row : comparison.figures)
        if (row.group == group && row.name == name) return row;
    throw std::out_of_range(group + " " + name);
}

TEST(ResultFile, KeepsOfTheStepsTheLastAndGivesTheWholeTextOnceMore) {
    Json json = small_result();
    for (int step = 0; step < 100; ++step)
        json["steps"].push_back({{"step", step}, {"time_ps", 1000 + step}});
    const std::string text = json.dump();
    const ResultFile file = parse_result("small", text);
    EXPECT_EQ(file.list("/steps"), Json::parse(R"([{"step": 99, "time_ps": 1099}])"));
    EXPECT_EQ(file.number("/totals/time_ps"), 1100000);
    for (int reading = 0; reading < 2; ++reading) {
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file.text_again()), {}), text);
    }
    EXPECT_THROW(parse_result("small", "{"), ResultError);
    EXPECT_THROW(parse_result("small", "{}"), ResultError);
    EXPECT_THROW(read_result("/nowhere/result.json"), scenario::FileError);
}

TEST(Compare, NamesTheInputsThatDifferWithTheirUnitsAndNoOthers) {
    const Comparison comparison = compared(small_result(), fast_result());
    ASSERT_EQ(comparison.inputs.size(), 1U);
    EXPECT_EQ(comparison.inputs[0].key, "chip.engine.matrix.rows");
    EXPECT_THAT(comparison.inputs[0].values, testing::ElementsAre("4", "8"));

    Json slow = small_result();
    slow["scenario"]["chip"]["clock_mhz"] = 50.0;
    EXPECT_EQ(compared(small_result(), slow).inputs.at(0).unit, "MHz");
}

TEST(Compare, GivesEveryFigureWithItsRatioToTheFirst) {
    const Comparison comparison = compared(small_result(), fast_result());
    EXPECT_DOUBLE_EQ(figure(comparison, "time", "a step").ratio(1).value(), 0.7);
    EXPECT_DOUBLE_EQ(figure(comparison, "matrix", "stalled").values[0].value(), 7);
    EXPECT_DOUBLE_EQ(figure(comparison, "DRAM", "row hits").values[1].value(), 0.75);
    EXPECT_DOUBLE_EQ(figure(comparison, "DRAM", "data bus busy").values[0].value(), 0.1);
}

TEST(Compare, TheChangesOnTheCriticalPathAddUpToTheChangeOfTheStep) {
    const Cause cause = compared(small_result(), fast_result()).causes.at(0).value();
    EXPECT_DOUBLE_EQ(cause.change_ps, -150000);
    double units = 0, ops = 0;
    for (const PathChange& change : cause.units)
        units += change.change_ps;
    for (const PathChange& change : cause.ops)
        ops += change.change_ps;
    EXPECT_DOUBLE_EQ(units, cause.change_ps);
    EXPECT_DOUBLE_EQ(ops, cause.change_ps);
}

TEST(Compare, TheSentenceBlamesTheUnitThatChangedMost) {
    const Cause cause = compared(small_result(), fast_result()).causes.at(0).value();
    EXPECT_EQ(cause.sentence,
              "Over all of the training, a step of fast takes 350.0 ns where one of small takes 500.0 ns: 150.0 ns "
              "less, 1.43x "
              "the speed. On the critical path matrix executing shrank by 160.0 ns (107 % of the difference), the "
              "hart's instructions grew "
              "by 10.00 ns (-7 % of the difference). By operator, forward up changed most: 150.0 ns less.");
}

TEST(Compare, SaysWhenNothingDiffers) {
    const Comparison comparison = compared(small_result(), small_result());
    EXPECT_TRUE(comparison.inputs.empty());
    EXPECT_THAT(as_text(comparison), HasSubstr("the same parameters"));
    EXPECT_THAT(comparison.causes.at(0)->sentence, HasSubstr("exactly as long"));
}

TEST(Compare, ARunWithoutAStepHasNoCauseButFigures) {
    Json stepless = small_result();
    stepless["totals"]["steps"] = 0;
    stepless.erase("steady");
    const Comparison comparison = compared(small_result(), stepless);
    EXPECT_FALSE(comparison.causes.at(0).has_value());
    EXPECT_FALSE(figure(comparison, "time", "a step").values[1].has_value());
    EXPECT_THAT(as_text(comparison), HasSubstr("no finished step"));
    EXPECT_THAT(comparison.notes, testing::Contains(HasSubstr("different numbers of steps")));
}

TEST(Compare, AUnitOfOneChipOnlyStandsWithItsLike) {
    Json more = small_result();
    more["units"].push_back(more["units"][0]);
    more["units"][1]["name"] = "dma3";
    const Comparison comparison = compared(small_result(), more);
    EXPECT_FALSE(figure(comparison, "dma3", "busy").values[0].has_value());
    EXPECT_FALSE(figure(comparison, "dma3", "busy").ratio(1).has_value());
    EXPECT_DOUBLE_EQ(figure(comparison, "dma3", "busy").values[1].value(), 600000);
}

TEST(Compare, TellsResultsOfOneNameApartByTheirFiles) {
    EXPECT_THAT(compared(small_result(), small_result()).titles, testing::ElementsAre("a.json", "b.json"));
    EXPECT_THAT(compared(small_result(), fast_result()).titles, testing::ElementsAre("small", "fast"));
}

TEST(Compare, JsonHoldsWhatTheTableHolds) {
    const Comparison comparison = compared(small_result(), fast_result());
    const Json json = as_json(comparison);
    EXPECT_EQ(json["figures"].size(), comparison.figures.size());
    EXPECT_EQ(json["causes"][0]["change_ps"], -150000.0);
    EXPECT_EQ(json["inputs"][0]["key"], "chip.engine.matrix.rows");
}

TEST(ResultFile, IsRefusedWithTheReasonWhenItIsNone) {
    EXPECT_THROW(read_result("no/such/result.json"), scenario::FileError);
    for (const char* text : {"", "{", "[]", "7", R"({"schema": "gradus.op/1"})", R"({"schema": 3})"})
        EXPECT_THROW(parse_result("x", text), ResultError) << text;
}

TEST(ResultFile, EveryHoleIsOneMessageThatNamesIt) {
    // Each leaf in turn is missing or something else: an error, or a comparison, never a crash.
    const Json whole = small_result();
    const Json flat = whole.flatten();
    for (const auto& [pointer, value] : flat.items())
        for (const Json& wrong : {Json(nullptr), Json("text"), Json::array(), Json(-1e300)}) {
            Json broken = whole;
            broken[Json::json_pointer(pointer)] = wrong;
            try {
                EXPECT_THAT(as_text(compared(whole, broken)), Not(testing::IsEmpty()));
            } catch (const ResultError& error) {
                EXPECT_THAT(error.what(), HasSubstr("result")) << pointer;
            }
        }
}

TEST(Compare, ResultsThatWouldExhaustStackOrTimeAreRefused) {
    const auto message_of = [](const std::string& inside) {
        try {
            parse_result("a.json", R"({"schema": "gradus.result/1", "x": )" + inside + "}");
        } catch (const ResultError& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    EXPECT_THAT(message_of(std::string(200'000, '[') + std::string(200'000, ']')), HasSubstr("nested too deeply"));
    std::string wide = "{\"0\": 1";
    for (int i = 1; i < 100'000; ++i)
        wide += ", \"" + std::to_string(i) + "\": 1";
    EXPECT_THAT(message_of(wide + "}"), HasSubstr("more than 4096 members"));

    Json many = small_result();
    for (int i = 0; i < 1000; ++i)
        many["units"].push_back(many["units"][0]);
    EXPECT_THROW(compared(many, many), ResultError);
}

TEST(Compare, NumbersThatSumUpToNoneAreNoTime) {
    Json huge = small_result();
    for (const char* part : {"execute_ps", "memory_ps"})
        huge["critical_path"]["units"][0][part] = 1.7e308;
    huge["totals"]["training_time_ps"] = 1.7e308;
    huge["totals"]["steps"] = 1e-300;
    huge["units"][0]["stalled_ps"]["fetch"] = -1.7e308;
    huge["units"][0]["stalled_ps"]["memory"] = -1.7e308;
    EXPECT_FALSE(as_text(compared(huge, huge)).empty());
}

} // namespace
} // namespace gradus::explore::explore_compare_test
