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

/// A step of 400 ns in the long run: its path goes through the matrix unit for 240 and the hart for 160.
Json small_result() {
    return Json::parse(R"json({
        "schema": "gradus.result/1",
        "scenario": {"name": "small", "chip": {"clock_mhz": 100.0, "engine": {"matrix": {"rows": 4}}}},
        "totals": {"time_ps": 1100000, "training_time_ps": 1000000, "steps": 2, "mean_step_ps": 500000,
                   "tokens_per_step": 16, "tokens_per_second": 32000000.0, "parameters": 10, "instructions": 50},
        "steady": {"time_ps": 400000, "tokens_per_second": 40000000.0, "instructions": 20, "commands": 4, "dram_bytes": 60,
                   "critical_path": {
                       "units": [{"name": "matrix", "execute_ps": 240000, "memory_ps": 0, "fetch_ps": 0, "wait_ps": 0},
                                 {"name": "cpu", "execute_ps": 160000, "memory_ps": 0, "fetch_ps": 0, "wait_ps": 0}],
                       "ops": [{"name": "up", "phase": "forward", "time_ps": 300000},
                               {"name": "up", "phase": "backward", "time_ps": 100000}]},
                   "phases": [{"name": "forward", "time_ps": 300000}, {"name": "backward", "time_ps": 100000}],
                   "units_ps": {"matrix": {"busy": 240000, "fetch": 1, "fence": 4, "memory": 2, "bus": 0, "idle": 159993}},
                   "dram": {"bytes_per_second": 150000000.0, "busy_ps": 40000, "row_hits": 3, "row_misses": 1,
                            "row_conflicts": 0}},
        "bound": "bound by compute (matrix)",
        "phases": [{"name": "forward", "time_ps": 1100000}],
        "units": [{"name": "matrix", "kind": "matrix", "busy_ps": 600000,
                   "stalled_ps": {"fetch": 1, "memory": 2, "bus": 0, "fence": {"dma0": 4}}},
                  {"name": "cpu", "kind": "cpu", "busy_ps": 400000,
                   "stalled_ps": {"fetch": 0, "memory": 0, "bus": 0, "fence": {}}}],
        "memories": [{"name": "dram", "bytes_read": 100, "bytes_written": 20, "bytes_per_second": 5.0, "busy_ps": 110000,
                      "row_hits": 3, "row_misses": 1, "row_conflicts": 0}]
    })json");
}

/// The same with an array twice as fast: 120 ns less a step.
Json fast_result() {
    Json json = small_result();
    json["scenario"]["name"] = "fast";
    json["scenario"]["chip"]["engine"]["matrix"]["rows"] = 8;
    json["totals"]["time_ps"] = 800000;
    Json& step = json["steady"];
    step["time_ps"] = 280000;
    step["tokens_per_second"] = 57142857.0;
    step["critical_path"]["units"][0]["execute_ps"] = 112000;
    step["critical_path"]["units"][1]["execute_ps"] = 168000;
    step["critical_path"]["ops"][0]["time_ps"] = 180000;
    return json;
}

/// The same with two DMA channels on the path, `first` and `second` of them executing for that long, in place of the
/// matrix unit, and `conflicts` row conflicts.
Json with_channels(double first, double second, unsigned conflicts) {
    Json json = small_result();
    json["units"] = Json::parse(R"([{"name": "dma0", "kind": "dma"}, {"name": "dma1", "kind": "dma"},
                                    {"name": "cpu", "kind": "cpu"}])");
    Json& step = json["steady"];
    step["time_ps"] = first + second + 160000;
    step["critical_path"]["units"][0]["name"] = "dma0";
    step["critical_path"]["units"][0]["execute_ps"] = first;
    step["critical_path"]["units"].push_back(step["critical_path"]["units"][0]);
    step["critical_path"]["units"][2]["name"] = "dma1";
    step["critical_path"]["units"][2]["execute_ps"] = second;
    step["critical_path"]["ops"][0]["time_ps"] = first + second + 60000;
    step["dram"]["row_hits"] = 700;
    step["dram"]["row_conflicts"] = conflicts;
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

TEST(Compare, PutsCostsBesideSpeedWhereResultsHaveThem) {
    Json dear = fast_result();
    dear["area"] = {{"total_mm2", 6.0}};
    dear["steady"].update({{"token_j", 3e-6}, {"flop_utilisation", 0.5}});
    Json cheap = small_result();
    cheap["area"] = {{"total_mm2", 4.0}};
    const Comparison comparison = compared(cheap, dear);
    EXPECT_DOUBLE_EQ(figure(comparison, "cost", "area").ratio(1).value(), 1.5);
    const FigureRow& token = figure(comparison, "cost", "energy a token");
    EXPECT_FALSE(token.values[0]) << "an older result";
    EXPECT_DOUBLE_EQ(token.values[1].value(), 3e-6);
    EXPECT_THAT(as_text(comparison), testing::AllOf(HasSubstr("6 mm²"), HasSubstr("50.0 %")));
    EXPECT_THROW(figure(comparison, "worth", "tokens a joule"), std::out_of_range) << "neither has it";
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
    EXPECT_DOUBLE_EQ(figure(comparison, "phase", "backward").values[0].value(), 100000) << "of a step, not of the run";
}

TEST(Compare, TheChangesOnTheCriticalPathAddUpToTheChangeOfTheStep) {
    const Cause cause = compared(small_result(), fast_result()).causes.at(0).value().cause;
    EXPECT_DOUBLE_EQ(cause.change_ps, -120000);
    double units = 0, ops = 0;
    for (const PathChange& change : cause.units)
        units += change.change_ps;
    for (const PathChange& change : cause.ops)
        ops += change.change_ps;
    EXPECT_DOUBLE_EQ(units, cause.change_ps);
    EXPECT_DOUBLE_EQ(ops, cause.change_ps);
}

TEST(Compare, TheSentenceBlamesTheUnitThatChangedMost) {
    EXPECT_EQ(compared(small_result(), fast_result()).causes.at(0)->sentence,
              "A step of fast takes 280.0 ns where one of small takes 400.0 ns: 120.0 ns less, 1.43x the speed. On the "
              "critical path matrix executing shrank by 128.0 ns (107 % of the difference), the hart's instructions "
              "grew by 8.000 ns (-7 % of the difference). By operator, forward up changed most: 120.0 ns less.");
}

TEST(Compare, UnitsOfOneKindAreOneCause) {
    // One channel loses 100 ns and the other gains 110: together they are 10 ns of the difference, all of it.
    const auto cause = compared(with_channels(200'000, 40'000, 0), with_channels(100'000, 150'000, 0)).causes.at(0);
    ASSERT_EQ(cause->cause.units.size(), 1U);
    EXPECT_DOUBLE_EQ(cause->cause.units[0].change_ps, 10'000);
    EXPECT_THAT(cause->sentence, HasSubstr("the DMA channels executing grew by 10.00 ns (100 % of the difference)"));
}

TEST(Compare, AStepThatBecameSlowerSaysWhatGrew) {
    // 30 conflicts of 731 bursts become 42 of 743: 40 % more.
    const auto cause = compared(with_channels(200'000, 40'000, 30), with_channels(200'000, 50'000, 42)).causes.at(0);
    EXPECT_THAT(cause->sentence, HasSubstr("Of what is counted in a step, DRAM row conflicts grew by 40 % to 42."));
    EXPECT_THAT(what_grew(cause->cause),
                "on the critical path the DMA channels executing grew by 10.00 ns (100 % of the difference); DRAM row "
                "conflicts grew by 40 % to 42");
    // 5 of 705 bursts are too rare to matter, 42 of 742 are not.
    const auto now_common =
        compared(with_channels(200'000, 40'000, 5), with_channels(200'000, 50'000, 42)).causes.at(0);
    EXPECT_THAT(now_common->sentence, HasSubstr("DRAM row conflicts grew by 740 % to 42."));
    const auto from_none = compared(with_channels(200'000, 40'000, 0), with_channels(200'000, 50'000, 42)).causes.at(0);
    EXPECT_THAT(from_none->sentence, HasSubstr("DRAM row conflicts grew from none to 42."));
    const auto rare = compared(with_channels(200'000, 40'000, 1), with_channels(200'000, 50'000, 3)).causes.at(0);
    EXPECT_THAT(rare->sentence, Not(HasSubstr("conflicts"))) << "three of 704 bursts explain nothing";
}

TEST(Compare, SaysWhenNothingDiffers) {
    const Comparison comparison = compared(small_result(), small_result());
    EXPECT_TRUE(comparison.inputs.empty());
    EXPECT_THAT(as_text(comparison), HasSubstr("the same parameters"));
    EXPECT_THAT(comparison.causes.at(0)->sentence, HasSubstr("exactly as long"));
}

TEST(Compare, ARunWithoutAStepHasNoCauseButFigures) {
    Json stepless = small_result();
    stepless.erase("steady");
    const Comparison comparison = compared(small_result(), stepless);
    EXPECT_FALSE(comparison.causes.at(0).has_value());
    EXPECT_DOUBLE_EQ(figure(comparison, "matrix", "stalled").values[0].value(), 7);
    EXPECT_DOUBLE_EQ(figure(comparison, "phase", "forward").values[0].value(), 1100000) << "of the run, as the other's";
    EXPECT_THAT(as_text(comparison), HasSubstr("no finished step"));
    EXPECT_THAT(comparison.notes, testing::Contains("b.json has no finished step: all figures are of whole runs"));
}

TEST(Compare, AUnitOfOneChipOnlyStandsWithItsLike) {
    Json more = small_result();
    more["steady"]["units_ps"]["dma3"] = more["steady"]["units_ps"]["matrix"];
    const Comparison comparison = compared(small_result(), more);
    EXPECT_FALSE(figure(comparison, "dma3", "busy").values[0].has_value());
    EXPECT_FALSE(figure(comparison, "dma3", "busy").ratio(1).has_value());
    EXPECT_DOUBLE_EQ(figure(comparison, "dma3", "busy").values[1].value(), 240000);
}

TEST(Compare, TellsResultsOfOneNameApartByTheirFiles) {
    EXPECT_THAT(compared(small_result(), small_result()).titles, testing::ElementsAre("a.json", "b.json"));
    EXPECT_THAT(compared(small_result(), fast_result()).titles, testing::ElementsAre("small", "fast"));
}

TEST(Compare, JsonHoldsWhatTheTableHolds) {
    const Comparison comparison = compared(small_result(), fast_result());
    const Json json = as_json(comparison);
    EXPECT_EQ(json["figures"].size(), comparison.figures.size());
    EXPECT_EQ(json["causes"][0]["change_ps"], -120000);
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
        many["steady"]["phases"].push_back(many["steady"]["phases"][0]);
    EXPECT_THROW(compared(many, many), ResultError);
}

TEST(Compare, NumbersThatSumUpToNoneAreNoTime) {
    Json huge = small_result();
    for (const char* part : {"execute_ps", "memory_ps"})
        huge["steady"]["critical_path"]["units"][0][part] = 1.7e308;
    huge["steady"]["units_ps"]["matrix"]["fetch"] = -1.7e308;
    huge["steady"]["units_ps"]["matrix"]["memory"] = -1.7e308;
    EXPECT_FALSE(as_text(compared(huge, huge)).empty());
}

} // namespace
} // namespace gradus::explore::explore_compare_test
