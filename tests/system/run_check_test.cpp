// SPDX-License-Identifier: Apache-2.0
// gradus run --check from the outside: it changes nothing that a run computes or takes, and what it found is in the
// summary, in result.json and in the exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/names_result.h"

namespace gradus::test::run_check_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

struct CheckedRun {
    ProgramRun program;
    json result; ///< null where there is none
    std::string summary;
};

CheckedRun checked_run(const std::vector<std::string>& settings, bool check = true) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"run",   "scenarios/runs/names.toml", "--trace", "off", "--quiet",
                                       "--out", folder.path("out")};
    if (check) arguments.emplace_back("--check");
    for (const std::string& setting : settings)
        arguments.insert(arguments.end(), {"--set", setting});
    CheckedRun run{run_program(arguments), {}, file_content(folder.path("out/summary.txt"))};
    run.result = json::parse(file_content(folder.path("out/result.json")), nullptr, false);
    return run;
}

TEST(RunCheck, ChangesNothingThatARunComputesOrTakes) {
    const std::vector<std::string> settings{"run.steps=5", "run.generate=2"};
    json with = checked_run(settings).result, without = checked_run(settings, false).result;
    EXPECT_EQ(with.at("check").at("operators"), 5 * 52);
    for (json* result : {&with, &without}) {
        result->erase("host");
        result->erase("check");
    }
    EXPECT_EQ(with, without);
}

TEST(RunCheck, SaysInTheSummaryWhatItLookedAt) {
    const CheckedRun run = checked_run({"run.steps=2", "run.generate=0"});
    ASSERT_EQ(run.program.exit_code, 0) << run.program.err;
    EXPECT_EQ(run.program.err, "");
    EXPECT_THAT(run.summary, HasSubstr("check    104 operators with 64.90 k elements as in double precision"));
    EXPECT_LE(run.result.at("check").at("worst"), 1);
    EXPECT_GT(run.result.at("check").at("worst"), 0.01);
    EXPECT_THAT(run.result.at("check").at("worst_op").get<std::string>(), HasSubstr(" in step "));
    EXPECT_FALSE(run.result.at("check").contains("failure"));
}

// Updates come in slices, before operators that stand in front of them.
class RunCheckOfEarlyUpdates : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(RunCheckOfEarlyUpdates, FindsNothingWrong) {
    const CheckedRun run = checked_run(joined(early_update_workload, GetParam()));
    EXPECT_EQ(run.program.exit_code, 0);
    EXPECT_EQ(run.program.err, "");
    EXPECT_GT(run.result.at("check").at("elements"), 2e6);
}

INSTANTIATE_TEST_SUITE_P(
    Runs, RunCheckOfEarlyUpdates,
    ::testing::Values(std::vector<std::string>{}, std::vector<std::string>{"run.record_commands=false"},
                      std::vector<std::string>{"run.optimizer=sgd", "run.momentum=0.9", "run.clip=0.01"},
                      std::vector<std::string>{"model.format=bf16", "model.precision=mixed", "model.attention=fused",
                                               "model.head=fused", "model.formats.moments=bf16"}));

// Its inputs come through a ring, and its update records one by one.
TEST(RunCheck, FollowsALongRun) {
    const CheckedRun run = checked_run({"run.steps=6000", "run.generate=0", "model.layers=1", "model.context=4"});
    EXPECT_EQ(run.program.exit_code, 0) << run.program.err;
    EXPECT_EQ(run.result.at("steps").size(), 6000u);
    EXPECT_EQ(run.result.at("check").at("operators"), 6000 * 52);
}

// Steps that are far too large: sums overflow in the third one.
TEST(RunCheck, NamesTheOperatorWhoseResultIsTheFirstThatIsNotFinite) {
    const std::vector<std::string> settings{"run.steps=6", "run.generate=0", "run.learning_rate=1000",
                                            "run.optimizer=sgd", "model.activation=relu_squared"};
    const CheckedRun run = checked_run(settings), unchecked = checked_run(settings, false);
    EXPECT_EQ(run.program.exit_code, 0) << "a model that diverges is no fault of the chip";
    EXPECT_THAT(unchecked.program.err, Not(HasSubstr("operator")));
    EXPECT_THAT(run.program.err, HasSubstr("the loss is nan at step "));
    EXPECT_THAT(run.program.err, HasSubstr("is the first operator with a result that is not finite, though all that it "
                                           "reads is: element ["));
    EXPECT_THAT(run.program.err, HasSubstr("It was written by command "));
    const std::string cause = run.result.at("check").at("first_not_finite");
    EXPECT_THAT(run.program.err, HasSubstr(cause));
    EXPECT_EQ(run.program.err.find("not finite"), run.program.err.rfind("the first that is not finite") + 18)
        << "it is said once";
    EXPECT_THAT(run.result.at("warnings").dump(), HasSubstr("is the first operator with a result that is not finite"));
}

TEST(RunCheck, RefusesARunWithoutNumbers) {
    const CheckedRun run = checked_run({"run.data=none"});
    EXPECT_EQ(run.program.exit_code, 2);
    EXPECT_EQ(run.program.err, "gradus: run: --check looks at numbers, and with run.data = \"none\" there are none; "
                               "--data full computes them\n");
    EXPECT_TRUE(run.result.is_discarded()) << "nothing is simulated";
}

TEST(RunCheck, TakesNoValue) {
    const ProgramRun run = run_program({"run", "scenarios/runs/names.toml", "--check=full"});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("--check"));
}

} // namespace
} // namespace gradus::test::run_check_test
