// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "platform/scenario/files.h"
#include "platform/scenario/load.h"
#include "platform/scenario/schema.h"

namespace gradus::scenario::scenario_load_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class ScenarioLoad : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("gradus_scenario_" + std::to_string(getpid()));
        fs::create_directories(folder_ / "chips");
        write("text.txt", "anna\nbob\n");
        write("text.toml", "run.text = \"text.txt\"\n");
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path write(const std::string& name, const std::string& content) const {
        std::ofstream(folder_ / name, std::ios::binary) << content;
        return folder_ / name;
    }
    /// A run file whose text exists, with `content` after it.
    fs::path run_file(const std::string& content) const {
        return write("run.toml", "base = \"text.toml\"\n" + content);
    }
    Scenario loaded(const std::string& content, const std::vector<std::string>& overrides = {}) const {
        return load(run_file(content), overrides);
    }
    static std::string message(const std::function<void()>& action) {
        try {
            action();
        } catch (const ScenarioError& error) {
            return error.what();
        }
        return "no error";
    }
    std::string message(const std::string& content, const std::vector<std::string>& overrides = {}) const {
        return message([&] { loaded(content, overrides); });
    }
    std::string at_line(int line) const { return (folder_ / "run.toml").string() + ":" + std::to_string(line) + ": "; }

    fs::path folder_;
};

TEST_F(ScenarioLoad, WhatTheFileLeavesOutKeepsItsDefault) {
    const Scenario scenario = loaded("run.steps = 7\n");
    EXPECT_EQ(scenario.run.steps, 7u);
    EXPECT_EQ(scenario.run.batch, Scenario{}.run.batch);
    EXPECT_EQ(scenario.chip.matrix.rows, Scenario{}.chip.matrix.rows);
}

TEST_F(ScenarioLoad, BaseComesFirstAndIsOverriddenByTheSection) {
    write("chips/base.toml", "clock_mhz = 250\n[engine.matrix]\nrows = 8\ncols = 16\n");
    const Scenario scenario = loaded("[chip]\nengine.matrix.rows = 32\nbase = \"chips/base.toml\"\n");
    EXPECT_EQ(scenario.chip.clock_mhz, 250);
    EXPECT_EQ(scenario.chip.matrix.rows, 32u); // although `base` stands after it
    EXPECT_EQ(scenario.chip.matrix.cols, 16u);
    EXPECT_EQ(scenario.chip.name, "base");
}

TEST_F(ScenarioLoad, ABaseMayHaveABaseAndPathsAreRelativeToTheFileTheyStandIn) {
    write("chips/first.toml", "engine.vector.lanes = 2\nclock_mhz = 10\n");
    write("chips/second.toml", "base = \"first.toml\"\nclock_mhz = 20\n");
    const Scenario scenario = loaded("[chip]\nbase = \"chips/second.toml\"\n");
    EXPECT_EQ(scenario.chip.vector.lanes, 2u);
    EXPECT_EQ(scenario.chip.clock_mhz, 20);
    EXPECT_EQ(scenario.chip.name, "second");
}

TEST_F(ScenarioLoad, ARunMayStartFromAnotherRun) {
    write("other.toml", "[run]\ntext = \"text.txt\"\nsteps = 3\nbatch = 5\n");
    const Scenario scenario = load(write("variant.toml", "base = \"other.toml\"\n[run]\nsteps = 4\n"));
    EXPECT_EQ(scenario.run.steps, 4u);
    EXPECT_EQ(scenario.run.batch, 5u);
    EXPECT_EQ(scenario.name, "variant");
}

TEST_F(ScenarioLoad, FilesAreSeenAsTheyWereWhenTheyWereReadFirst) {
    Files files;
    const fs::path run = run_file("[run]\nsteps = 3\n");
    EXPECT_EQ(files.load(run).run.steps, 3u);
    run_file("[run]\nsteps = 4\n");
    EXPECT_EQ(files.load(run).run.steps, 3u);
    EXPECT_EQ(files.load(run, {"run.batch=2"}).run.batch, 2u);
    EXPECT_EQ(load(run).run.steps, 4u);
}

TEST_F(ScenarioLoad, AllTypesOfKeysAreRead) {
    const Scenario scenario =
        loaded("[chip]\nclock_mhz = 100\ndram.page_policy = \"closed\"\n[model]\nactivation = \"silu\"\n"
               "bias = true\nname = \"mine\"\n[chip.sram]\nbytes = 0x20000\n");
    EXPECT_EQ(scenario.chip.clock_mhz, 100); // an integer is a number
    EXPECT_EQ(scenario.chip.dram.policy.page_policy, ip::DramPagePolicy::closed);
    EXPECT_EQ(scenario.model.activation, Activation::silu);
    EXPECT_TRUE(scenario.model.bias);
    EXPECT_EQ(scenario.model.name, "mine");
    EXPECT_EQ(scenario.chip.sram.bytes, 128u << 10);
}

TEST_F(ScenarioLoad, OverridesWinOverTheFileAndTheLastOneWins) {
    const Scenario scenario =
        loaded("run.steps = 1\n", {"run.steps=2", "run.steps = 3", "model.activation=gelu", "run.data=\"none\"",
                                   "chip.clock_mhz=1e3", "run.dmi=false", "chip.name=two words"});
    EXPECT_EQ(scenario.run.steps, 3u);
    EXPECT_EQ(scenario.model.activation, Activation::gelu);
    EXPECT_EQ(scenario.run.data, DataPlane::none);
    EXPECT_EQ(scenario.chip.clock_mhz, 1000);
    EXPECT_FALSE(scenario.run.dmi);
    EXPECT_EQ(scenario.chip.name, "two words");
}

TEST_F(ScenarioLoad, AnOverrideReplacesTheBaseOfASection) {
    write("chips/small.toml", "engine.matrix.rows = 2\nengine.matrix.cols = 2\n");
    write("chips/origin.toml", "engine.vector.lanes = 64\n");
    write("chips/large.toml", "base = \"origin.toml\"\nengine.matrix.rows = 64\n");
    const Scenario scenario = loaded("[chip]\nbase = \"chips/small.toml\"\nclock_mhz = 50\n",
                                     {"chip.base=" + (folder_ / "chips/large.toml").string()});
    EXPECT_EQ(scenario.chip.matrix.rows, 64u);
    EXPECT_EQ(scenario.chip.matrix.cols, Scenario{}.chip.matrix.cols); // nothing of small.toml is left
    EXPECT_EQ(scenario.chip.vector.lanes, 64u);                        // the base of the new base counts
    EXPECT_EQ(scenario.chip.clock_mhz, 50);                            // the section's own keys still win
    EXPECT_EQ(scenario.chip.name, "large");
}

TEST_F(ScenarioLoad, TheTextIsRelativeToTheFileUnlessItComesFromTheCommandLine) {
    EXPECT_EQ(loaded("").run.text, (folder_ / "text.txt").string());
    const std::string absolute = (folder_ / "text.txt").string();
    EXPECT_EQ(loaded("", {"run.text=" + absolute}).run.text, absolute);
    EXPECT_EQ(loaded("model.vocabulary = 9\n", {"run.text=synthetic"}).run.text, "synthetic");
}

TEST_F(ScenarioLoad, AnUnknownKeyIsNamedWithItsLineAndTheNearestKey) {
    EXPECT_EQ(message("[chip.engine.matrix]\nrwos = 4\n"),
              at_line(3) + "unknown key 'chip.engine.matrix.rwos'; nearest: 'chip.engine.matrix.rows'");
    EXPECT_EQ(message("[chip.engine.matrx]\nrows = 4\n"),
              at_line(2) + "unknown key 'chip.engine.matrx'; nearest: 'chip.engine.matrix'");
    EXPECT_THAT(message("[runs]\nsteps = 4\n"), HasSubstr("unknown key 'runs'"));
}

TEST_F(ScenarioLoad, RefusesModelsThatMakeNoSense) {
    const std::string model = "run.text = \"synthetic\"\n[model]\nvocabulary = 9\n";
    const std::pair<const char*, const char*> refused[] = {
        {"norm_offset = true\n", "model.norm_offset is of gains"},
        {"embedding_scaled = true\n", "model.embedding_scaled is for models without"},
        {"global_every = 2\n", "model.global_every is of models"},
        {"rope.local_theta = 9\n", "model.rope.local_theta is of layers"},
        {"objective = \"masked_token\"\nwindow = 3\n", "model.window is for model.objective"},
        {"objective = \"label\"\n", "model.patch_values, of the images that have labels, go together"},
        {"patch_values = 4\n", "go together"},
        {"objective = \"label\"\npatch_values = 4\ntied_head = true\n", "images have no tokens"},
    };
    for (const auto& [keys, why] : refused)
        EXPECT_THAT(message(model + keys), HasSubstr(why));
    EXPECT_THAT(message("run.text = \"synthetic\"\nrun.generate = 1\n[model]\nvocabulary = 9\n"
                        "objective = \"masked_token\"\n"),
                HasSubstr("run.generate is for"));
}

TEST_F(ScenarioLoad, AKeyWithoutItsSectionIsToldWhereItBelongs) {
    EXPECT_THAT(message("clock_mhz = 4\n"), AllOf(HasSubstr("unknown key 'clock_mhz'; nearest: 'chip.clock_mhz'"),
                                                  HasSubstr("belongs into [chip]")));
    EXPECT_THAT(message("[engine.matrix]\nrows = 4\n"), HasSubstr("nearest: 'chip.engine'"));
}

TEST_F(ScenarioLoad, LettersBeyondAsciiStandInQuotesAndCommentsAlone) {
    EXPECT_THAT(message("m\xc8\x9d = 2\n"), testing::HasSubstr("a character beyond ASCII stands outside of quotes"));
    EXPECT_THAT(message("# \xc8\x9d\nrun.steps = \"\xc8\x9d\"\n"), testing::HasSubstr("run.steps"));
}

TEST_F(ScenarioLoad, LettersBeyondAsciiDoNotFollowALineThatABackslashEnds) {
    const auto refused = testing::HasSubstr("stands behind a backslash");
    EXPECT_THAT(message("run.text = \"\"\"\\\n  \xc3\xa4\"\"\"\n"), refused);
    EXPECT_THAT(message("run.text = \"\"\"\\\xc3\xa4\"\"\"\n"), refused);
    for (const char* harmless : {"\"\"\"\\\\\xc3\xa4\"\"\"", "\"\"\"\\\n x\xc3\xa4\"\"\"", "'''\\\n\xc3\xa4'''"})
        EXPECT_THAT(message("run.text = " + std::string(harmless) + "\n"), testing::Not(refused)) << harmless;
}

TEST_F(ScenarioLoad, LettersBeyondAsciiDoNotFollowAQuoteInTheMiddleOfAValue) {
    for (const char* value : {"-\"\xc3\xa4\"", "5'\xc3\xa4'", "-\"\"\"\"\\\"\xc3\xa4\"\"\""})
        EXPECT_THAT(message(std::string("run.text = ") + value + "\n"),
                    EndsWith("a character beyond ASCII stands behind a quote that begins no text"))
            << value;
    EXPECT_THAT(message("run.text = 5\"a\"\nrun.name = \"\xc3\xa4\"\n"), Not(HasSubstr("beyond ASCII")));
}

TEST_F(ScenarioLoad, AnOverrideIsGuardedAsAFileIs) {
    for (const auto& value : {std::string("[\xc3\xa4"), std::string("\"\"\"\\\n\xc3\xa4\"\"\""), std::string(500, '[')})
        EXPECT_THAT(message("", {"run.steps=" + value}), testing::HasSubstr("run.steps takes an integer")) << value;
}

TEST_F(ScenarioLoad, MomentumIsRefusedWhereAdamWWouldIgnoreIt) {
    EXPECT_EQ(message("run.momentum = 0.9\n"),
              at_line(2) + "run.momentum is for run.optimizer = \"sgd\": AdamW has run.beta1");
    EXPECT_EQ(loaded("run.momentum = 0.9\nrun.optimizer = \"sgd\"\n").run.momentum, 0.9);
}

TEST_F(ScenarioLoad, AWrongTypeIsToldWhatIsAllowed) {
    EXPECT_EQ(message("run.steps = \"many\"\n"),
              at_line(2) + "run.steps takes an integer, 1 .. 10000000 (steps), not text 'many'");
    EXPECT_EQ(message("run.steps = 2.5\n"),
              at_line(2) + "run.steps takes an integer, 1 .. 10000000 (steps), not the number 2.5");
    EXPECT_THAT(message("run.dmi = 1\n"), EndsWith("run.dmi takes true or false, not 1"));
    EXPECT_THAT(message("run.text = 3\n"),
                EndsWith("run.text takes text, up to 1000 bytes, no control characters, not 3"));
    EXPECT_THAT(message("run.steps = [1]\n"), EndsWith("not a list"));
    EXPECT_THAT(message("run.steps = 1979-05-27\n"), EndsWith("not a date or time"));
    EXPECT_THAT(message("run.steps.more = 1\n"), EndsWith("not a section"));
    EXPECT_THAT(message("chip.engine = 3\n"), EndsWith("chip.engine is a section, not 3"));
    EXPECT_THAT(message("[[chip]]\n"), EndsWith("chip is a section, not a list"));
}

TEST_F(ScenarioLoad, AValueOutOfRangeIsToldTheRange) {
    EXPECT_EQ(message("chip.engine.matrix.rows = 0\n"),
              at_line(2) + "chip.engine.matrix.rows = 0 is out of range; allowed is an integer, 1 .. 1024");
    EXPECT_THAT(message("chip.engine.matrix.rows = -1\n"), HasSubstr("chip.engine.matrix.rows = -1 is out of range"));
    EXPECT_THAT(message("chip.engine.matrix.rows = 9223372036854775807\n"), HasSubstr("is out of range"));
    EXPECT_THAT(message("chip.clock_mhz = nan\n"), HasSubstr("is out of range"));
    EXPECT_THAT(message("chip.clock_mhz = inf\n"), HasSubstr("is out of range"));
    EXPECT_THAT(message("chip.clock_mhz = -1\n"), HasSubstr("is out of range"));
    EXPECT_THAT(message("chip.scratchpad.banks = 3\n"), HasSubstr("1 .. 1024, power of two"));
    EXPECT_THAT(message("chip.name = \"" + std::string(200, 'n') + "\"\n"), HasSubstr("text, up to 100 bytes"));
}

TEST_F(ScenarioLoad, AWrongChoiceIsToldAllChoicesAndTheNearest) {
    EXPECT_EQ(
        message("model.activation = \"geul\"\n"),
        at_line(2) +
            "model.activation = 'geul': allowed is one of relu, gelu, silu, relu_squared, gelu_erf; nearest: gelu");
}

TEST_F(ScenarioLoad, AMissingFileIsNamedWithItsNeighbour) {
    write("names.toml", "");
    EXPECT_EQ(message([&] { load(folder_ / "names.tom"); }), "there is no file '" + (folder_ / "names.tom").string() +
                                                                 "'; nearest: '" + (folder_ / "names.toml").string() +
                                                                 "'");
    EXPECT_THAT(message("[chip]\nbase = \"chips/none.toml\"\n"),
                AllOf(HasSubstr(at_line(3) + "there is no file"), HasSubstr("chips/none.toml")));
    EXPECT_THAT(message("", {"chip.base=/nowhere.toml"}),
                HasSubstr("--set chip.base=/nowhere.toml: there is no file '/nowhere.toml'"));
}

TEST_F(ScenarioLoad, FoldersAndEndlessFilesAreRefused) {
    EXPECT_THAT(message([&] { load(folder_); }), HasSubstr("is a directory, not a file"));
    EXPECT_THAT(message([] { load("/dev/zero"); }), HasSubstr("is larger than 256 KiB"));
    EXPECT_THAT(message("", {"run.text=/tmp"}), HasSubstr("is a directory, not a file"));
}

TEST_F(ScenarioLoad, APipeIsReadOnceAndItsBasesBeginAtTheWorkingDirectory) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const std::string text = "[model]\nvocabulary = 27\n[run]\ntext = \"synthetic\"\nsteps = 7\n"
                             "[chip]\nbase = \"scenarios/chips/tiny.toml\"\n";
    ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    const std::string path = "/dev/fd/" + std::to_string(ends[0]);
    EXPECT_EQ(load(path).run.steps, 7u);
    const Scenario again = load(path, {"run.steps=8"});
    EXPECT_EQ(again.run.steps, 8u);
    EXPECT_EQ(again.name, "pipe");
    EXPECT_EQ(again.chip.name, "tiny");
    ::close(ends[0]);
}

TEST_F(ScenarioLoad, AMisspeltSectionIsToldTheNearestSection) {
    EXPECT_THAT(message("[Run]\nsteps = 3\n"), HasSubstr("unknown key 'Run'; nearest: 'run'"));
    EXPECT_THAT(message("[chip.Engin]\n"), HasSubstr("nearest: 'chip.engine'"));
    EXPECT_THAT(message("", {"Run.Steps=3"}), HasSubstr("nearest: 'run.steps'"));
    EXPECT_THAT(message("run.data = \"Full\"\n"), HasSubstr("nearest: full"));
}

TEST_F(ScenarioLoad, BasesThatLeadBackAreRefused) {
    write("chips/a.toml", "base = \"b.toml\"\n");
    write("chips/b.toml", "base = \"../chips/a.toml\"\n");
    EXPECT_THAT(message("[chip]\nbase = \"chips/a.toml\"\n"),
                AllOf(HasSubstr("chips/b.toml:1: base"), HasSubstr("leads back to itself")));
}

TEST_F(ScenarioLoad, AChainOfBasesEnds) {
    for (int i = 0; i < 40; ++i)
        write("chips/" + std::to_string(i) + ".toml", "base = \"" + std::to_string(i + 1) + ".toml\"\n");
    EXPECT_THAT(message("[chip]\nbase = \"chips/0.toml\"\n"), HasSubstr("a chain of more than 16 files"));
}

TEST_F(ScenarioLoad, SyntaxErrorsHaveLineAndColumn) {
    EXPECT_THAT(message("[run]\nsteps = = 3\n"), HasSubstr((folder_ / "run.toml").string() + ":3:9: "));
    EXPECT_THAT(message("[run\n"), HasSubstr("run.toml:2:"));
}

TEST_F(ScenarioLoad, AMarkAndTheLineEndsOfWindowsAreNoMatter) {
    const std::string windows = "\xEF\xBB\xBF"
                                "[run]\r\nsteps = 7\r\ntext = \"text.txt\"\r\n";
    EXPECT_EQ(load(write("windows.toml", windows), {}).run.steps, 7u);
    const fs::path wide = write("wide.toml", std::string("\xFF\xFE[\0r\0", 6));
    EXPECT_EQ(message([&] { load(wide, {}); }), wide.string() + ": is in UTF-16; save it as UTF-8");
}

TEST_F(ScenarioLoad, BaseMustBeAPath) {
    EXPECT_EQ(message("chip.base = 3\n"), at_line(2) + "base takes the path of a file, not 3");
}

TEST_F(ScenarioLoad, KeysThatDoNotGoTogetherAreRefusedWhereTheyStand) {
    EXPECT_EQ(message("[model]\nwidth = 16\nheads = 5\n"),
              at_line(4) + "model.heads = 5 must divide model.width = 16, or model.head_width be given");
    EXPECT_EQ(message("", {"model.width=18"}),
              "--set model.width=18: model.heads = 4 must divide model.width = 18, or model.head_width be given");
    EXPECT_THAT(message("chip.scratchpad.bytes = 1025\n"),
                HasSubstr("chip.scratchpad.bytes = 1025 must be a multiple of chip.scratchpad.banks"));
    EXPECT_EQ(message("chip.dram.bytes = 0x1000001\n"),
              at_line(2) + "chip.dram.bytes = 16777217 is not a multiple of one row in every bank, 16384 bytes");
    EXPECT_THAT(message("chip.dram.mapping = \"row,bank\"\n"),
                HasSubstr("chip.dram.mapping = row,bank does not fit: column is missing"));
    EXPECT_THAT(message("", {"run.text=synthetic"}), HasSubstr("model.vocabulary must be given"));
    EXPECT_THAT(message("model.vocabulary = 1\n"), HasSubstr("leaves nothing to predict"));
}

TEST_F(ScenarioLoad, AMissingTextIsNamedWhereItStands) {
    const fs::path file = write("run.toml", "[run]\ntext = \"gone.txt\"\n");
    EXPECT_THAT(message([&] { load(file); }), AllOf(HasSubstr(at_line(2)), HasSubstr("gone.txt")));
}

TEST_F(ScenarioLoad, OverridesThatAreNoneAreRefused) {
    EXPECT_EQ(message("", {"run.steps"}), "--set run.steps: an override is key=value");
    EXPECT_EQ(message("", {"run.stepps=3"}), "--set run.stepps=3: unknown key 'run.stepps'; nearest: 'run.steps'");
    EXPECT_THAT(message("", {"run.steps=many"}), HasSubstr("--set run.steps=many: run.steps takes an integer"));
    EXPECT_THAT(message("", {"run.steps="}), HasSubstr("not text ''"));
    EXPECT_THAT(message("", {"=3"}), HasSubstr("unknown key ''"));
    EXPECT_THAT(message("", {"chip.engine=3"}), HasSubstr("is a section; its keys are set one by one"));
    EXPECT_THAT(message("", {"run.steps=3\nbatch = 9"}), HasSubstr("takes an integer")); // one value, not more TOML
    EXPECT_THAT(message("", {"lanes=4"}), HasSubstr("nearest: 'chip.engine.vector.lanes'"));
}

TEST_F(ScenarioLoad, AChipFileStandsAlone) {
    const fs::path file = write("chips/alone.toml", "clock_mhz = 5\n[dma]\nchannels = 3\n");
    const ChipParameters chip = load_chip(file, {"chip.dma.outstanding=2"});
    EXPECT_EQ(chip.clock_mhz, 5);
    EXPECT_EQ(chip.dma.channels, 3u);
    EXPECT_EQ(chip.dma.outstanding, 2u);
    EXPECT_EQ(chip.name, "alone");
    EXPECT_THAT(message([&] { load_chip(write("chips/bad.toml", "[dma]\nchanels = 3\n")); }),
                HasSubstr("bad.toml:2: unknown key 'chip.dma.chanels'; nearest: 'chip.dma.channels'"));
}

TEST_F(ScenarioLoad, EveryKeyCanBeSetFromItsOwnDefault) {
    std::vector<std::string> overrides{"run.text=" + (folder_ / "text.txt").string()};
    for (const Parameter& parameter : schema())
        if (parameter.key != "run.text")
            overrides.push_back(std::string(parameter.key) + "=" + to_string(parameter.default_value()));
    const Scenario scenario = loaded("", overrides);
    for (const Parameter& parameter : schema()) {
        const bool has_value_from_a_file =
            parameter.key == "run.text" || parameter.key == "chip.name" || parameter.key == "model.name";
        if (!has_value_from_a_file) {
            EXPECT_EQ(parameter.get(scenario), parameter.default_value()) << parameter.key;
        }
    }
}

TEST_F(ScenarioLoad, HugeFilesAndLinesAreRefusedBeforeTheyAreParsed) {
    EXPECT_THAT(message(std::string(300 * 1024, '\n')), HasSubstr("is larger than 256 KiB"));
    EXPECT_THAT(message("# " + std::string(5000, 'x') + "\n"), HasSubstr(at_line(2) + "the line is longer"));
}

TEST_F(ScenarioLoad, DeepNestingNeverOverflowsTheStack) {
    std::string dotted = "a";
    while (dotted.size() < 2000)
        dotted += ".a";
    EXPECT_THAT(message(dotted + " = 1\n"), HasSubstr("unknown key 'a'"));
    EXPECT_THAT(message("[" + dotted + "]\n" + dotted + " = 1\n"), HasSubstr("unknown key 'a'"));
    EXPECT_THAT(message("run.steps = " + std::string(1500, '[') + "\n"), HasSubstr("run.toml:2:"));
    EXPECT_THAT(message("run.steps = " + std::string(8, '[') + std::string(8, ']') + "\n"), HasSubstr("a list"));
    EXPECT_THAT(message("run.steps = " + std::string(9, '[') + std::string(9, ']') + "\n"),
                HasSubstr("run.toml:2: lists and tables stand in each other more than 8 deep"));
}

// Each inline table begins a line of its own, so that the length of lines bounds nothing.
TEST_F(ScenarioLoad, InlineTablesOfDottedKeysNeverOverflowTheStack) {
    std::string dotted = "a";
    for (int i = 0; i < 1000; ++i)
        dotted += ".a";
    const auto nested = [&](int tables) {
        std::string text = "x = {k = \"\"\"\n\"\"\"";
        for (int i = 1; i < tables; ++i)
            text += ", " + dotted + " = {k = \"\"\"\n\"\"\"";
        return text + std::string(static_cast<std::size_t>(tables), '}') + "\n";
    };
    EXPECT_THAT(message(nested(8)), HasSubstr("unknown key 'x'"));
    EXPECT_THAT(message(nested(120)), HasSubstr("more than 8 deep"));
}

TEST_F(ScenarioLoad, BracketsInStringsAndCommentsDoNotNest) {
    const std::string open(20, '[');
    const Scenario scenario = loaded("# " + open + "\n[model]\nname = \"\\\"" + open + "\" # '\n[run]\nalphabet = '" +
                                     open + "ab'\n[chip]\nname = \"\"\"\"" + open + "\"\"\"\"\n");
    EXPECT_EQ(scenario.model.name, "\"" + open);
    EXPECT_EQ(scenario.chip.name, "\"" + open + "\"");
}

TEST_F(ScenarioLoad, AnOverrideGivesTheKeyTheValueThatItWasMadeOf) {
    for (const std::string name : {"plain", "two words ", " led", "'quoted'", "\"quoted\"", "\"a\\", "back\\slash", ""})
        EXPECT_EQ(loaded("model.name = \"other\"\n", {as_override("model.name", name)}).model.name,
                  name.empty() ? "run" : name);
    EXPECT_EQ(as_override("run.steps", std::uint64_t{3}), "run.steps=3");
}

TEST_F(ScenarioLoad, TextHoldsNoControlCharacters) {
    EXPECT_THAT(message("model.name = \"two\\nlines\"\n"), HasSubstr("no control characters"));
    EXPECT_THAT(message("", {"model.name=\x1b[31m"}), HasSubstr("no control characters"));
    EXPECT_EQ(loaded("run.alphabet = \"a\tb\"\n").run.alphabet, "a\tb") << "a tab is a blank";
}

TEST_F(ScenarioLoad, MessagesStayOnOneLineWhateverTheKeyHolds) {
    const std::string text = message("\"two\\nlines\\u001b[31m\" = 1\n");
    EXPECT_THAT(text, HasSubstr("unknown key 'two?lines?[31m'"));
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_LT(message("\"" + std::string(1900, 'k') + "\" = 1\n").size(), 500u);
}

TEST_F(ScenarioLoad, DamagedFilesAreRefusedOrReadButNeverCrash) {
    const std::string intact = "[chip]\nclock_mhz = 100\nname = \"x\"\nengine.matrix.rows = 4\n[model]\nbias = true\n"
                               "activation = \"relu\"\n[run]\nsteps = 10\nlearning_rate = 1e-3\n";
    const unsigned seed = std::random_device{}();
    std::mt19937 random(seed);
    for (int round = 0; round < 3000; ++round) {
        std::string damaged = intact;
        for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
            const std::size_t place = random() % damaged.size();
            if (random() % 3 == 0)
                damaged.erase(place, 1 + random() % 5);
            else
                damaged[place] = static_cast<char>(random() % 256);
            if (damaged.empty()) damaged = "=";
        }
        try {
            const Scenario scenario = loaded(damaged);
            for (const Parameter& parameter : schema())
                EXPECT_TRUE(parameter.allows(parameter.get(scenario))) << parameter.key << ", seed " << seed;
        } catch (const ScenarioError&) {
            // refused with a message, as it should be
        }
    }
}

TEST(ShippedScenarios, AllRunsLoad) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator("scenarios/runs")) {
        const Scenario scenario = load(entry.path());
        EXPECT_EQ(scenario.name, entry.path().stem());
        EXPECT_FALSE(scenario.chip.name.empty());
        EXPECT_FALSE(scenario.model.name.empty());
        ++count;
    }
    EXPECT_GE(count, 3);
}

TEST_F(ScenarioLoad, SaysWhereValuesComeFromAndWhatTheBaseSays) {
    using From = Origin::From;
    write("dram.toml", "channels = 2\n");
    write("chips/chip.toml", "clock_mhz = 200\ndma.channels = 3\n[dram]\nbase = \"../dram.toml\"\nchannels = 4\n");
    const Origins origins =
        loaded("[chip]\nbase = \"chips/chip.toml\"\ndma.channels = 1\nengine.matrix.rows = 8\n"
               "[chip.dram]\nchannels = 8\n",
               {"run.steps=7", "chip.dma.channels=2", "chip.engine.vector.lanes=2", "chip.engine.vector.lanes=16"})
            .origins;
    const auto expect = [&](const char* key, From from, const std::string& place) -> const Origin& {
        const Origin& origin = origins.at(key);
        EXPECT_EQ(origin.from, from) << key;
        EXPECT_EQ(origin.place, place) << key;
        return origin;
    };
    EXPECT_FALSE(expect("chip.clock_mhz", From::base, "chips/chip.toml:1").base);
    const Origin& rows = expect("chip.engine.matrix.rows", From::file, "run.toml:5");
    EXPECT_EQ(rows.base, find("chip.engine.matrix.rows")->default_value());
    EXPECT_EQ(rows.base_place, "") << "the default";
    const Origin& dram = expect("chip.dram.channels", From::file, "run.toml:7");
    EXPECT_EQ(dram.base, Value(std::uint64_t{4})) << "the last of the base files counts";
    EXPECT_EQ(dram.base_place, "chips/chip.toml:5");
    const Origin& channels = expect("chip.dma.channels", From::override, "--set chip.dma.channels=2");
    EXPECT_EQ(channels.base, Value(std::uint64_t{3})) << "not what the file made of it";
    EXPECT_EQ(channels.base_place, "chips/chip.toml:2");
    const Origin& lanes = expect("chip.engine.vector.lanes", From::override, "--set chip.engine.vector.lanes=16");
    EXPECT_EQ(lanes.base, find("chip.engine.vector.lanes")->default_value()) << "not the first --set";
    EXPECT_EQ(origins.count("chip.scratchpad.bytes"), 0U);
}

TEST_F(ScenarioLoad, ABaseThatAnOverrideNamesIsABase) {
    write("other.toml", "dma.channels = 5\n");
    const Origins origins =
        loaded("[chip]\nbase = \"missing.toml\"\n", {"chip.base=" + (folder_ / "other.toml").string()}).origins;
    EXPECT_EQ(origins.at("chip.dma.channels").from, Origin::From::base);
    EXPECT_EQ(origins.at("chip.dma.channels").place, "other.toml:1");
}

TEST(ShippedScenarios, AllChipsLoad) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator("scenarios/chips")) {
        EXPECT_EQ(load_chip(entry.path()).name, entry.path().stem());
        ++count;
    }
    EXPECT_GE(count, 3);
}

// Refresh bank by bank is another matter: DDR5 and GDDR6 do not have it.
TEST(ShippedScenarios, EveryChipTakesEveryDram) {
    for (const auto& chip : fs::directory_iterator("scenarios/chips"))
        for (const auto& dram : fs::directory_iterator("scenarios/dram"))
            EXPECT_NO_THROW(
                load_chip(chip.path(), {"chip.dram.base=" + dram.path().string(), "chip.dram.refresh=all_bank"}))
                << chip.path() << " with " << dram.path();
}

TEST(ShippedScenarios, AllModelsLoad) {
    for (const auto& entry : fs::directory_iterator("scenarios/models"))
        EXPECT_EQ(load("scenarios/runs/train.toml", {"model.base=" + entry.path().string(), "model.vocabulary=100"})
                      .model.name,
                  entry.path().stem());
}

// A systolic array takes a row and a column of operands a cycle. (A dot-product unit is another matter.)
TEST(ShippedScenarios, ScratchpadBanksFeedArrayVectorUnitAndFabricAtOnce) {
    for (const auto& entry : fs::directory_iterator("scenarios/chips")) {
        const ChipParameters chip = load_chip(entry.path());
        if (chip.matrix.dataflow == ip::Dataflow::dot) continue;
        const ip::Bytes fp32_operands = (chip.matrix.rows + chip.matrix.cols) * 4;
        const ip::Bytes port = ip::port_bytes(chip.matrix);
        EXPECT_GE(port, fp32_operands) << entry.path();
        EXPECT_GE(chip.scratchpad.banks * chip.scratchpad.bank_bytes, port + chip.fabric.port_bytes) << entry.path();
    }
}

} // namespace
} // namespace gradus::scenario::scenario_load_test
