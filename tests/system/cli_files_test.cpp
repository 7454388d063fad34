// SPDX-License-Identifier: Apache-2.0
// What becomes of the files and the exit code when something is in the way: another process, a full disk, a reader that
// has had enough, a signal.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "tests/support/slice_check.h"
#include "tests/support/started_program.h"

namespace gradus::test::cli_files_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

using Words = std::vector<std::string>;
using Surroundings = std::function<void()>;

const std::string names = "scenarios/runs/names.toml";
const std::string tiny = "scenarios/chips/tiny.toml";

class CliFiles : public ::testing::Test {
protected:
    std::string path(const std::string& name) const { return folder_.path(name); }
    std::string out(const std::string& name = "") const { return folder_.path("out/" + name); }
    Words run(const std::string& steps, const Words& more = {}) const {
        Words words{"run", names, "--steps", steps, "--data", "none", "--set", "run.generate=0", "--out", out()};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    Words short_run(const Words& more = {}) const { return run("2", more); }
    /// Longer than any test waits.
    Words long_run(const Words& more = {}) const { return run("300000", more); }
    /// A long run has its files, and the simulation is going on.
    bool is_under_way() const {
        for (const char* name : {"trace.json", "trace.json.part"})
            if (std::error_code error; fs::file_size(out(name), error) > 0 && !error) return true;
        return false;
    }
    std::vector<std::string> files() const {
        std::vector<std::string> files;
        for (const auto& entry : fs::directory_iterator(out()))
            files.push_back(entry.path().filename().string());
        return files;
    }
    void expect_whole_files() const {
        EXPECT_THAT(files(),
                    UnorderedElementsAre("uart.log", "result.json", "report.html", "summary.txt", "trace.json"));
        EXPECT_TRUE(nlohmann::json::parse(file_content(out("result.json"))).is_object());
        EXPECT_EQ(check_slices(out("trace.json")).error, "");
    }
    /// `name` in the output folder leads to a disk that is full.
    void fill_up(const std::string& name) const {
        fs::create_directories(out());
        fs::remove(out(name));
        fs::create_symlink("/dev/full", out(name));
    }

private:
    const TemporaryFolder folder_;
};

ProgramRun run_in(const Words& words, const Surroundings& surroundings) {
    return StartedProgram(words, surroundings).wait();
}

void full_stdout() { StartedProgram::redirect("/dev/full", O_WRONLY, STDOUT_FILENO); }

/// Nobody reads it any more.
void broken_stdout() {
    int ends[2];
    if (pipe(ends) != 0) _exit(126);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
}

// Two at once

TEST_F(CliFiles, ASecondRunIntoTheFolderIsRefusedAndChangesNothing) {
    StartedProgram first(long_run());
    ASSERT_TRUE(first.wait_until([&] { return is_under_way(); }));
    const ProgramRun second = run_program(short_run());
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_THAT(second.err, AllOf(HasSubstr("run: cannot write '" + out()), HasSubstr("is writing it")));
    EXPECT_THAT(second.out, IsEmpty());
    first.send(SIGTERM);
    const ProgramRun ended = first.wait();
    EXPECT_EQ(ended.exit_code, 130) << ended.err;
    const nlohmann::json result = nlohmann::json::parse(file_content(out("result.json")));
    EXPECT_EQ(result.at("scenario").at("run").at("steps"), 300000) << "it is the first one's";
    EXPECT_EQ(check_slices(out("trace.json")).error, "");
}

TEST_F(CliFiles, EveryCommandLeavesTheFilesOfARunInProgressAlone) {
    ASSERT_EQ(run_program(run("2", {"--quiet"})).exit_code, 0);
    fs::rename(out("result.json"), path("result.json"));
    fs::remove_all(out());
    StartedProgram first(long_run({"--vcd"}));
    ASSERT_TRUE(first.wait_until([&] { return is_under_way(); }));
    const std::vector<Words> commands{
        {"report", path("result.json"), "--out", out("report.html")},
        {"compare", path("result.json"), path("result.json"), "--out", out()},
        {"whatif", names, "--steps", "1", "--vary", "chip.dma.channels=1", "--out", out()},
        {"op", "gemm", "--chip", tiny, "--shape", "4x4x4", "--trace", out("trace.json")},
        {"op", "gemm", "--chip", tiny, "--shape", "4x4x4", "--vcd", out("trace.vcd")},
        {"calibrate", "scenarios/chips/lean.toml", "scenarios/validation/lean.csv", "--out", out("summary.txt")},
    };
    for (const Words& words : commands) {
        const ProgramRun run = run_program(words);
        EXPECT_EQ(run.exit_code, 2) << words[0] << run.err;
        EXPECT_THAT(run.err, HasSubstr("is writing it")) << words[0];
    }
}

TEST_F(CliFiles, WhatARunThatWasKilledLeftIsInNobodysWay) {
    StartedProgram killed(long_run({"--vcd"}));
    ASSERT_TRUE(killed.wait_until([&] { return is_under_way(); }));
    killed.send(SIGKILL);
    EXPECT_EQ(killed.wait().exit_code, 128 + SIGKILL);
    EXPECT_THAT(files(), Not(Contains("trace.json"))) << "it is cut";
    const ProgramRun next = run_program(short_run());
    EXPECT_EQ(next.exit_code, 0) << next.err;
    expect_whole_files();
}

// A disk that is full

TEST_F(CliFiles, OnAFullDiskTheSummaryIsShownAndEachFileIsWholeOrNotThere) {
    const ProgramRun whole = run_program(short_run({"--operators"}));
    ASSERT_EQ(whole.exit_code, 0);
    const auto limit = fs::file_size(out("summary.txt")) * 2;
    ASSERT_LT(limit, fs::file_size(out("result.json")));
    const ProgramRun run = run_in(short_run({"--operators"}), [&] {
        const rlimit bytes{limit, limit};
        setrlimit(RLIMIT_FSIZE, &bytes);
    });
    EXPECT_EQ(run.exit_code, 3) << run.err;
    EXPECT_THAT(run.out, HasSubstr("step"));
    EXPECT_THAT(run.out, AllOf(HasSubstr(out("summary.txt")), Not(HasSubstr(out("result.json"))),
                               Not(HasSubstr(out("trace.json")))))
        << "it names the files that are there";
    for (const char* name : {"result.json", "report.html", "trace.json", "operators.csv"})
        EXPECT_THAT(run.err, HasSubstr("gradus: cannot write '" + out(name) + "': File too large\n"));
    EXPECT_THAT(files(), UnorderedElementsAre("uart.log", "summary.txt"));
    EXPECT_THAT(file_content(out("summary.txt")), HasSubstr(out("summary.txt")));
}

TEST_F(CliFiles, AFileThatCannotBeWrittenStopsNoOther) {
    for (const char* name : {"uart.log", "result.json", "report.html", "summary.txt", "trace.json"}) {
        fill_up(name);
        const ProgramRun run = run_program(short_run());
        EXPECT_EQ(run.exit_code, 3) << name << run.err;
        EXPECT_EQ(run.err, "gradus: cannot write '" + out(name) + "': No space left on device\n");
        EXPECT_THAT(run.out, HasSubstr("step")) << name;
        EXPECT_THAT(run.out, Not(HasSubstr(out(name)))) << name;
        EXPECT_TRUE(fs::is_symlink(out(name)));
        fs::remove(out(name));
        EXPECT_EQ(files().size(), 4u) << name;
        for (const std::string& other : files())
            EXPECT_GT(fs::file_size(out(other)), 0u) << name << " is full, " << other << " is empty";
    }
}

TEST_F(CliFiles, TheDiagnosisOfAHangIsShownWhateverBecomesOfTheFiles) {
    for (const char* name : {"uart.log", "result.json", "report.html", "trace.json"})
        fill_up(name);
    const ProgramRun run = run_in(short_run({"--set", "run.hang_instructions=1000"}), full_stdout);
    EXPECT_EQ(run.exit_code, 3);
    const ProgramRun undisturbed =
        run_program({"run", names, "--quiet", "--steps", "2", "--data", "none", "--set", "run.generate=0", "--set",
                     "run.hang_instructions=1000", "--out", path("undisturbed")});
    EXPECT_EQ(undisturbed.exit_code, 3);
    EXPECT_THAT(undisturbed.err, HasSubstr("hart"));
    EXPECT_EQ(run.err.substr(0, undisturbed.err.size()), undisturbed.err);
    EXPECT_THAT(run.err, HasSubstr("result.json': No space left on device"));
}

TEST_F(CliFiles, EveryCommandWhoseFilesCannotBeWrittenStillAnswersAndFails) {
    ASSERT_EQ(run_program(run("2", {"--quiet"})).exit_code, 0);
    fs::rename(out("result.json"), path("result.json"));
    fs::remove_all(out());
    for (const char* name :
         {"compare.json", "whatif.json", "a.json", "b.vcd", "b.gtkw", "chip.toml", "page.html", "sweep.html"})
        fill_up(name);
    std::ofstream(path("sweep.toml")) << "scenario = '" << fs::absolute(names).string() << "'\n"
                                      << "set.run = { steps = 1, data = 'none', generate = 0 }\n"
                                      << "[vary]\nchip.engine.matrix.rows = [2]\n";
    const std::vector<std::pair<Words, std::string>> commands{
        {{"compare", path("result.json"), path("result.json"), "--out", out()}, "compare.json"},
        {{"whatif", names, "--steps", "1", "--vary", "chip.dma.channels=1", "--out", out()}, "whatif.json"},
        {{"op", "gemm", "--chip", tiny, "--shape", "4x4x4", "--trace", out("a.json")}, "a.json"},
        {{"op", "gemm", "--chip", tiny, "--shape", "4x4x4", "--json", "--vcd", out("b.vcd")}, "b.vcd"},
        {{"calibrate", "scenarios/chips/lean.toml", "scenarios/validation/lean.csv", "--evaluations", "1", "--fit",
          "chip.dma.setup_cycles", "--out", out("chip.toml")},
         "chip.toml"},
        {{"report", path("result.json"), "--out", out("page.html")}, "page.html"},
        {{"sweep", path("sweep.toml"), "--out", out()}, "sweep.html"},
    };
    for (const auto& [words, file] : commands) {
        const ProgramRun run = run_program(words);
        EXPECT_EQ(run.exit_code, 3) << words[0] << run.err;
        EXPECT_THAT(run.err, HasSubstr("gradus: cannot write '" + out(file) + "': No space left on device\n"))
            << words[0];
        EXPECT_EQ(run.out.empty(), words[0] == "report") << words[0];
    }
    EXPECT_THAT(files(), AllOf(Contains("result0.json"), Contains("result1.json"), Contains("report.html"),
                               Contains("points.csv"), Not(Contains(EndsWith(".part")))));
}

// Standard output

TEST_F(CliFiles, AStandardOutputThatIsFullIsAFailureOfEveryCommand) {
    ASSERT_EQ(run_program(run("2", {"--quiet"})).exit_code, 0);
    const std::string result = out("result.json");
    const std::vector<Words> commands{
        {"--help"},
        {"--version"},
        {"run", "--help"},
        {"op", "--help"},
        {"check", names},
        {"info"},
        {"info", "--chip", tiny},
        {"schedule", names},
        {"compare", result, result},
        {"report", result},
        {"replay", "--chip", "scenarios/chips/edge.toml", "scenarios/traces/copy.trace"},
        {"op", "gemm", "--chip", tiny, "--shape", "4x4x4"},
        {"whatif", names, "--steps", "1", "--vary", "chip.dma.channels=1"},
        short_run(),
        short_run({"--json"}),
    };
    for (const Words& words : commands) {
        const ProgramRun run = run_in(words, full_stdout);
        EXPECT_EQ(run.exit_code, 3) << words[0];
        EXPECT_EQ(run.err, "gradus: cannot write to the standard output: No space left on device\n") << words[0];
    }
    expect_whole_files();
}

TEST_F(CliFiles, AReaderThatHasHadEnoughCostsNoFileAndNoWords) {
    for (const Words& more : {Words{}, Words{"--json"}}) {
        const ProgramRun run = run_in(short_run(more), broken_stdout);
        EXPECT_EQ(run.exit_code, 3);
        EXPECT_THAT(run.err, IsEmpty());
        expect_whole_files();
        fs::remove_all(out());
    }
    EXPECT_EQ(run_in(short_run({"--quiet"}), broken_stdout).exit_code, 0) << "nothing was put out";
    const ProgramRun info = run_in({"info"}, broken_stdout);
    EXPECT_EQ(info.exit_code, 3);
    EXPECT_THAT(info.err, IsEmpty());
}

TEST_F(CliFiles, AStandardOutputThatIsClosedIsNotTakenForAFile) {
    const ProgramRun run = run_in(short_run(), [] {
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
    });
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_THAT(run.err, HasSubstr("cannot write to the standard output"));
    expect_whole_files();
}

TEST_F(CliFiles, AFullStderrCostsTheMessageAlone) {
    const auto full_stderr = [] { StartedProgram::redirect("/dev/full", O_WRONLY, STDERR_FILENO); };
    EXPECT_EQ(run_in({"chekc"}, full_stderr).exit_code, 2);
    EXPECT_EQ(run_in({}, full_stderr).exit_code, 2);
    EXPECT_EQ(run_in(short_run({"--set", "run.hang_instructions=1000"}), full_stderr).exit_code, 3);
    EXPECT_EQ(run_in(short_run({"--trace-filter", "no such thing"}), full_stderr).exit_code, 0);
    expect_whole_files();
}

// Signals

TEST_F(CliFiles, ATerminalThatGoesAwayEndsARunInOrder) {
    StartedProgram run(long_run());
    ASSERT_TRUE(run.wait_until([&] { return is_under_way(); }));
    run.send(SIGHUP); // from the shell
    run.send(SIGHUP); // from the kernel
    const ProgramRun ended = run.wait();
    EXPECT_EQ(ended.exit_code, 130) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("interrupted after"));
    EXPECT_THAT(files(), UnorderedElementsAre("uart.log", "result.json", "report.html", "trace.json"));
    EXPECT_EQ(check_slices(out("trace.json")).error, "");
}

TEST_F(CliFiles, AHangupThatIsIgnoredEndsNothing) {
    StartedProgram run(short_run(), [] { std::signal(SIGHUP, SIG_IGN); });
    ASSERT_TRUE(run.wait_until([&] { return fs::exists(out("result.json.part")); })); // the program has begun
    run.send(SIGHUP);
    EXPECT_EQ(run.wait().exit_code, 0);
    expect_whole_files();
}

TEST_F(CliFiles, InterruptedWhereItsResultCannotBeWrittenItHasFailed) {
    fill_up("result.json");
    StartedProgram run(long_run());
    ASSERT_TRUE(run.wait_until([&] { return is_under_way(); }));
    run.send(SIGINT);
    const ProgramRun ended = run.wait();
    EXPECT_EQ(ended.exit_code, 3);
    EXPECT_THAT(ended.err, AllOf(HasSubstr("interrupted after"), HasSubstr("No space left on device")));
}

TEST_F(CliFiles, ACommandThatWasInterruptedIsInNobodysWay) {
    StartedProgram run({"whatif", names, "--steps", "300000", "--vary", "chip.dma.channels=1", "--out", out()});
    ASSERT_TRUE(run.wait_until([&] { return fs::exists(out("whatif.json.part")); }));
    // The signal may come before there is a child, or when there is one.
    run.send(SIGHUP);
    run.wait();
    const ProgramRun next =
        run_program({"whatif", names, "--steps", "1", "--vary", "chip.dma.channels=1", "--out", out()});
    EXPECT_EQ(next.exit_code, 0) << next.err;
    EXPECT_THAT(files(), UnorderedElementsAre("whatif.json", "report.html"));
}

// What is in the way

TEST_F(CliFiles, WhatCannotBeWrittenIsRefusedBeforeTheSimulation) {
    fs::create_directories(out("report.html"));
    const ProgramRun folder = run_program(short_run());
    EXPECT_EQ(folder.exit_code, 2);
    EXPECT_THAT(folder.err, HasSubstr("run: cannot write '" + out("report.html") + "': Is a directory"));
    EXPECT_THAT(files(), UnorderedElementsAre("report.html"));
    fs::remove_all(out());

    fs::create_directories(out());
    std::ofstream(out("result.json")) << "dear to somebody";
    fs::permissions(out("result.json"), fs::perms::owner_read);
    const ProgramRun read_only = run_program(short_run());
    EXPECT_EQ(read_only.exit_code, 2);
    EXPECT_THAT(read_only.err, HasSubstr("cannot write '" + out("result.json") + "': it is write-protected"));
    EXPECT_EQ(file_content(out("result.json")), "dear to somebody");
    EXPECT_THAT(files(), UnorderedElementsAre("result.json"));
    fs::remove_all(out());

    std::ofstream(out("").substr(0, out("").size() - 1)) << "a file";
    for (const std::string& where : {path("out"), path("out/deeper")}) {
        const ProgramRun file = run_program({"whatif", names, "--out", where});
        EXPECT_EQ(file.exit_code, 2);
        EXPECT_THAT(file.err, HasSubstr("cannot make the output folder '" + where + "'"));
    }
    EXPECT_EQ(run_program({"run", names, "--out", ""}).exit_code, 2);
    EXPECT_EQ(run_program({"calibrate", "scenarios/chips/lean.toml", "scenarios/validation/lean.csv", "--out",
                           path("no/such/chip.toml")})
                  .exit_code,
              2);
}

TEST_F(CliFiles, AFolderThatVanishesCostsTheFilesAndNotTheSummary) {
    StartedProgram run(long_run());
    ASSERT_TRUE(run.wait_until([&] { return is_under_way(); }));
    fs::remove_all(out());
    run.send(SIGTERM);
    const ProgramRun ended = run.wait();
    EXPECT_EQ(ended.exit_code, 3);
    EXPECT_THAT(ended.err, AllOf(HasSubstr("interrupted after"),
                                 HasSubstr("cannot write '" + out("result.json") + "': No such file or directory")));
}

TEST_F(CliFiles, ALinkStaysALinkAndWhatItLeadsToIsReplaced) {
    fs::create_directories(out());
    fs::create_directories(path("large"));
    std::ofstream(path("large/trace.json")) << "of an earlier run";
    fs::create_symlink(path("large/trace.json"), out("trace.json"));
    fs::create_symlink(path("large/not_yet.json"), out("result.json"));
    EXPECT_EQ(run_program(short_run()).exit_code, 0);
    EXPECT_TRUE(fs::is_symlink(out("trace.json")) && fs::is_symlink(out("result.json")));
    expect_whole_files();
    EXPECT_EQ(check_slices(path("large/trace.json")).error, "");
}

TEST_F(CliFiles, AnyNameWillDoForAFolderAndMessagesStayReadable) {
    const std::string folder = path("a 'b' \"c\"\n\x1b[31m\xff*");
    Words words = short_run();
    words.back() = folder;
    EXPECT_EQ(run_program(words).exit_code, 0);
    EXPECT_TRUE(fs::exists(folder + "/report.html"));
    fs::remove(folder + "/report.html");
    fs::create_directory(folder + "/report.html");
    const ProgramRun refused = run_program(words);
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, AllOf(HasSubstr("report.html"), Not(HasSubstr("\x1b"))));
}

} // namespace
} // namespace gradus::test::cli_files_test
