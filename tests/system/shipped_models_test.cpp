// SPDX-License-Identifier: Apache-2.0
// Every shipped model trains a step on the chip for training to its end, in time alone: at its own width, with one
// layer, a small vocabulary and a short context. Of a step at full size these take the most.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"

namespace gradus::test::shipped_models_test {
namespace {

using nlohmann::json;

struct Model {
    const char* name;
    std::vector<std::string> settings;
};

const std::vector<std::string> short_text{"model.context=64", "model.vocabulary=2048"};
/// Without moments: AdamW would move twice as much.
const std::vector<std::string> large{"model.context=64", "model.vocabulary=2048", "run.optimizer=sgd"};

class ShippedModel : public ::testing::TestWithParam<Model> {};

TEST_P(ShippedModel, TrainsAStepToItsEnd) {
    const TemporaryFolder folder;
    std::vector<std::string> words{"run",
                                   "scenarios/runs/train.toml",
                                   "--steps",
                                   "1",
                                   "--json",
                                   "--out",
                                   folder.path("out"),
                                   "--set",
                                   std::string("model.base=scenarios/models/") + GetParam().name + ".toml",
                                   "--set",
                                   "model.layers=1"};
    for (const std::string& setting : GetParam().settings)
        words.insert(words.end(), {"--set", setting});
    const ProgramRun run = run_program(words);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json result = json::parse(run.out);
    EXPECT_EQ(result.at("steps").size(), 1u);
    EXPECT_EQ(result.at("totals").at("exit_code"), 0);
    std::uint64_t scheduled = 0;
    for (const json& op : result.at("ops"))
        scheduled += op.at("scheduled_macs").get<std::uint64_t>();
    EXPECT_GE(result.at("totals").at("macs"), scheduled) << "blocks of scores that are hidden in part are whole";
}

INSTANTIATE_TEST_SUITE_P(Files, ShippedModel,
                         ::testing::Values(Model{"gpt-small", short_text}, Model{"smollm-135m", short_text},
                                           Model{"bert-base", short_text}, Model{"vit-base-384", {"model.context=65"}},
                                           Model{"gemma-3-1b", short_text}, Model{"nanochat-d20", large},
                                           Model{"qwen3-1.7b", large}, Model{"llama-3.2-1b", large}),
                         [](const auto& info) {
                             std::string name = info.param.name;
                             for (char& character : name)
                                 if (std::isalnum(static_cast<unsigned char>(character)) == 0) character = '_';
                             return name;
                         });

} // namespace
} // namespace gradus::test::shipped_models_test
