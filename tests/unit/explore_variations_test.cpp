// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "platform/explore/knobs.h"
#include "platform/explore/sensitivity.h"
#include "platform/explore/variations.h"
#include "platform/scenario/schema.h"

namespace gradus::explore::explore_variations_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A result of a step that takes that long, with `tokens` in it.
nlohmann::json result_of(double step_ps, double tokens = 10) {
    return {{"schema", "gradus.result/1"},
            {"bound", "bound by DRAM bandwidth: it is full"},
            {"totals", {{"tokens_per_step", tokens}, {"parameters", 1000}}},
            {"memory_plan",
             {{"image_bytes", 500},
              {"parameters_bytes", 4000},
              {"gradients_bytes", 4000},
              {"moments_bytes", 8000},
              {"constants_bytes", 0},
              {"activations_bytes", 100 * tokens}}},
            {"steady", {{"time_ps", step_ps}, {"tokens_per_second", tokens / (step_ps * 1e-12)}}},
            {"steps", {{{"time_ps", 1}}, {{"time_ps", step_ps}}}}};
}

process::Outcome answered(const nlohmann::json& result) {
    process::Outcome outcome;
    outcome.answer = result.dump();
    return outcome;
}
process::Outcome answered(double step_ps) { return answered(result_of(step_ps)); }

/// The same of a chip of that area, in mm², whose tokens take that energy, in joules.
process::Outcome answered(double step_ps, double area, double token, const std::vector<std::string>& warnings = {}) {
    nlohmann::json result = result_of(step_ps);
    result["area"] = {{"total_mm2", area}};
    result["steady"]["token_j"] = token;
    result["warnings"] = warnings;
    return answered(result);
}

process::Outcome failed(const std::string& why) {
    process::Outcome outcome;
    outcome.failure = why;
    return outcome;
}

TEST(Variations, AreEveryCombinationTheLastKeyFastest) {
    EXPECT_THAT(combinations({"a=1,2", "b=x,y"}), ElementsAre(ElementsAre("a=1", "b=x"), ElementsAre("a=1", "b=y"),
                                                              ElementsAre("a=2", "b=x"), ElementsAre("a=2", "b=y")));
}

TEST(Variations, NeedAKeyAndValues) {
    for (const char* text : {"", "a", "=1", "a=", "a=1,", "a=,1", "a=1,,2"})
        EXPECT_THROW(combinations({text}), VariationError) << text;
    std::string many = "a=0";
    for (int i = 1; i < 40; ++i)
        many += "," + std::to_string(i);
    EXPECT_EQ(combinations({many}).size(), 40U);
    EXPECT_THROW(combinations({many, many}), VariationError) << "1600";
}

TEST(Variations, SpeedIsThatOfTheLastStepAndAFailureStaysALine) {
    const auto list = variations({}, {{"a=1"}, {"a=2"}}, {answered(300), answered(200), failed("too small")});
    EXPECT_DOUBLE_EQ(list.points[1].measured->tokens_per_second, 10 / 200e-12);
    EXPECT_THAT(as_text(list), testing::AllOf(HasSubstr("1.500x"), HasSubstr("a=2"), HasSubstr("failed: too small")));
    EXPECT_EQ(as_json(list)["variations"][1]["speedup"], 1.5);
    EXPECT_THROW(variations({}, {{"a=1"}}, {failed("no"), answered(1)}), std::runtime_error);
}

TEST(Variations, TheSentenceNamesTheFastestAndTheFirstThatIsAsGood) {
    const auto sentence = [](const std::vector<double>& steps) {
        std::vector<std::vector<std::string>> changes;
        std::vector<process::Outcome> outcomes{answered(300)};
        for (const double step : steps) {
            changes.push_back({fmt::format("a={}", changes.size() + 1)});
            outcomes.push_back(step > 0 ? answered(step) : failed("no"));
        }
        return variations({}, changes, outcomes).sentence;
    };
    EXPECT_EQ(sentence({300, 250, 200}), "a=3 gives 1.50x: bound by DRAM bandwidth.");
    EXPECT_EQ(sentence({300, 201, 200, 202}), "a=3 gives 1.50x: bound by DRAM bandwidth; a=2 is within 1 % of it.");
    EXPECT_EQ(sentence({301, 330}), "None of these values makes it faster; a=1 is as fast as it is.");
    EXPECT_EQ(sentence({400, 600}), "All of these values make it slower; a=1 is the fastest with 0.75x.");
    EXPECT_EQ(sentence({0}), "None of these chips can run it.");
}

TEST(Variations, HaveLabelsThatAreNeverCutToLookAlike) {
    const std::string key = "chip.dram.base=scenarios/of/a/project/far/away/";
    const auto list = variations({},
                                 {{key + "first.toml", "chip.engine.matrix.rows=2"},
                                  {key + "second.toml", "chip.engine.matrix.rows=2"},
                                  {key + "first.toml", "chip.engine.matrix.rows=4"}},
                                 {answered(300), answered(200), answered(200), answered(100)});
    for (const std::size_t width : {40, 60, 80, 120}) {
        const std::string text = as_text(list, width);
        for (const char* word :
             {"dram.base=…ect/far/away/first.toml", "dram.base=…ct/far/away/second.toml", "rows=2", "rows=4"})
            EXPECT_THAT(text, HasSubstr(word)) << width;
    }
}

TEST(Variations, HaveCostsBesideSpeedAndWarnOfClocks) {
    const auto list = variations({}, {{"a=1"}}, {answered(300), answered(200, 5.52, 0.96e-6, {"too fast"})});
    EXPECT_THAT(as_text(list, 120),
                testing::AllOf(HasSubstr("5.52 mm²"), HasSubstr("960.0 nJ"), HasSubstr("warning: a=1: too fast")));
    EXPECT_EQ(as_json(list)["variations"][1]["cost"]["token_j"], 0.96e-6);
    EXPECT_EQ(as_json(list)["variations"][1]["warnings"][0], "too fast");
}

TEST(Knobs, NameKeysThatThereAre) {
    for (const Knob& knob : knobs())
        for (const std::string_view key : knob.keys)
            EXPECT_NE(scenario::find(key), nullptr) << knob.name << ": " << key;
}

const Knob& knob(std::string_view name) {
    for (const Knob& each : knobs())
        if (each.name == name) return each;
    throw std::out_of_range(std::string(name));
}

TEST(Knobs, TurnAllTheirKeysAndNoOther) {
    scenario::Scenario base;
    const Turned turned = turn(base, knob("array and port"), 2);
    ASSERT_TRUE(turned.scenario);
    EXPECT_EQ(turned.scenario->chip.matrix.rows, 8U);
    EXPECT_EQ(turned.scenario->chip.matrix.cols, 8U);
    EXPECT_EQ(turned.scenario->chip.matrix.port_bytes, 64U);
    EXPECT_EQ(turned.changes.size(), 3U);
}

TEST(Knobs, TurnAPortThatSaysZeroFromTheWidthThatThisMeans) {
    scenario::Scenario base; // a fabric of 16 bytes a cycle, and DMA channels as wide
    ASSERT_EQ(base.chip.dma.port_bytes, 0U);
    EXPECT_EQ(turn(base, knob("DMA port"), 2).changes, std::vector<std::string>{"chip.dma.port_bytes 16 → 32"});
    // A 4 x 4 array needs (4 + 4) x 4 bytes a cycle.
    EXPECT_EQ(turn(base, knob("array port"), 2).changes,
              std::vector<std::string>{"chip.engine.matrix.port_bytes 32 → 64"});
}

TEST(Knobs, LeaveThePortsOfOthersWhereTheyWere) {
    const Turned turned = turn(scenario::Scenario{}, knob("array port"), 2);
    EXPECT_EQ(turned.scenario->chip.vector.port_bytes, 32U) << "two fp32 operands for each of 4 lanes";
    EXPECT_EQ(turned.scenario->chip.dma.port_bytes, 16U);
}

TEST(Knobs, ContainThoseWhoseKeysTheyTurnToo) {
    EXPECT_TRUE(knob("array and port").contains(knob("array port")));
    EXPECT_TRUE(knob("lanes and port").contains(knob("vector port")));
    EXPECT_TRUE(knob("fabric width").contains(knob("DMA port")));
    EXPECT_TRUE(knob("all clocks").contains(knob("control clock")));
    EXPECT_FALSE(knob("array port").contains(knob("array and port")));
    EXPECT_FALSE(knob("array port").contains(knob("array port")));
    EXPECT_FALSE(knob("array and port").contains(knob("vector port")));
}

TEST(Knobs, SayWhyTheyCannotBeTurned) {
    scenario::Scenario base;
    base.chip.vector.lanes = 1;
    EXPECT_THAT(turn(base, knob("lanes and port"), 0.5).skipped, HasSubstr("chip.engine.vector.lanes = 1"));
    base.chip.dma.setup_cycles = base.chip.dma.row_cycles = 0;
    EXPECT_EQ(turn(base, knob("DMA set-up"), 2).skipped, "chip.dma.setup_cycles = 0");
    base.chip.clock_mhz = 8000;
    EXPECT_THAT(turn(base, knob("all clocks"), 2).skipped, HasSubstr("allowed is"));
    base.chip.scratchpad.bytes = 1024;
    base.chip.scratchpad.banks = 256;
    base.chip.scratchpad.bank_bytes = 4;
    EXPECT_THAT(turn(base, knob("scratchpad bandwidth"), 2).skipped, HasSubstr("must be a multiple"));
}

TEST(Knobs, OfTheWorkTurnFormatBatchAndSequence) {
    scenario::Scenario base;
    ASSERT_EQ(base.model.format, scenario::Format::fp32);
    EXPECT_EQ(turn(base, knob("precision"), 0.5).changes, std::vector<std::string>{"model.format fp32 → bf16"});
    EXPECT_EQ(turn(base, knob("precision"), 2).skipped, "model.format = fp32 is the most");
    base.model.format = scenario::Format::bf16;
    EXPECT_EQ(turn(base, knob("precision"), 2).scenario->model.format, scenario::Format::fp32);
    EXPECT_EQ(turn(base, knob("precision"), 0.5).skipped, "model.format = bf16 is the least");
    base.run.batch = 3;
    EXPECT_EQ(turn(base, knob("batch"), 2).scenario->run.batch, 6U);
    EXPECT_EQ(turn(base, knob("sequence"), 2).scenario->model.context, 2 * base.model.context);
    for (const char* name : {"precision", "batch", "sequence"})
        EXPECT_TRUE(knob(name).of_work()) << name;
    EXPECT_FALSE(knob("all clocks").of_work());
}

TEST(Knobs, TheControlClockLeavesEveryOtherDomainWhereItWas) {
    const scenario::Scenario base;
    const Turned turned = turn(base, knob("control clock"), 2);
    ASSERT_TRUE(turned.scenario);
    const scenario::ChipParameters& chip = turned.scenario->chip;
    EXPECT_EQ(chip.clock_mhz, 2 * base.chip.clock_mhz);
    for (const double mhz : {chip.fabric_clock_mhz, chip.dma_clock_mhz, chip.engine_clock_mhz})
        EXPECT_EQ(mhz, base.chip.clock_mhz);
    EXPECT_EQ(chip.crossing_cycles, 0U) << "one clock before: no synchroniser after";
}

TEST(Knobs, ClocksThatWereApartKeepTheirSynchronisers) {
    scenario::Scenario base;
    base.chip.engine_clock_mhz = 200;
    EXPECT_EQ(turn(base, knob("control clock"), 2).scenario->chip.crossing_cycles, base.chip.crossing_cycles);
}

/// Answers for the study's points: `step` for the chip as it is, and what `step_of` says for a turned one.
std::vector<process::Outcome> outcomes(const SensitivityStudy& study,
                                       const std::function<process::Outcome(const scenario::Scenario&)>& outcome_of) {
    std::vector<process::Outcome> all;
    for (const scenario::Scenario& point : study.points())
        all.push_back(outcome_of(point));
    return all;
}

TEST(SensitivityStudy, AnElasticityOfOneIsProportional) {
    const SensitivityStudy study{scenario::Scenario{}};
    const Sensitivity sensitivity = study.evaluate(outcomes(study, [](const scenario::Scenario& point) {
        return answered(6.4e9 / static_cast<double>(point.chip.dram.organisation.burst_bytes));
    }));
    const Effect& top = sensitivity.effects.front();
    EXPECT_EQ(top.knob->name, "DRAM bandwidth");
    EXPECT_DOUBLE_EQ(top.elasticity.value(), 1);
    EXPECT_DOUBLE_EQ(top.half.speedup, 0.5);
    EXPECT_EQ(sensitivity.sentence, "Twice the DRAM bandwidth gives 2.00x: bound by DRAM bandwidth.")
        << "what changes nothing is not named";
    EXPECT_THAT(sensitivity.effects.back().knob->bound, testing::IsEmpty()) << "yardsticks stand last";
}

TEST(SensitivityStudy, ALatencyHasANegativeElasticityAndHelpsWhenHalved) {
    const SensitivityStudy study{scenario::Scenario{}};
    const Sensitivity sensitivity = study.evaluate(outcomes(study, [](const scenario::Scenario& point) {
        return answered(1e6 * static_cast<double>(point.chip.queue.issue_cycles));
    }));
    EXPECT_DOUBLE_EQ(sensitivity.effects.front().elasticity.value(), -1);
    EXPECT_THAT(sensitivity.sentence, testing::StartsWith("Half the descriptor decode gives 2.00x"));
    EXPECT_THAT(sensitivity.sentence, testing::EndsWith("bound by latency and dependencies."));
}

// Twice the batch makes a step take 1.6 times as long and do twice the work: 1.25 times the tokens a second.
TEST(SensitivityStudy, OfTheWorkSpeedIsTokensASecondAndWhatElseChangesStandsBesideIt) {
    const SensitivityStudy study{scenario::Scenario{}};
    const unsigned batch = scenario::Scenario{}.run.batch;
    const Sensitivity sensitivity = study.evaluate(outcomes(study, [&](const scenario::Scenario& point) {
        return answered(point.run.batch == 2 * batch ? result_of(1600, 20) : result_of(1000));
    }));
    const auto effect = std::find_if(sensitivity.effects.begin(), sensitivity.effects.end(),
                                     [](const Effect& each) { return each.knob->name == std::string_view("batch"); });
    ASSERT_NE(effect, sensitivity.effects.end());
    EXPECT_DOUBLE_EQ(effect->twice.speedup, 1.25);
    EXPECT_EQ(sensitivity.sentence, "No parameter alone, halved or doubled, makes this chip faster.")
        << "a batch is none of the chip";
    // 500 of image, 16,000 of parameters, gradients and moments, and 100 a token.
    EXPECT_THAT(as_text(sensitivity, 200),
                HasSubstr("twice the batch: 18.50 kB planned in DRAM, was 17.50 kB; 20 tokens a step, was 10"));
    EXPECT_THAT(as_text(sensitivity), HasSubstr("half the precision: nothing\n"));
    const auto json = as_json(sensitivity);
    for (const auto& parameter : json["parameters"])
        if (parameter["name"] == "batch") {
            EXPECT_EQ(parameter["twice"]["work"]["tokens_per_step"], 20);
        }
}

/// With what it takes to say where a step's time went: one channel executing, and that many row conflicts of 1,000.
nlohmann::json explained(double step_ps, unsigned conflicts) {
    nlohmann::json result = result_of(step_ps);
    result["units"] = {{{"name", "dma0"}, {"kind", "dma"}}};
    result["steady"]["instructions"] = 1;
    result["steady"]["commands"] = 1;
    result["steady"]["dram_bytes"] = 1;
    result["steady"]["dram"] = {{"row_hits", 1000 - conflicts}, {"row_misses", 0}, {"row_conflicts", conflicts}};
    result["steady"]["critical_path"] = {
        {"units", {{{"name", "dma0"}, {"execute_ps", step_ps}, {"memory_ps", 0}, {"fetch_ps", 0}, {"wait_ps", 0}}}},
        {"ops", {{{"name", "up"}, {"phase", "forward"}, {"time_ps", step_ps}}}}};
    return result;
}

TEST(SensitivityStudy, SaysWhatGrewWhereMoreOfSomethingIsSlower) {
    const SensitivityStudy study{scenario::Scenario{}};
    const unsigned channels = scenario::Scenario{}.chip.dma.channels;
    const Sensitivity sensitivity = study.evaluate(outcomes(study, [&](const scenario::Scenario& point) {
        return answered(point.chip.dma.channels > channels ? explained(104'000, 40) : explained(100'000, 30));
    }));
    EXPECT_THAT(
        as_text(sensitivity, 200),
        HasSubstr("what should help and does not\n twice the DMA channels, 0.962x: on the critical path the DMA "
                  "channels executing grew by 4.000 ns (100 % of the difference); DRAM row conflicts grew by "
                  "33 % to 40"));
    const auto json = as_json(sensitivity);
    for (const auto& parameter : json["parameters"]) {
        EXPECT_EQ(parameter["twice"].contains("why"), parameter["name"] == "DMA channels") << parameter["name"];
        EXPECT_FALSE(parameter["half"].contains("why")) << parameter["name"];
    }
}

TEST(SensitivityStudy, SaysSoWhenNothingHelps) {
    const SensitivityStudy study{scenario::Scenario{}};
    const Sensitivity sensitivity =
        study.evaluate(outcomes(study, [](const scenario::Scenario&) { return answered(1000); }));
    EXPECT_EQ(sensitivity.bound, nullptr);
    EXPECT_EQ(sensitivity.sentence, "No parameter alone, halved or doubled, makes this chip faster.");
}

TEST(SensitivityStudy, SaysSoWhenWhatHelpsHelpsLittle) {
    const SensitivityStudy study{scenario::Scenario{}};
    const double lanes = scenario::Scenario{}.chip.vector.lanes;
    const Sensitivity sensitivity = study.evaluate(outcomes(
        study, [&](const scenario::Scenario& point) { return answered(1000 - point.chip.vector.lanes / lanes * 40); }));
    EXPECT_EQ(sensitivity.bound, nullptr);
    EXPECT_EQ(sensitivity.sentence, "Twice the lanes and port gives 1.04x: no parameter alone helps much.");
}

// A step takes as long as the array or its port, whichever is slower, and 200 more. Where the port takes 1,000, the
// larger array with a wider port gives as much as the wider port alone: 1200 / 700. Where the array takes 1,000 and the
// port 900, the port alone gives nothing, and both 1200 / (450 + 200).
TEST(SensitivityStudy, JudgesAKnobNetOfThoseItContains) {
    const SensitivityStudy study{scenario::Scenario{}};
    const auto step = [](double array, double port) {
        return [=](const scenario::Scenario& point) {
            const double size = point.chip.matrix.rows / 4.0;
            const double width = static_cast<double>(ip::port_bytes(point.chip.matrix)) / 32.0;
            return answered(std::max(array / (size * size), port / width) + 200);
        };
    };
    const Sensitivity by_port = study.evaluate(outcomes(study, step(300, 1000)));
    ASSERT_TRUE(by_port.bound);
    EXPECT_EQ(by_port.bound->knob->name, "array port");
    EXPECT_DOUBLE_EQ(by_port.bound->better().speedup, 1200.0 / 700);
    EXPECT_THAT(by_port.sentence, testing::EndsWith("bound by operand bandwidth (matrix)."));

    const Sensitivity by_array = study.evaluate(outcomes(study, step(1000, 900)));
    ASSERT_TRUE(by_array.bound);
    EXPECT_EQ(by_array.bound->knob->name, "array and port");
    EXPECT_DOUBLE_EQ(by_array.bound->net, 1200.0 / 650);
    EXPECT_THAT(by_array.sentence, testing::EndsWith("bound by compute (matrix)."));
}

// Twice the lanes: 1000 / 800 of the speed for 5.52 instead of 4 mm2 and 0.96 instead of 1 uJ a token. Half the banks
// of the scratchpad: as fast, and 3.8 mm2. Twice the clocks warns.
TEST(SensitivityStudy, SaysWhatSpeedCostsAndWhatCouldBeLeftOut) {
    const SensitivityStudy study{scenario::Scenario{}};
    const scenario::ChipParameters usual;
    const Sensitivity sensitivity = study.evaluate(outcomes(study, [&](const scenario::Scenario& point) {
        if (point.chip.vector.lanes > usual.vector.lanes) return answered(800, 5.52, 0.96e-6);
        if (point.chip.scratchpad.banks < usual.scratchpad.banks) return answered(1000, 3.8, 1e-6);
        if (point.chip.clock_mhz > usual.clock_mhz) return answered(1000, 4, 1e-6, {"beyond the highest clock"});
        return answered(1000, 4, 1e-6);
    }));
    const std::string text = as_text(sensitivity, 200);
    EXPECT_THAT(text, testing::ContainsRegex("twice the lanes and port +1.250x +\\+38 % +- +-4.0 %"));
    EXPECT_THAT(text, testing::ContainsRegex("half the scratchpad bandwidth +1.000x +-5.0 % +- +\\+0.0 %"));
    EXPECT_THAT(text, testing::Not(HasSubstr("half the lanes"))) << "it saves nothing";
    EXPECT_THAT(text, HasSubstr("warning: twice the control clock: beyond the highest clock"));
    const nlohmann::ordered_json json = as_json(sensitivity);
    EXPECT_EQ(json["cost"]["area_mm2"], 4.0);
    EXPECT_EQ(json["cost"]["average_w"], nullptr);
    EXPECT_EQ(json["parameters"][0]["name"], "lanes and port");
    EXPECT_EQ(json["parameters"][0]["twice"]["cost"]["area_mm2"], 5.52);
}

TEST(SensitivityStudy, ATurnedChipThatFailsIsLeftOutWithItsReason) {
    const SensitivityStudy study{scenario::Scenario{}};
    const unsigned lanes = scenario::Scenario{}.chip.vector.lanes;
    const Sensitivity sensitivity = study.evaluate(outcomes(study, [&](const scenario::Scenario& point) {
        return point.chip.vector.lanes > lanes ? failed("the firmware gave up") : answered(1000);
    }));
    EXPECT_THAT(as_text(sensitivity), HasSubstr("twice the lanes and port: the firmware gave up"));
    EXPECT_THAT(as_json(sensitivity).dump(), HasSubstr("the firmware gave up"));
}

TEST(SensitivityStudy, FailsWithItsBase) {
    const SensitivityStudy study{scenario::Scenario{}};
    EXPECT_THROW(study.evaluate(outcomes(study, [](const scenario::Scenario&) { return failed("no"); })),
                 std::runtime_error);
}

TEST(SensitivityStudy, MeasuresTimeAlone) {
    scenario::Scenario base;
    base.run.steps = 1000;
    base.run.generate = 3;
    const scenario::Scenario ready = prepared(base);
    EXPECT_EQ(ready.run.steps, measured_steps);
    EXPECT_EQ(ready.run.generate, 0U);
    EXPECT_EQ(ready.run.data, scenario::DataPlane::none);
}

} // namespace
} // namespace gradus::explore::explore_variations_test
