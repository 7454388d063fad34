// SPDX-License-Identifier: Apache-2.0
// The loss of what is held back from training: run.validation and what goes with it.
//
// Of a text whose lines are all alike, what is held back is what is trained on. So a validation has to find, to the
// last bit, the loss that the next step begins with: the same weights, the same document.
#include <fstream>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/names_result.h"

namespace gradus::test::validation_test {
namespace {

using nlohmann::json;
using Settings = std::vector<std::string>;

/// Of each validation: the step before it, and the loss.
std::vector<std::pair<unsigned, double>> validations_of(const json& result) {
    std::vector<std::pair<unsigned, double>> losses;
    for (const json& run : result.at("validation").at("runs"))
        losses.emplace_back(run.at("step").get<unsigned>(), run.at("loss").get<double>());
    return losses;
}

std::string text_of(const TemporaryFolder& folder, const std::string& content) {
    std::ofstream(folder.path("text.txt")) << content;
    return "run.text=" + folder.path("text.txt");
}

class Validation : public ::testing::TestWithParam<Settings> {};

TEST_P(Validation, FindsTheLossThatTheNextStepBeginsWith) {
    const TemporaryFolder folder;
    const json result =
        names_result(joined({"run.steps=4", "run.generate=0", text_of(folder, "emma\nemma\nemma\nemma\n"),
                             "run.validation=0.5", "run.validate_every=1", "run.validation_batches=2"},
                            GetParam()));
    const std::vector<double> losses = losses_of(result);
    const auto validations = validations_of(result);
    ASSERT_EQ(losses.size(), 4u);
    ASSERT_EQ(validations.size(), 4u) << "the last step is followed by one, too";
    for (unsigned step = 0; step < 4; ++step)
        EXPECT_EQ(validations[step].first, step);
    for (unsigned step = 0; step < 3; ++step)
        EXPECT_EQ(validations[step].second, losses[step + 1]) << "after step " << step;
    EXPECT_LT(validations[3].second, losses[0]) << "it learns one word by heart";
    EXPECT_EQ(result.at("validation").at("loss"), validations[3].second);
}

INSTANTIATE_TEST_SUITE_P(Forms, Validation,
                         ::testing::Values(Settings{}, Settings{"run.record_commands=false", "run.batch=2"},
                                           Settings{"model.head=fused", "model.attention=fused"},
                                           Settings{"model.precision=mixed", "model.format=bf16"},
                                           Settings{"run.optimizer=sgd", "run.momentum=0.9", "run.clip=0.5"},
                                           Settings{"model.epilogues=fused", "model.recompute=full"},
                                           Settings{"chip.sram.bytes=524288"}));

// A batch of it is one micro-batch; the step's loss is the sum of what each adds to it.
TEST(ValidationOfMicroBatches, FindsTheLossThatTheNextStepBeginsWithAndPassesACheck) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"run",   "scenarios/runs/names.toml", "--json", "--check", "--trace", "off",
                                       "--out", folder.path("out")};
    for (const std::string& setting :
         Settings{"run.steps=4", "run.generate=0", text_of(folder, "emma\nemma\nemma\n"), "run.validation=0.4",
                  "run.validate_every=1", "run.validation_batches=2", "run.batch=2", "run.accumulate=3"})
        arguments.insert(arguments.end(), {"--set", setting});
    const ProgramRun run = run_program(arguments);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json result = json::parse(run.out);
    const std::vector<double> losses = losses_of(result);
    const auto validations = validations_of(result);
    ASSERT_EQ(validations.size(), 4u);
    for (unsigned step = 0; step < 3; ++step)
        EXPECT_NEAR(validations[step].second, losses[step + 1], 1e-6) << "after step " << step;
}

const Settings some_names{"run.steps=6", "run.generate=0", "run.validation=0.2", "run.validation_batches=3"};

TEST(ValidationRun, ChangesNoLossOfTraining) {
    const json often = names_result(joined(some_names, {"run.validate_every=2"}));
    const json once = names_result(joined(some_names, {"run.validate_every=100"}));
    EXPECT_EQ(losses_of(often), losses_of(once));
    const auto validations = validations_of(often);
    ASSERT_EQ(validations.size(), 3u);
    EXPECT_EQ(validations[0].first, 1u);
    EXPECT_EQ(validations[1].first, 3u);
    EXPECT_THAT(validations_of(once), ::testing::ElementsAre(validations[2]));
}

// The end of a stream is held back: what is left is trained on as a text without that end would be.
TEST(ValidationRun, TrainsOnWhatIsLeftAsOnATextOfItAlone) {
    const TemporaryFolder folder;
    const auto tokens = [&](const char* name, std::uint16_t count) { // of nanoGPT
        std::ofstream file(folder.path(name), std::ios::binary);
        for (std::uint16_t i = 0; i < count; ++i) {
            const auto token = static_cast<std::uint16_t>(i * i % 29);
            file.write(reinterpret_cast<const char*>(&token), sizeof token);
        }
        return "run.text=" + folder.path(name);
    };
    const Settings common{"run.steps=3", "run.generate=0", "model.vocabulary=30"};
    const json split = names_result(joined(common, {tokens("whole.bin", 400), "run.validation=0.25"}));
    EXPECT_EQ(losses_of(split), losses_of(names_result(joined(common, {tokens("left.bin", 300)}))));
    EXPECT_EQ(split.at("text").at("held_back"), 100);
}

TEST(ValidationRun, TakesTheSameTimeWithoutNumbers) {
    const Settings settings = joined(some_names, {"run.validate_every=2"});
    const json full = names_result(settings), none = names_result(joined(settings, {"run.data=none"}));
    EXPECT_EQ(full.at("totals").at("time_ps"), none.at("totals").at("time_ps"));
    EXPECT_EQ(full.at("totals").at("validation_time_ps"), none.at("totals").at("validation_time_ps"));
    EXPECT_TRUE(none.at("validation").at("loss").is_null());
    EXPECT_TRUE(none.at("validation").at("runs").at(0).at("loss").is_null());
}

std::int64_t sum(const json& list, const char* member) {
    std::int64_t total = 0;
    for (const json& each : list)
        total += each.at(member).get<std::int64_t>();
    return total;
}

TEST(ValidationRun, ItsTimeIsNoStepsAndNobodyLosesAny) {
    const json result = names_result(joined(some_names, {"run.validate_every=2", "run.data=none"}));
    const json& totals = result.at("totals");
    const std::int64_t time = totals.at("time_ps"), training = totals.at("training_time_ps"),
                       validation = totals.at("validation_time_ps");
    EXPECT_EQ(sum(result.at("steps"), "time_ps"), training);
    EXPECT_EQ(sum(result.at("validation").at("runs"), "time_ps"), validation);
    EXPECT_EQ(result.at("critical_path").at("time_ps"), training);
    EXPECT_GT(validation, 0);
    EXPECT_LE(training + validation, time);
    for (const char* owners : {"ops", "phases", "kinds"})
        EXPECT_EQ(sum(result.at(owners), "time_ps"), time) << owners;
    std::int64_t charged = 0;
    for (const json& phase : result.at("phases"))
        if (phase.at("name") == "validate") charged = phase.at("time_ps");
    EXPECT_GT(charged, validation * 9 / 10) << "what a validation takes is its operators', but for some of the hart's";
    EXPECT_LE(charged, validation);
    for (const json& step : result.at("steps"))
        for (const auto& [unit, parts] : step.at("units_ps").items()) {
            const auto times = parts.get<std::vector<std::int64_t>>();
            EXPECT_EQ(std::accumulate(times.begin(), times.end(), std::int64_t{0}), step.at("time_ps")) << unit;
        }
}

TEST(ValidationRun, GoesOnAtTheSameStepsAfterLoading) {
    const TemporaryFolder folder;
    const auto run = [&](const char* out, const Settings& more) {
        Settings words{"run", "scenarios/runs/names.toml", "--quiet", "--trace", "off", "--out", folder.path(out)};
        for (const std::string& setting : joined(some_names, {"run.validate_every=2", "run.rate_schedule=constant"}))
            words.insert(words.end(), {"--set", setting});
        words.insert(words.end(), more.begin(), more.end());
        const ProgramRun program = run_program(words);
        EXPECT_EQ(program.exit_code, 0) << program.err;
        return validations_of(json::parse(file_content(folder.path(std::string(out) + "/result.json"))));
    };
    const auto whole = run("whole", {});
    run("first", {"--steps", "3", "--save", folder.path("first.st")});
    const auto rest = run("rest", {"--load", folder.path("first.st")});
    ASSERT_EQ(whole.size(), 3u);
    EXPECT_THAT(rest, ::testing::ElementsAre(whole[1], whole[2]));
}

TEST(ValidationRun, ShowsInTheSummary) {
    const TemporaryFolder folder;
    Settings words{"run", "scenarios/runs/names.toml", "--trace", "off", "--out", folder.path("out")};
    for (const std::string& setting : some_names)
        words.insert(words.end(), {"--set", setting});
    const ProgramRun program = run_program(words);
    ASSERT_EQ(program.exit_code, 0) << program.err;
    EXPECT_THAT(program.out, ::testing::HasSubstr("loss after step 5; 1 validation took "));
    EXPECT_THAT(program.out, ::testing::HasSubstr("held back for validation: "));
}

TEST(ValidationRun, RefusesATextOfWhichNothingWouldBeLeft) {
    const TemporaryFolder folder;
    const ProgramRun run = run_program(
        {"check", "scenarios/runs/names.toml", "--set", text_of(folder, "emma\n"), "--set", "run.validation=0.5"});
    EXPECT_NE(run.exit_code, 0);
    EXPECT_THAT(run.err, ::testing::HasSubstr("run.validation = 0.5"));
}

} // namespace
} // namespace gradus::test::validation_test
