// SPDX-License-Identifier: Apache-2.0
// --load, --save, --save-every and --dump of gradus run, from the outside.
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/close.h"
#include "tests/support/refused.h"
#include "tests/support/safetensors_text.h"
#include "tests/support/started_program.h"

namespace gradus::test::weights_test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

using Words = std::vector<std::string>;

Words names_run(const TemporaryFolder& folder, const std::string& out, const Words& more) {
    Words words{
        "run",           "scenarios/runs/names.toml", "--set", "run.generate=0", "--trace", "off", "--quiet", "--out",
        folder.path(out)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

json result_of(const TemporaryFolder& folder, const std::string& out, const Words& more) {
    const ProgramRun run = run_program(names_run(folder, out, more));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    return json::parse(file_content(folder.path(out + "/result.json")));
}

/// Step numbers and losses, as they are printed: bit for bit.
std::vector<std::pair<unsigned, std::string>> losses(const json& result) {
    std::vector<std::pair<unsigned, std::string>> losses;
    for (const json& step : result.at("steps"))
        losses.emplace_back(step.at("step").get<unsigned>(), step.at("loss").dump());
    return losses;
}

/// Three steps, saved, and three more are six: the losses of the last three, and every weight and moment afterwards.
void expect_the_same_in_two_pieces(const Words& settings) {
    const TemporaryFolder folder;
    const auto run = [&](const char* out, const Words& more) {
        Words words{"--set", "run.rate_schedule=constant"};
        words.insert(words.end(), settings.begin(), settings.end());
        words.insert(words.end(), more.begin(), more.end());
        return losses(result_of(folder, out, words));
    };
    const auto whole = run("whole", {"--steps", "6", "--save", folder.path("whole.st")});
    const auto first = run("first", {"--steps", "3", "--save", folder.path("first.st")});
    const auto rest =
        run("rest", {"--steps", "6", "--load", folder.path("first.st"), "--save", folder.path("rest.st")});
    ASSERT_EQ(whole.size(), 6u);
    auto both = first;
    both.insert(both.end(), rest.begin(), rest.end());
    EXPECT_EQ(both, whole);
    EXPECT_TRUE(file_content(folder.path("whole.st")) == file_content(folder.path("rest.st")));
    EXPECT_FALSE(file_content(folder.path("whole.st")) == file_content(folder.path("first.st")));
}

TEST(Weights, TrainingGoesOnWithAdamW) { expect_the_same_in_two_pieces({}); }

TEST(Weights, TrainingGoesOnWithMomentum) {
    expect_the_same_in_two_pieces({"--set", "run.optimizer=sgd", "--set", "run.momentum=0.9"});
}

TEST(Weights, TrainingGoesOnInMixedPrecision) {
    expect_the_same_in_two_pieces({"--set", "model.format=bf16", "--set", "model.precision=mixed", "--set",
                                   "model.formats.moments=bf16", "--set", "run.clip=0.5"});
}

/// Of a file that --save wrote.
unsigned step_of(const std::string& content) {
    std::uint64_t length = 0;
    std::memcpy(&length, content.data(), sizeof length);
    const json header = json::parse(content.substr(sizeof length, length));
    return static_cast<unsigned>(std::stoul(header.at("__metadata__").at("gradus.step").get<std::string>()));
}

// Whenever it is killed: its last checkpoint is whole, and twenty steps later losses, weights and moments are those of
// a run that nobody killed.
TEST(Weights, AKilledRunGoesOnFromItsLastCheckpoint) {
    const TemporaryFolder folder;
    const std::string checkpoint = folder.path("checkpoint.st"), saved = folder.path("saved.st");
    const Words constant{"--set", "run.rate_schedule=constant"};
    const auto with = [&](const Words& more) {
        Words words = constant;
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    StartedProgram program(
        names_run(folder, "killed", with({"--steps", "9000", "--save", checkpoint, "--save-every", "7"})));
    ASSERT_TRUE(program.wait_until([&] { return fs::exists(checkpoint); }));
    program.send(SIGKILL);
    EXPECT_EQ(program.wait().exit_code, 128 + SIGKILL);
    const unsigned step = step_of(file_content(checkpoint));
    EXPECT_EQ(step % 7, 0u);

    const std::string steps = std::to_string(step + 20);
    const auto rest =
        losses(result_of(folder, "rest", with({"--steps", steps, "--load", checkpoint, "--save", saved})));
    const std::string continued = file_content(saved);
    auto whole = losses(result_of(folder, "whole", with({"--steps", steps, "--save", saved})));
    ASSERT_EQ(whole.size(), step + 20);
    whole.erase(whole.begin(), whole.begin() + step);
    EXPECT_EQ(rest, whole);
    EXPECT_TRUE(continued == file_content(saved));
}

struct Npy {
    std::string header;
    std::vector<float> values;
};

Npy read_npy(const std::string& path) {
    const std::string content = file_content(path);
    const std::size_t begin =
        10 + static_cast<unsigned char>(content.at(8)) + 256u * static_cast<unsigned char>(content.at(9));
    Npy npy{content.substr(0, begin), std::vector<float>((content.size() - begin) / 4)};
    std::memcpy(npy.values.data(), content.data() + begin, content.size() - begin);
    return npy;
}

TEST(Weights, DumpedGradientsAreThoseOfAutograd) {
    const TemporaryFolder folder;
    result_of(folder, "out", {"--steps", "1", "--dump", "grad.layer0.attention.[kqvo]*", "--dump", "grad.head"});
    std::ifstream file("tests/reference/microgpt_golden.json");
    const json golden = json::parse(file).at("gradients");
    for (const char* name : {"layer0.attention.query", "layer0.attention.output", "head"}) {
        const Npy npy = read_npy(folder.path("out/dump/grad." + std::string(name) + ".npy"));
        EXPECT_THAT(npy.header, HasSubstr(std::string(name) == "head" ? "(27, 16)" : "(16, 16)"));
        expect_close(name, npy.values, golden.at(name).get<std::vector<double>>(), {1e-4, 1e-4, 1e-6});
    }
    EXPECT_FALSE(fs::exists(folder.path("out/dump/grad.embedding.token.npy"))) << "nobody asked for it";
}

// Queries are needed no more once the gradients of their layer are there: others lie in their memory by then.
TEST(Weights, WhatIsWrittenOverIsNotDumped) {
    const TemporaryFolder folder;
    const ProgramRun some = run_program(names_run(folder, "out", {"--steps", "1", "--dump", "layer0.attention.*"}));
    EXPECT_EQ(some.exit_code, 0);
    EXPECT_THAT(some.err, HasSubstr("warning: --dump leaves out tensors that others have written over"));
    EXPECT_THAT(some.err, HasSubstr("layer0.attention.query.out"));
    EXPECT_TRUE(fs::exists(folder.path("out/dump/layer0.attention.query.npy")));
    EXPECT_FALSE(fs::exists(folder.path("out/dump/layer0.attention.query.out.npy")));
    EXPECT_THAT(refused(names_run(folder, "out", {"--dump", "layer0.attention.query.out"})),
                HasSubstr("nothing of it is left when a step is over"));
    EXPECT_THAT(refused(names_run(folder, "out", {"--dump", "layer7.mlp.up"})),
                HasSubstr("--dump 'layer7.mlp.up' matches no tensor; nearest: 'layer0.mlp.up'"));
}

TEST(Weights, LayersAreFoundAsPublishedModelsNumberThem) {
    const TemporaryFolder folder;
    result_of(folder, "out", {"--steps", "1", "--dump", "grad.layer.0.mlp.[ud]*n", "--dump", "layer.0.mlp.up"});
    for (const char* name : {"grad.layer0.mlp.down", "layer0.mlp.up"})
        EXPECT_TRUE(fs::exists(folder.path("out/dump/" + std::string(name) + ".npy"))) << name;
}

TEST(Weights, NeitherSavingNorDumpingTakesSimulatedTime) {
    const TemporaryFolder folder;
    json plain = result_of(folder, "plain", {"--steps", "3"});
    json saving = result_of(folder, "saving",
                            {"--steps", "3", "--save", folder.path("w.st"), "--save-every", "1", "--dump", "[mv].*"});
    for (json* each : {&plain, &saving})
        each->erase("host");
    EXPECT_EQ(plain, saving);
}

// A published model, on the chip: the first loss is that of PyTorch (tests/reference/weights_reference.py).
TEST(Weights, APublishedModelHasItsLossOnTheChip) {
    std::ifstream file("tests/reference/weights/golden.json");
    const json golden = json::parse(file);
    const TemporaryFolder folder;
    Words words{"--steps", "1",
                "--set",   "run.text=synthetic",
                "--set",   "run.batch=" + golden.at("batch").dump(),
                "--load",  "tests/reference/weights/gpt2.safetensors"};
    const json keys = golden.at("models").at("gpt2").at("keys");
    for (const auto& [key, value] : keys.items())
        words.insert(words.end(),
                     {"--set", "model." + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump())});
    const json result = result_of(folder, "out", words);
    EXPECT_NEAR(result.at("steps").at(0).at("loss").get<double>(),
                golden.at("models").at("gpt2").at("loss").get<double>(), 1e-4);
}

// A rate of 1000 without Adam's scaling: the weights overflow within a few steps, and the last that were finite stay.
TEST(Weights, ACheckpointIsNotReplacedByNumbersThatAreNone) {
    const TemporaryFolder folder;
    const std::string saved = folder.path("w.st");
    const ProgramRun run = run_program(names_run(folder, "out",
                                                 {"--steps", "30", "--set", "run.optimizer=sgd", "--set",
                                                  "run.learning_rate=1000", "--save", saved, "--save-every", "1"}));
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_THAT(run.err, HasSubstr("cannot write '" + saved + "': tensor '"));
    EXPECT_THAT(run.err, HasSubstr("' is not all finite numbers any more"));
    const unsigned step = step_of(file_content(saved));
    EXPECT_GT(step, 0u);
    EXPECT_LT(step, 30u);
    EXPECT_FALSE(fs::exists(saved + ".part"));
}

TEST(Weights, AFirmwareThatTrainsNothingLeavesNothing) {
    const TemporaryFolder folder;
    const std::string hello = (fs::path(GRADUS_PROGRAM).parent_path() / "firmware/hello.elf").string();
    const ProgramRun run =
        run_program(names_run(folder, "out", {"--firmware", hello, "--save", folder.path("w.st"), "--dump", "head"}));
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_THAT(run.err, HasSubstr("the firmware did not report the last step"));
    EXPECT_FALSE(fs::exists(folder.path("w.st")));
}

TEST(Weights, WhatMakesNoSenseIsRefused) {
    const TemporaryFolder folder;
    const std::string saved = folder.path("w.st");
    result_of(folder, "out", {"--steps", "2", "--save", saved});
    const auto refusal = [&](const Words& more) { return refused(names_run(folder, "out", more)); };
    for (const char* option : {"--load", "--save", "--dump"})
        EXPECT_THAT(refusal({"--data", "none", option, saved}),
                    HasSubstr(std::string(option) + " needs numbers, and run.data is \"none\""));
    EXPECT_THAT(refusal({"--save-every", "2"}), HasSubstr("--save-every without --save"));
    EXPECT_THAT(refusal({"--save", saved, "--save-every", "0"}), HasSubstr("--save-every is 1 or more"));
    EXPECT_THAT(refusal({"--save", folder.path("none/w.st")}), HasSubstr("cannot write"));
    EXPECT_THAT(refusal({"--load", folder.path("none")}), HasSubstr("there is no file"));
    EXPECT_THAT(refusal({"--steps", "2", "--load", saved}), HasSubstr("all of its 2 steps are done"));
    EXPECT_THAT(refusal({"--load", saved, "--set", "run.seed=2"}),
                HasSubstr("by a run with run.seed = 1, and this one has 2"));
    EXPECT_THAT(refusal({"--load", saved, "--set", "run.batch=2"}), HasSubstr("run.batch = 1"));
    EXPECT_THAT(refusal({"--load", saved, "--set", "run.optimizer=sgd"}), HasSubstr("run.optimizer = adamw"));
    EXPECT_THAT(refusal({"--load", saved, "--set", "model.width=8"}),
                HasSubstr("tensor 'embedding.token' is [27, 16]"));
    std::ofstream(folder.path("cut.st")) << file_content(saved).substr(0, 5000);
    EXPECT_THAT(refusal({"--load", folder.path("cut.st")}), HasSubstr("is the file cut?"));
    EXPECT_EQ(json::parse(file_content(folder.path("out/result.json"))).at("steps").size(), 2u)
        << "what an earlier run left is still there";
}

} // namespace
} // namespace gradus::test::weights_test
