// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "platform/explore/knobs.h"
#include "platform/explore/sensitivity.h"
#include "platform/explore/variations.h"
#include "platform/scenario/schema.h"

namespace gradus::explore::explore_variations_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

process::Outcome answered(double step_ps) {
    process::Outcome outcome;
    outcome.answer = nlohmann::json{{"schema", "gradus.result/1"},
                                    {"bound", "bound by DRAM bandwidth: it is full"},
                                    {"totals", {{"tokens_per_step", 10}}},
                                    {"steps", {{{"time_ps", 1}}, {{"time_ps", step_ps}}}}}
                         .dump();
    return outcome;
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
    const Turned turned = turn(base, knob("array"), 2);
    ASSERT_TRUE(turned.scenario);
    EXPECT_EQ(turned.scenario->chip.matrix.rows, 8U);
    EXPECT_EQ(turned.scenario->chip.matrix.cols, 8U);
    EXPECT_EQ(turned.scenario->chip.matrix.port_bytes, 64U);
    EXPECT_EQ(turned.changes.size(), 3U);
}

TEST(Knobs, SayWhyTheyCannotBeTurned) {
    scenario::Scenario base;
    base.chip.vector.lanes = 1;
    EXPECT_THAT(turn(base, knob("vector lanes"), 0.5).skipped, HasSubstr("chip.engine.vector.lanes = 1"));
    EXPECT_EQ(turn(base, knob("DMA port"), 2).skipped, "chip.dma.port_bytes = 0");
    base.chip.clock_mhz = 8000;
    EXPECT_THAT(turn(base, knob("all clocks"), 2).skipped, HasSubstr("allowed is"));
    base.chip.scratchpad.bytes = 1024;
    base.chip.scratchpad.banks = 256;
    base.chip.scratchpad.bank_bytes = 4;
    EXPECT_THAT(turn(base, knob("scratchpad bandwidth"), 2).skipped, HasSubstr("must be a multiple"));
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
    EXPECT_THAT(sensitivity.sentence, testing::StartsWith("Twice the DRAM bandwidth gives 2.00x; "));
    EXPECT_THAT(sensitivity.sentence, testing::EndsWith(": bound by DRAM bandwidth."));
    EXPECT_EQ(sensitivity.effects.back().knob->name, "all clocks") << "a yardstick stands last";
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

TEST(SensitivityStudy, SaysSoWhenNothingHelps) {
    const SensitivityStudy study{scenario::Scenario{}};
    const Sensitivity sensitivity =
        study.evaluate(outcomes(study, [](const scenario::Scenario&) { return answered(1000); }));
    EXPECT_EQ(sensitivity.bound, nullptr);
    EXPECT_THAT(sensitivity.sentence, HasSubstr("no parameter alone helps much"));
}

TEST(SensitivityStudy, ATurnedChipThatFailsIsLeftOutWithItsReason) {
    const SensitivityStudy study{scenario::Scenario{}};
    const unsigned lanes = scenario::Scenario{}.chip.vector.lanes;
    const Sensitivity sensitivity = study.evaluate(outcomes(study, [&](const scenario::Scenario& point) {
        return point.chip.vector.lanes > lanes ? failed("the firmware gave up") : answered(1000);
    }));
    EXPECT_THAT(as_text(sensitivity), HasSubstr("twice the vector lanes: the firmware gave up"));
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
