// SPDX-License-Identifier: Apache-2.0
// sanitized
// What the program says to whoever calls it: help, tables, and one clear message for every mistake.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refused.h"

namespace gradus::test::cli_test {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* names = "scenarios/runs/names.toml";

TEST(Cli, WithoutArgumentsTheUsageIsPrintedAsAnError) {
    const ProgramRun run = run_program({});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr("Usage: gradus SUBCOMMAND"), HasSubstr("run"), HasSubstr("check")));
}

TEST(Cli, HelpListsEverySubcommandAndTheExitCodes) {
    for (const char* spelled : {"--help", "-h", "help"}) {
        const ProgramRun run = run_program({spelled});
        EXPECT_EQ(run.exit_code, 0);
        EXPECT_THAT(run.err, IsEmpty());
        for (const char* expected : {"run", "schedule", "info", "check", "--version", "Exit codes"})
            EXPECT_THAT(run.out, HasSubstr(expected));
    }
}

TEST(Cli, EverySubcommandHasHelpOfItsOwn) {
    for (const char* command : {"run", "schedule", "info", "check"}) {
        const ProgramRun run = run_program({command, "--help"});
        EXPECT_EQ(run.exit_code, 0);
        EXPECT_THAT(run.out, HasSubstr(std::string("Usage: gradus ") + command));
        EXPECT_THAT(run.out, HasSubstr("--help"));
    }
    EXPECT_THAT(run_program({"run", "--help"}).out,
                AllOf(HasSubstr("--set KEY=VALUE"), HasSubstr("--data"), HasSubstr("--steps"), HasSubstr("--trace"),
                      HasSubstr("--quiet"), HasSubstr("--json"), HasSubstr("--out"), HasSubstr("--firmware")));
}

TEST(Cli, VersionIsOneLineWithoutTheKernelsBanner) {
    const ProgramRun run = run_program({"--version"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, ::testing::MatchesRegex("gradus [0-9.]+\n"));
    EXPECT_THAT(run.err, IsEmpty());
}

TEST(Cli, AnUnknownSubcommandOrOptionIsToldTheNearest) {
    EXPECT_THAT(refused({"chekc"}), HasSubstr("unknown subcommand 'chekc'; nearest: 'check'"));
    EXPECT_THAT(refused({"--verson"}), HasSubstr("nearest: '--version'"));
    EXPECT_THAT(refused({"run", "--stpes", "3", names}),
                HasSubstr("run: unknown option '--stpes'; nearest: '--steps'"));
    EXPECT_THAT(refused({"run", "--st=3", names}), HasSubstr("unknown option")); // no abbreviations
    EXPECT_THAT(refused({"check", "--json", names}), HasSubstr("check: unknown option '--json'"));
}

TEST(Cli, OperandsAndOptionsThatAreMissingOrTooManyAreRefused) {
    EXPECT_THAT(refused({"run"}), HasSubstr("which scenario? usage: gradus run [options] SCENARIO"));
    EXPECT_THAT(refused({"run", names, "another"}), HasSubstr("too many arguments"));
    EXPECT_THAT(refused({"run", names, "--set"}), HasSubstr("'--set' is missing"));
    EXPECT_THAT(refused({"run", names, "--trace", "maybe"}), HasSubstr("--trace is on or off, not 'maybe'"));
    EXPECT_THAT(refused({"info", "--set", "chip.clock_mhz=3"}), HasSubstr("--set goes with --chip"));
}

TEST(Cli, MistakesInAScenarioAreRefusedByEverySubcommandThatReadsOne) {
    for (const char* command : {"run", "schedule", "check"}) {
        EXPECT_THAT(refused({command, "scenarios/runs/name.toml"}),
                    AllOf(HasSubstr("there is no file"), HasSubstr("nearest: 'scenarios/runs/names.toml'")));
        EXPECT_THAT(refused({command, names, "--set", "chip.engine.matrix.rws=4"}),
                    HasSubstr("unknown key 'chip.engine.matrix.rws'; nearest: 'chip.engine.matrix.rows'"));
        EXPECT_THAT(refused({command, names, "--set", "chip.engine.matrix.rows=many"}), HasSubstr("takes an integer"));
        EXPECT_THAT(refused({command, names, "--set", "chip.engine.matrix.rows=0"}),
                    HasSubstr("is out of range; allowed is an integer, 1 .. 1024"));
        EXPECT_THAT(refused({command, names, "--steps", "0"}), HasSubstr("run.steps = 0 is out of range"));
        EXPECT_THAT(refused({command, names, "--data", "half"}), HasSubstr("allowed is one of full, none"));
    }
}

TEST(Cli, AMistakeInAFileIsNamedWithItsLine) {
    const TemporaryFolder folder;
    const std::string file = folder.path("bad.toml");
    std::ofstream(file) << "[run]\nsteps = 3\nbatchh = 1\n";
    EXPECT_EQ(refused({"check", file}), "gradus: " + file + ":3: unknown key 'run.batchh'; nearest: 'run.batch'\n");
    std::ofstream(file) << "[run\n";
    EXPECT_THAT(refused({"check", file}), HasSubstr(file + ":1:"));
}

TEST(Cli, AModelThatDoesNotFitTheMemoryIsRefused) {
    EXPECT_THAT(run_program({"check", "scenarios/runs/train.toml", "--set", "chip.dram.bytes=0x10000000"}).exit_code,
                2);
}

TEST(Cli, TheLargestValuesOfTheSchemaEndInAMessageNotInACrash) {
    for (const char* key : {"run.steps=10000000", "run.batch=65536", "model.layers=1024", "model.context=131072",
                            "model.mlp_width=262144", "model.vocabulary=1048576", "chip.dram.bytes=0x10000000000"}) {
        const ProgramRun run = run_program({"check", names, "--set", key});
        EXPECT_TRUE(run.exit_code == 0 || run.exit_code == 2) << key << ": exit code " << run.exit_code << "\n"
                                                              << run.err;
    }
    const ProgramRun all =
        run_program({"check", "scenarios/runs/train.toml", "--set", "model.layers=1024", "--set", "model.width=65536",
                     "--set", "model.heads=1024", "--set", "model.context=131072", "--set", "run.batch=65536", "--set",
                     "model.vocabulary=1048576"});
    EXPECT_EQ(all.exit_code, 2);
    EXPECT_THAT(all.err, StartsWith("gradus: "));
}

TEST(Cli, AnOutputFolderThatCannotBeWrittenIsRefusedBeforeTheSimulation) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("file")) << "a regular file, which is nobody's folder";
    EXPECT_THAT(refused({"run", names, "--out", folder.path("file/deeper")}),
                AllOf(HasSubstr("cannot make the output folder"), HasSubstr("file/deeper")));
    EXPECT_THAT(refused({"run", names, "--out", folder.path("file")}), HasSubstr("output folder"));
}

/// Of a command for bash.
ProgramRun run_in_bash(const std::string& command) {
    const TemporaryFolder caught;
    std::ofstream(caught.path("script")) << command;
    const std::string call = "bash " + quoted(caught.path("script")) + " >" + quoted(caught.path("out")) + " 2>" +
                             quoted(caught.path("err"));
    ProgramRun run;
    run.exit_code = WEXITSTATUS(std::system(call.c_str()));
    run.out = file_content(caught.path("out"));
    run.err = file_content(caught.path("err"));
    return run;
}

TEST(Cli, WhatComesOutOfAPipeIsAsGoodAsAFile) {
    const TemporaryFolder folder;
    const std::string firmware =
        std::string(GRADUS_PROGRAM).substr(0, std::string(GRADUS_PROGRAM).rfind('/')) + "/firmware/train.elf";
    std::ofstream(folder.path("piped.toml"))
        << "[chip]\nbase = 'scenarios/chips/tiny.toml'\n[model]\nbase = 'scenarios/models/microgpt.toml'\n"
           "[run]\ntext = '/usr/share/dict/propernames.gz'\nalphabet = 'abcdefghijklmnopqrstuvwxyz'\nlowercase = "
           "true\nsteps = 1\ngenerate = 0\ndata = 'none'\n";
    const std::string piped = "<(cat " + quoted(folder.path("piped.toml")) + ")";
    const std::string elf = "<(cat " + quoted(firmware) + ")";
    ProgramRun run = run_in_bash(GRADUS_PROGRAM " check " + piped);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("ok: pipe"));
    run = run_in_bash("cat " + quoted(folder.path("piped.toml")) + " | " GRADUS_PROGRAM " check /dev/stdin");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    run = run_in_bash(GRADUS_PROGRAM " run --out " + quoted(folder.path("out")) + " --firmware " + elf + " " + piped);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    // Several simulations, each in a process of its own.
    run =
        run_in_bash(GRADUS_PROGRAM " whatif --steps 1 --vary chip.dma.outstanding=1,2 --firmware " + elf + " " + piped);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("outstanding=2"), ::testing::Not(HasSubstr("failed"))));
    run = run_in_bash(GRADUS_PROGRAM " op relu --shape 8x8 --shape 4x4 --chip <(cat scenarios/chips/tiny.toml | sed "
                                     "'s|\\.\\./|scenarios/|') --firmware " +
                      elf);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    run = run_in_bash(GRADUS_PROGRAM " check " + piped + " --set run.text=<(cat /usr/share/dict/propernames.gz)");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const std::string result = quoted(folder.path("out/result.json"));
    run = run_in_bash(GRADUS_PROGRAM " compare " + result + " <(cat " + result + ")");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("the same parameters"));
}

TEST(Cli, EmptyFilesAndFoldersAreCalledWhatTheyAre) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("empty.json"));
    EXPECT_THAT(refused({"compare", folder.path("empty.json"), folder.path("empty.json")}),
                AllOf(HasSubstr("the file is empty"), ::testing::Not(HasSubstr("Success"))));
    EXPECT_THAT(refused({"compare", folder.path("gone.json"), folder.path("empty.json")}),
                HasSubstr("there is no file"));
    EXPECT_THAT(refused({"op", "relu", "--chip", "scenarios/chips/tiny.toml", "--list", folder.path("")}),
                HasSubstr("is a directory"));
    EXPECT_THAT(refused({"calibrate", "scenarios/chips/tiny.toml", folder.path("")}), HasSubstr("is a directory"));
    EXPECT_THAT(refused({"sweep", folder.path("")}), HasSubstr("is a directory"));
    EXPECT_THAT(refused({"report", folder.path("gone.json")}), HasSubstr("there is no file"));
}

TEST(Cli, TheNearestNameIsFoundWhateverTheCase) {
    EXPECT_THAT(refused({"RUN"}), HasSubstr("nearest: 'run'"));
    EXPECT_THAT(refused({"run", names, "--Steps", "3"}), HasSubstr("nearest: '--steps'"));
    EXPECT_THAT(refused({"run", names, "--set", "Run.Steps=3"}), HasSubstr("nearest: 'run.steps'"));
    EXPECT_THAT(refused({"info", "Model"}), HasSubstr("nearest: 'model'"));
    const ProgramRun op = run_program({"op", "GEMM", "--chip", "scenarios/chips/tiny.toml", "--shape", "8x8x8"});
    EXPECT_THAT(op.err, HasSubstr("nearest: 'gemm'"));
}

TEST(Cli, FirmwareThatIsNoneIsRefused) {
    const TemporaryFolder folder;
    EXPECT_THAT(refused({"run", names, "--out", folder.path("out"), "--firmware", folder.path("gone.elf")}),
                HasSubstr("the firmware: there is no file '" + folder.path("gone.elf") + "'"));
    EXPECT_THAT(refused({"run", names, "--out", folder.path("out"), "--firmware", folder.path("")}),
                HasSubstr("is a directory"));
    std::ofstream(folder.path("text.elf")) << "no ELF at all";
    EXPECT_THAT(refused({"run", names, "--out", folder.path("out"), "--firmware", folder.path("text.elf")}),
                HasSubstr("text.elf"));
    std::ofstream(folder.path("empty.elf"));
    EXPECT_THAT(refused({"run", names, "--out", folder.path("out"), "--firmware", folder.path("empty.elf")}),
                HasSubstr("empty.elf"));
    EXPECT_THAT(
        refused({"run", names, "--out", folder.path("out"), "--firmware", GRADUS_PROGRAM}), // of another machine
        HasSubstr("gradus"));
}

TEST(Cli, InfoListsEveryKeyWithAllItsColumns) {
    const ProgramRun run = run_program({"info"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, ::testing::ContainsRegex("^key +type +unit +default +range +help\n"));
    EXPECT_THAT(run.out, ::testing::ContainsRegex("\nchip.engine.matrix.rows +integer +- +4 +1 .. 1024 +[a-z]"));
    EXPECT_THAT(run.out,
                ::testing::ContainsRegex("\nchip.dram.timing.refi +integer +cycles +3120 +1 .. 10000000 +[a-z]"));
    EXPECT_THAT(run.out, ::testing::ContainsRegex(
                             "\nmodel.activation +choice +- +relu +relu, gelu, silu, relu_squared, gelu_erf +[a-z]"));
    EXPECT_THAT(run.out, ::testing::ContainsRegex("\nrun.dmi +boolean +- +true +true, false +[a-z]"));
    EXPECT_THAT(run_program({"info", "run."}).out, AllOf(HasSubstr("run.steps"), ::testing::Not(HasSubstr("chip."))));
    EXPECT_THAT(refused({"info", "chop"}), HasSubstr("no key begins with 'chop'"));
}

TEST(Cli, InfoDescribesAChipByWhatItCanDo) {
    const ProgramRun run = run_program({"info", "--chip", "scenarios/chips/tiny.toml"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, HasSubstr("1.600 G MAC/s"));          // 4 x 4 at 100 MHz
    EXPECT_THAT(run.out, HasSubstr("1.600 GB/s"));             // 16 bits at 800 MT/s
    EXPECT_THAT(run.out, HasSubstr("256 MiB of ddr3-800"));    // the file that the chip's [dram] names
    EXPECT_THAT(run.out, HasSubstr("1.0 MACs for each byte")); // 1.6 G / 1.6 G
    const ProgramRun changed =
        run_program({"info", "--chip", "scenarios/chips/tiny.toml", "--set", "chip.engine.matrix.rows=8"});
    EXPECT_THAT(changed.out, HasSubstr("3.200 G MAC/s"));
}

// At 45 nm an access to the hart's SRAM of 1 MiB takes 0.42 + 0.195 * sqrt(128) = 2.626 ns, 381 MHz; at the highest
// voltage 1.224 times that. What the DRAM takes at rest is 52 mW of its channel.
TEST(Cli, InfoAndCheckSayHowFastAChipMayBeAndInfoWhatItCosts) {
    const ProgramRun info = run_program({"info", "--chip", "scenarios/chips/tiny.toml"});
    EXPECT_THAT(info.out, HasSubstr("sram comes first: 100 of 380.8 MHz at 0.9 V, of 466.3 at 1.1"));
    EXPECT_THAT(info.out, HasSubstr("52.00 mW of it the DRAM's"));
    EXPECT_THAT(info.out, ::testing::ContainsRegex("area +7\\.8[0-9]+ mm² \\(.*bf16.*fp32"));
    EXPECT_THAT(info.out, ::testing::Not(HasSubstr("warning")));
    const std::vector<std::string> fast{"--set", "chip.clock_mhz=500"};
    EXPECT_THAT(run_program({"info", "--chip", "scenarios/chips/tiny.toml", fast[0], fast[1]}).out,
                HasSubstr("sram 500 of 466.3 MHz"));
    const ProgramRun check = run_program({"check", names, fast[0], fast[1]});
    EXPECT_EQ(check.exit_code, 0) << check.err;
    EXPECT_THAT(check.out, HasSubstr("warning: beyond the highest clock of cmos-45nm"));
}

TEST(Cli, EveryShippedScenarioPassesItsCheck) {
    for (const auto& entry : std::filesystem::directory_iterator("scenarios/runs")) {
        const ProgramRun run = run_program({"check", entry.path().string()});
        EXPECT_EQ(run.exit_code, 0) << run.err;
        EXPECT_THAT(run.out, StartsWith("ok: " + entry.path().stem().string()));
    }
}

TEST(Cli, ScheduleListsTheOperatorsOfAStep) {
    const ProgramRun run = run_program({"schedule", names});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("matmul"), HasSubstr("forward"), HasSubstr("backward"), HasSubstr("update")));
}

// Of 71 tensors the 20 largest are shown, unless all are asked for.
TEST(Cli, ScheduleShowsWhatLiesWhere) {
    const ProgramRun some = run_program({"schedule", "scenarios/runs/names.toml", "--memory"});
    EXPECT_EQ(some.exit_code, 0) << some.err;
    EXPECT_THAT(some.out, AllOf(HasSubstr("activations"), HasSubstr("and 51 smaller ones: --all lists them"),
                                HasSubstr("activations alive, operator 0 to 51")));
    const ProgramRun all = run_program({"schedule", "scenarios/runs/names.toml", "--memory", "--all"});
    EXPECT_THAT(all.out, Not(HasSubstr("smaller ones")));
    EXPECT_THAT(all.out, HasSubstr("grad.embedding.position"));
}

} // namespace
} // namespace gradus::test::cli_test
