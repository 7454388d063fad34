// SPDX-License-Identifier: Apache-2.0
// What a sweep consists of, piece by piece and without a simulation.
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/explore/database.h"
#include "platform/explore/figures.h"
#include "platform/explore/inputs.h"
#include "platform/explore/pareto.h"
#include "platform/explore/record.h"
#include "platform/explore/sampling.h"
#include "platform/explore/sweep_file.h"
#include "platform/explore/table.h"
#include "platform/scenario/load.h"
#include "tests/support/temporary_folder.h"

namespace gradus::explore::explore_sweep_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using test::TemporaryFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A sweep file in a folder of its own, beside nothing else.
class SweepText {
public:
    explicit SweepText(const std::string& text) {
        std::ofstream(folder_.path("sweep.toml"))
            << "scenario = '" << fs::absolute("scenarios/runs/names.toml").string() << "'\n"
            << text;
    }
    Sweep read() const { return read_sweep(folder_.path("sweep.toml")); }
    /// The message, without the folder.
    std::string error() const {
        try {
            read();
        } catch (const scenario::ScenarioError& error) {
            const std::string message = error.what();
            return message.substr(message.find("sweep.toml"));
        }
        return "no error";
    }

private:
    TemporaryFolder folder_;
};

TEST(SweepFile, KeysVaryOverListsStepsAndDoublings) {
    const Sweep sweep = SweepText("[set]\nrun.steps = 1\n[vary]\nchip.dma.outstanding = [4, 2]\n"
                                  "chip.clock_mhz = { from = 100, to = 101, step = 0.5 }\n"
                                  "[vary.chip.scratchpad]\nbytes = { from = 0x1000, to = 0x4000, scale = 'log2' }\n")
                            .read();
    std::map<std::string, std::vector<std::string>> levels;
    for (const Dimension& dimension : sweep.dimensions)
        levels[dimension.key] = dimension.levels;
    EXPECT_THAT(levels.at("chip.dma.outstanding"), ElementsAre("4", "2"));
    EXPECT_THAT(levels.at("chip.clock_mhz"), ElementsAre("100", "100.5", "101"));
    EXPECT_THAT(levels.at("chip.scratchpad.bytes"), ElementsAre("4096", "8192", "16384"));
    EXPECT_EQ(sampled_points(sweep).size(), 2 * 3 * 3);
}

TEST(SweepFile, TheLevelsOfARangeHaveTheDecimalsOfItsStepAndNoSumOfRoundingErrors) {
    const auto levels = [](const std::string& key, const std::string& range) {
        return SweepText("[vary]\n" + key + " = " + range + "\n").read().dimensions.at(0).levels;
    };
    EXPECT_THAT(levels("chip.clock_mhz", "{ from = 1.1, to = 1.7, step = 0.1 }"),
                ElementsAre("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"));
    EXPECT_THAT(levels("run.learning_rate", "{ from = 1e-5, to = 7e-5, step = 3e-5 }"),
                ElementsAre("1e-05", "4e-05", "7e-05"));
    EXPECT_THAT(levels("run.learning_rate", "{ from = 0.1, to = 0.8, scale = 'log2' }"),
                ElementsAre("0.1", "0.2", "0.4", "0.8"));
    EXPECT_THAT(levels("chip.clock_mhz", "{ from = 33.333, to = 34, step = 0.333 }"),
                ElementsAre("33.333", "33.666", "33.999"));
}

TEST(SweepFile, NamesAreFoundWhateverTheirCase) {
    EXPECT_THAT(SweepText("[Vary]\nchip.dma.outstanding = [1]\n").error(), HasSubstr("nearest: 'vary'"));
    EXPECT_THAT(SweepText("[vary.Chip]\ndma.outstanding = [1]\n").error(),
                AllOf(HasSubstr("unknown key 'Chip'"), HasSubstr("nearest: 'chip'")));
    EXPECT_THAT(SweepText("[vary]\nchip.dma.outstanding = [1, 2]\n[search]\nmethod = 'NSGA2'\n").error(),
                HasSubstr("nearest: nsga2"));
    EXPECT_THAT(SweepText("[vary]\nchip.dma.outstanding = [1, 2]\n[objectives]\ntotals.time_ps = 'Minimize'\n").error(),
                HasSubstr("nearest: minimise"));
}

TEST(SweepFile, ALinkedKeyTakesTheValueOfTheOther) {
    const Sweep sweep = SweepText("[vary]\nchip.engine.matrix.rows = [2, 8]\n"
                                  "[link]\nchip.engine.matrix.cols = 'chip.engine.matrix.rows'\n")
                            .read();
    const scenario::Scenario second = scenario_of(sweep, {1});
    EXPECT_EQ(second.chip.matrix.rows, 8);
    EXPECT_EQ(second.chip.matrix.cols, 8);
}

TEST(SweepFile, ANameIsTakenAsItStands) {
    const Sweep sweep = SweepText("[vary]\nmodel.name = [\"'a'\", ' b ']\n").read();
    EXPECT_EQ(scenario_of(sweep, {0}).model.name, "'a'");
    EXPECT_EQ(scenario_of(sweep, {1}).model.name, " b ");
}

TEST(SweepFile, WholeChipsCanVary) {
    TemporaryFolder folder;
    fs::copy("scenarios", folder.path("scenarios"), fs::copy_options::recursive);
    fs::create_directories(folder.path("scenarios/sweeps"));
    std::ofstream(folder.path("scenarios/sweeps/chips.toml"))
        << "scenario = '../runs/names.toml'\n[vary]\nchip.base = ['../chips/tiny.toml', '../chips/edge.toml']\n";
    const Sweep sweep = read_sweep(folder.path("scenarios/sweeps/chips.toml"));
    EXPECT_EQ(scenario_of(sweep, {0}).chip.matrix.rows, 4);
    EXPECT_EQ(scenario_of(sweep, {1}).chip.matrix.rows, 32);
}

TEST(SweepFile, MistakesAreOneMessageWithPlaceAndNearestName) {
    const std::string vary = "[vary]\nchip.dma.outstanding = [1, 2]\n";
    EXPECT_THAT(SweepText("[vary]\nchip.dma.outstandin = [1]\n").error(),
                AllOf(HasSubstr("sweep.toml:3: unknown key"), HasSubstr("nearest: 'chip.dma.outstanding'")));
    EXPECT_THAT(SweepText("[vary]\nchip.dma.outstanding = [1, 'many']\n").error(),
                AllOf(HasSubstr("sweep.toml:3: "), HasSubstr("not text 'many'")));
    EXPECT_THAT(SweepText("[vary]\nchip.dma.outstanding = [1, 1]\n").error(), HasSubstr("takes 1 twice"));
    EXPECT_THAT(SweepText("[vary]\nchip.dma.outstanding = { from = -1e300, to = -1e300, step = 1 }\n").error(),
                HasSubstr("is no integer"));
    std::string path = "a";
    for (int i = 0; i < 20; ++i)
        path += ".a";
    EXPECT_THAT(SweepText(vary + "[objectives]\n" + path + " = 'minimise'\n").error(), HasSubstr("more than 16 parts"));
    EXPECT_THAT(SweepText("[vary]\nchip.dma.outstanding = { from = 8, to = 1, step = 1 }\n").error(),
                HasSubstr("a range goes up"));
    EXPECT_THAT(SweepText("[vary]\nchip.dma.outstanding = { from = 1, to = 8, step = 0.5 }\n").error(),
                HasSubstr("1.5 is no integer"));
    EXPECT_THAT(SweepText("[vary]\nchip.clock_mhz = { from = 1, to = 1e9, step = 1e-9 }\n").error(),
                HasSubstr("more than"));
    EXPECT_THAT(SweepText("[vary]\nmodel.activation = { from = 1, to = 2, step = 1 }\n").error(),
                HasSubstr("is no number"));
    EXPECT_THAT(SweepText("[set]\nchip.dma.outstanding = 1\n" + vary).error(),
                HasSubstr("stands in [set] and in [vary]"));
    EXPECT_THAT(SweepText(vary + "[search]\nmethod = 'gird'\n").error(),
                HasSubstr("sweep.toml:5: search.method = 'gird'"));
    EXPECT_THAT(SweepText(vary + "[search]\nmethod = 'random'\n").error(), HasSubstr("'points' is missing"));
    EXPECT_THAT(SweepText(vary + "[search]\npoints = 5\n").error(),
                HasSubstr("means nothing with search.method = \"grid\""));
    EXPECT_THAT(SweepText(vary + "[search]\nmethod = 'descent'\npoints = 5\n").error(),
                HasSubstr("looks for the best of one of the [objectives], not of 0"));
    EXPECT_THAT(SweepText(vary + "[search]\nclock_limits = 1\n").error(),
                HasSubstr("search.clock_limits takes true or false, not"));
    EXPECT_THAT(SweepText(vary + "[search]\nmethod = 'nsga2'\npopulation = 10\ngenerations = 2\n").error(),
                HasSubstr("a multiple of 4"));
    EXPECT_THAT(SweepText(vary + "[objectives]\ntotals.time_ps = 'smallest'\n").error(),
                HasSubstr("allowed is minimise"));
    EXPECT_THAT(SweepText(vary + "[constraints]\ntotals.time_ps = '< 5'\n").error(), HasSubstr("<= NUMBER"));
    EXPECT_THAT(SweepText(vary + "[link]\nchip.dma.burst_bytes = 'chip.dma.outstandign'\n").error(),
                HasSubstr("nearest: 'chip.dma.outstanding'"));
    EXPECT_THAT(SweepText("").error(), HasSubstr("nothing varies"));
    EXPECT_THAT(SweepText("[vary\n").error(), HasSubstr("sweep.toml:2:"));
}

TEST(Sampling, ALatinHypercubeTakesEveryLevelEquallyOften) {
    Sweep sweep;
    sweep.dimensions = {{"a", {"1", "2", "3"}}, {"b", std::vector<std::string>(12, "x")}};
    sweep.method = Method::latin_hypercube;
    sweep.points = 12;
    std::map<std::size_t, int> first;
    std::set<std::size_t> second;
    for (const Choice& choice : sampled_points(sweep)) {
        ++first[choice[0]];
        second.insert(choice[1]);
    }
    EXPECT_THAT(first, ElementsAre(std::pair(0, 4), std::pair(1, 4), std::pair(2, 4)));
    EXPECT_EQ(second.size(), 12);
}

TEST(Sampling, TheSeedDecidesAndNothingElse) {
    Sweep sweep;
    sweep.dimensions = {{"a", std::vector<std::string>(100, "x")}, {"b", std::vector<std::string>(7, "x")}};
    sweep.points = 50;
    for (const Method method : {Method::random, Method::latin_hypercube}) {
        sweep.method = method;
        sweep.seed = 1;
        const auto points = sampled_points(sweep);
        EXPECT_EQ(points, sampled_points(sweep));
        sweep.seed = 2;
        EXPECT_NE(points, sampled_points(sweep));
    }
}

TEST(Pareto, KeepsWhatNothingDominates) {
    EXPECT_THAT(pareto_front({{3, 1}, {1, 3}, {2, 2}, {3, 3}, {2, 2}, {1, 4}}), ElementsAre(1, 2, 4, 0));
    EXPECT_THAT(pareto_front({{5}, {4}, {6}}), ElementsAre(1));
    EXPECT_THAT(pareto_front({}), IsEmpty());
}

TEST(Figures, AreNamedByPathsAndListElementsByTheirNames) {
    const auto result = Json::parse(R"({"totals": {"time_ps": 12, "ok": true}, "units": [{"name": "dma0", "busy": 3},
        {"name": "matrix", "busy": 4}], "lower_bounds": [{"resource": "matrix unit", "time_ps": 9}], "a.b": {"c": 1}})");
    const Figures figures = figures_of(result, {"totals.time_ps", "totals.ok", "units.matrix.busy", "units.0.busy",
                                                "lower_bounds.matrix unit.time_ps", "a.b.c"});
    EXPECT_THAT(figures.values, ElementsAre(12, 1, 4, 3, 9, 1));
    EXPECT_THAT(figures.missing, IsEmpty());
}

TEST(Figures, NamesFromAResultCannotReachTheTerminal) {
    const Json result = Json::parse(R"({"to\u007f\u001b[31m\u0085tals": {"time_ps": 12}})");
    EXPECT_THAT(figures_of(result, {"totals\x1b.time"}).missing,
                AllOf(HasSubstr("no figure 'totals?.time'"), HasSubstr("'to??[31m?tals.time_ps'")));
}

TEST(Figures, AMissingOneIsNamedWithTheNearest) {
    const Figures figures = figures_of(Json::parse(R"({"totals": {"time_ps": 12, "note": "text"}})"),
                                       {"totals.time_ps", "totals.time_ns", "totals.note"});
    EXPECT_THAT(figures.values, ElementsAre(12));
    EXPECT_THAT(figures.missing,
                AllOf(HasSubstr("no figure 'totals.time_ns'"), HasSubstr("nearest: 'totals.time_ps'")));
    EXPECT_THAT(figures_of(Json::parse(R"({"totals": {"note": "text"}})"), {"totals.note"}).missing,
                HasSubstr("no figure"));
}

TEST(Inputs, TheCanonicalTextIsAScenarioFileWithTheSameText) {
    const scenario::Scenario point =
        scenario::load("scenarios/runs/edge.toml", {"chip.name=a \"b\" \\ c", "run.epsilon=1e-9"});
    const TemporaryFolder folder;
    const std::string text = canonical_text(point);
    std::ofstream(folder.path("point.toml")) << text;
    EXPECT_EQ(canonical_text(scenario::load(folder.path("point.toml"))), text);
    EXPECT_EQ(hash_of(text).size(), 32);
    EXPECT_NE(hash_of(text), hash_of(text + " "));
}

TEST(Record, SurvivesPackingAndACutOneIsRefused) {
    Record record;
    record.end = End::missing;
    record.message = "line\nfeed \xff";
    record.figures = {0.1, 1e300};
    record.result = std::string("\0\n\xff", 3);
    const Record back = unpack(pack(record));
    EXPECT_EQ(back.end, End::missing);
    EXPECT_EQ(back.message, "line\nfeed \xEF\xBF\xBD");
    EXPECT_EQ(back.figures, record.figures);
    EXPECT_EQ(back.result, record.result);
    const std::string packed = pack(record);
    for (std::size_t bytes = 0; bytes < packed.size(); ++bytes)
        EXPECT_THROW(unpack(packed.substr(0, bytes)), BadRecord) << bytes;
}

class SweepDatabase : public testing::Test {
protected:
    std::string error_of_opening(const std::string& definition = "sweep a\n") {
        try {
            const Database database(file(), definition);
        } catch (const DatabaseError& error) {
            return error.what();
        }
        return "no error";
    }
    std::string file() const { return folder_.path("sweep.db"); }
    void write(const std::string& content) const { std::ofstream(file(), std::ios::binary) << content; }

    void fill() const {
        Database database(file(), "sweep a\n");
        Record record;
        record.end = End::done;
        record.figures = {1.5};
        record.result = "result";
        database.set_ended(database.add("hash", "inputs", "{}").id, Status::done, record);
    }

    TemporaryFolder folder_;
};

TEST_F(SweepDatabase, ThePointWithTheSameInputsIsTheSame) {
    Database database(file(), "sweep a\n");
    EXPECT_EQ(database.add("one", "inputs", "{}").id, 1);
    EXPECT_EQ(database.add("two", "others", "{}").id, 2);
    EXPECT_EQ(database.add("one", "inputs", "{}").id, 1);
    EXPECT_EQ(database.points().size(), 2);
}

TEST_F(SweepDatabase, WhatWasRunningIsPendingAgain) {
    {
        Database database(file(), "sweep a\n");
        database.set_running(database.add("one", "inputs", "{}").id);
    }
    EXPECT_EQ(Database(file(), "sweep a\n").point(1).status, Status::pending);
}

TEST_F(SweepDatabase, AnotherSweepIsRefusedByTheLineThatDiffersButNothingIsLost) {
    fill();
    EXPECT_THAT(error_of_opening("sweep b\n"), AllOf(HasSubstr("made with 'sweep a'"), HasSubstr("says 'sweep b'")));
    EXPECT_EQ(Database(file(), "sweep a\n").points().size(), 1);
}

TEST_F(SweepDatabase, WithoutAnyResultItTakesOverAnotherDefinition) {
    { Database(file(), "sweep a\n").add("one", "inputs", "{}"); }
    EXPECT_THAT(Database(file(), "sweep b\n").points(), IsEmpty());
    EXPECT_EQ(error_of_opening("sweep b\n"), "no error");
}

TEST_F(SweepDatabase, FilesThatAreNoDatabaseAreLeftAsTheyAre) {
    const std::string text =
        "these are somebody's notes, and long enough to be looked at as a header. " + std::string(600, 'x');
    write(text);
    EXPECT_THAT(error_of_opening(), HasSubstr("is no SQLite database"));
    EXPECT_EQ(test::file_content(file()), text);
}

TEST_F(SweepDatabase, ADamagedFileIsAMessageWhereverTheDamageIs) {
    fill();
    const std::string good = test::file_content(file());
    ASSERT_GT(good.size(), 8192);
    for (std::size_t page = 0; page < good.size() / 4096; ++page) {
        std::string bad = good;
        for (std::size_t i = 0; i < 2048; ++i)
            bad[page * 4096 + (page ? 0 : 100) + i] = static_cast<char>(i * 37 + 11);
        write(bad);
        EXPECT_THAT(error_of_opening(), HasSubstr(file())) << "page " << page;
        EXPECT_EQ(test::file_content(file()).size(), bad.size());
    }
    write(good.substr(0, 5000));
    EXPECT_THAT(error_of_opening(), HasSubstr("damaged"));
}

TEST(Table, CsvQuotesWhatNeedsIt) {
    Sweep sweep;
    sweep.dimensions = {{"chip.dma.channels", {"1", "2"}}};
    sweep.objectives = {{"totals.steps", false}};
    Point done{1, R"({"chip.dma.channels": "1"})", Status::done, "", {0.1}};
    Point failed{2, R"({"chip.dma.channels": "2"})", Status::failed, "a \"hang\", or\nnot", {}};
    EXPECT_EQ(points_csv(sweep, {done, failed}), "id,status,front,chip.dma.channels,totals.steps,message\n"
                                                 "1,done,1,1,0.1,\n"
                                                 "2,failed,0,2,,\"a \"\"hang\"\", or\nnot\"\n");
    EXPECT_THAT(overview(sweep, {done, failed}), AllOf(HasSubstr("2 points: 1 done, 0 infeasible, 1 failed"),
                                                       HasSubstr("best by totals.steps"), HasSubstr("0.1")));
}

TEST(Table, ShowsTheFrontFromTheBestOfTheFirstObjectiveInUnitsForPeople) {
    Sweep sweep;
    sweep.dimensions = {{"chip.dma.channels", {"1", "2", "3"}}};
    sweep.objectives = {{"totals.time_ps", false}, {"energy.token_j", false}};
    const auto point = [](std::int64_t id, double time_ps, double joules) {
        return Point{
            id, R"({"chip.dma.channels": ")" + std::to_string(id) + R"("})", Status::done, "", {time_ps, joules}};
    };
    EXPECT_THAT(overview(sweep, {point(1, 3e9, 1e-6), point(2, 2.5e9, 2e-6), point(3, 1e9, 4e-5)}),
                HasSubstr("  id  dma.channels   time_ps   token_j\n" // the DRAM has channels, too
                          "   3             3  1.000 ms  40.00 µJ\n"
                          "   2             2  2.500 ms  2.000 µJ\n"
                          "   1             1  3.000 ms  1.000 µJ\n"));
}

} // namespace
} // namespace gradus::explore::explore_sweep_test
