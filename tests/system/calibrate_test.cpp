// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>

#include "platform/calibrate/calibration.h"
#include "platform/calibrate/output.h"
#include "platform/scenario/load.h"
#include "platform/search/search.h"
#include "platform/validate/measure.h"
#include "tests/support/chip_run.h"
#include "tests/support/program.h"

namespace gradus::calibrate::calibrate_test {
namespace {

using search::compass_search;
using testing::HasSubstr;
using validate::MeasuredRow;

/// A file of its own for each test, which are processes of their own.
std::string written(const std::string& name, const std::string& text) {
    const std::string path = testing::TempDir() + "calibrate_" + std::to_string(getpid()) + "_" + name;
    std::ofstream(path) << text;
    return path;
}

std::vector<MeasuredRow> rows_of(const std::string& csv) {
    const std::string path = written("rows.csv", csv);
    const std::vector<MeasuredRow> rows = validate::measured_rows(validate::Table(path));
    std::filesystem::remove(path);
    return rows;
}

std::vector<MeasuredRow> copies() {
    return rows_of("operator,shape,cycles\n"
                   "copy_in,256,1\ncopy_in,1024,1\ncopy_in,4096,1\ncopy_in,16384,1\n"
                   "copy_out,256,1\ncopy_out,1024,1\ncopy_out,4096,1\ncopy_out,16384,1\n"
                   "gemm_unit,1x32x64,1\ngemm_unit,4x32x64,1\n");
}

/// A chip that obeys a simple law.
std::vector<double> law(const scenario::ChipParameters& chip, const std::vector<MeasuredRow>& rows) {
    std::vector<double> cycles;
    for (const MeasuredRow& row : rows) {
        double work = 1;
        for (const std::uint32_t dim : row.request.dims)
            work *= dim;
        cycles.push_back(row.name == "gemm_unit" ? static_cast<double>(chip.matrix.startup_cycles) + work / 64
                                                 : static_cast<double>(chip.dma.setup_cycles) + work / 8);
    }
    return cycles;
}

// 3 GHz are a period of 333 ps.
TEST(Calibrate, ARowIsCountedInPeriodsOfTheChipsClock) {
    scenario::ChipParameters chip = scenario::load_chip("scenarios/chips/tiny.toml");
    chip.clock_mhz = 3000;
    const std::vector<MeasuredRow> rows = rows_of("operator,shape,cycles\ngemm,16x16x16,1\n");
    const auto entry =
        validate::measure(chip, rows[0].request, scenario::DataPlane::none, test::firmware_path("train"));
    EXPECT_EQ(validate::modelled_cycles(chip, rows[0], test::firmware_path("train")),
              entry.at("time_ps").get<double>() / 333);
}

TEST(CompassSearch, FindsTheLowestStepOfAStaircase) {
    const auto stairs = [](const std::vector<double>& point) {
        return std::pow(std::round(point[0]) - 41, 2) + std::pow(std::round(point[1]) - 3, 2);
    };
    const std::vector<double> found = compass_search({{10, 0, 56}, {4, 1, 32}}, stairs, 500);
    EXPECT_EQ(std::round(found[0]), 41);
    EXPECT_EQ(std::round(found[1]), 3);
}

TEST(CompassSearch, StaysInsideItsIntervals) {
    const auto beyond = [](const std::vector<double>& point) {
        EXPECT_GE(point[0], 2);
        EXPECT_LE(point[0], 20);
        return -point[0];
    };
    EXPECT_DOUBLE_EQ(compass_search({{5, 2, 20}}, beyond, 200)[0], 20);
}

TEST(Calibration, FindsTheNumbersThatMadeTheRowsAndPredictsTheRowsHeldBack) {
    Request request;
    request.chip.dma.setup_cycles = 73;
    request.chip.matrix.startup_cycles = 45;
    request.rows = copies();
    const std::vector<double> truth = law(request.chip, request.rows);
    for (std::size_t i = 0; i < truth.size(); ++i)
        request.rows[i].cycles = truth[i];
    request.chip.dma.setup_cycles = 25;
    request.chip.matrix.startup_cycles = 12;
    request.keys = numeric_keys({"chip.dma.setup_cycles", "chip.engine.matrix.startup_cycles"});
    request.held_back = held_back(request.rows, 0.25, 1);
    const Calibration calibration = calibrate(request, law);
    EXPECT_EQ(calibration.chip.dma.setup_cycles, 73U);
    EXPECT_EQ(calibration.chip.matrix.startup_cycles, 45U);
    EXPECT_EQ(std::get<std::uint64_t>(calibration.fitted[0].before), 25U);
    for (const RowOutcome& row : calibration.rows) {
        EXPECT_DOUBLE_EQ(row.after, row.row.cycles) << row.row.name << " " << row.row.shape;
        EXPECT_NE(row.before, row.row.cycles);
    }
}

TEST(Calibration, TheSearchNeverSeesARowThatIsHeldBack) {
    Request request;
    request.rows = copies();
    request.keys = numeric_keys({"chip.dma.setup_cycles"});
    request.held_back = held_back(request.rows, 0.5, 7);
    std::size_t whole = 0;
    calibrate(request, [&](const scenario::ChipParameters& chip, const std::vector<MeasuredRow>& rows) {
        if (rows.size() == request.rows.size()) ++whole;
        return law(chip, rows);
    });
    EXPECT_EQ(whole, 2U) << "before and after, for the report";
}

TEST(Calibration, FindsAPlantedSetUpTimeThroughTheSimulator) {
    Request request;
    request.chip =
        scenario::load_chip("scenarios/chips/tiny.toml", {"chip.dma.channels=1", "chip.dma.setup_cycles=37"});
    request.rows = rows_of("operator,shape,cycles\ncopy_in,256,1\ncopy_in,1024,1\ncopy_out,1024,1\n");
    const Evaluator evaluate = simulating_evaluator(test::firmware_path("train"), 2);
    const std::vector<double> truth = evaluate(request.chip, request.rows);
    for (std::size_t i = 0; i < truth.size(); ++i)
        request.rows[i].cycles = truth[i];
    EXPECT_GT(truth[1], truth[0]) << "more bytes take longer";
    request.chip.dma.setup_cycles = 20;
    request.keys = numeric_keys({"chip.dma.setup_cycles"});
    request.held_back = {false, true, false};
    request.evaluations = 60;
    const Calibration calibration = calibrate(request, evaluate);
    EXPECT_EQ(calibration.chip.dma.setup_cycles, 37U);
    EXPECT_DOUBLE_EQ(calibration.rows[1].after, truth[1]) << "held back";
}

TEST(MeasuredRows, ATableWithoutRowsIsRefusedByItsName) {
    try {
        rows_of("operator,shape,cycles\n");
        FAIL();
    } catch (const validate::TableError& error) {
        EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("rows.csv: "), HasSubstr("no row")));
    }
}

TEST(HeldBack, IsAFractionOfEveryOperatorNeverAllAndTheSameForASeed) {
    const std::vector<MeasuredRow> rows = copies();
    const std::vector<bool> held = held_back(rows, 0.25, 3);
    EXPECT_EQ(std::count(held.begin(), held.begin() + 4, true), 1);
    EXPECT_EQ(std::count(held.begin() + 4, held.begin() + 8, true), 1);
    EXPECT_EQ(held, held_back(rows, 0.25, 3));
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::vector<bool> most = held_back(rows, 0.99, seed);
        EXPECT_EQ(std::count(most.begin(), most.begin() + 4, true), 3) << "seed " << seed;
        EXPECT_EQ(std::count(most.begin() + 8, most.end(), true), 1) << "seed " << seed;
    }
    EXPECT_EQ(held_back(rows, 0, 1), std::vector<bool>(rows.size()));
}

TEST(NumericKeys, AreNumbersOfTheChipThatCanTakeAnyValue) {
    EXPECT_EQ(numeric_keys(default_keys()).size(), default_keys().size());
    EXPECT_EQ(numeric_keys({"chip.clock_mhz"}).size(), 1U);
    for (const char* key :
         {"chip.dma.setup_cycle", "model.width", "chip.engine.matrix.dataflow", "chip.fabric.port_bytes"})
        EXPECT_THROW(numeric_keys({key}), CalibrationError) << key;
    EXPECT_THROW(numeric_keys({"chip.bus.latency", "chip.bus.latency"}), CalibrationError);
    EXPECT_THROW(numeric_keys({}), CalibrationError);
}

TEST(MeasuredRows, NameFileLineAndWhatIsWrong) {
    const auto message = [](const std::string& row) -> std::string {
        try {
            rows_of("operator,shape,clock_mhz,cycles\n" + row + "\n");
        } catch (const validate::TableError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(message("gemm,1x2x3,100,10"), "");
    EXPECT_THAT(message("gem,1x2x3,100,10"), testing::AllOf(HasSubstr("rows.csv:2"), HasSubstr("nearest: 'gemm'")));
    for (const char* shape : {"", "1x2", "1x2x3x4", "0x2x3", "axbxc", "1x2x", "x", "-1x2x3", "99999999999x1x1"})
        EXPECT_THAT(message(std::string("gemm,") + shape + ",100,10"), HasSubstr("is no shape")) << shape;
    EXPECT_THAT(message("copy_in,6,100,10"), HasSubstr("a multiple of 4"));
    EXPECT_THAT(message("gemm,1x2x3,100,0"), HasSubstr("not above zero"));
    EXPECT_THAT(message("gemm,1x2x3,-5,10"), HasSubstr("not above zero"));
    EXPECT_THAT(message("gemm,1x2x3,1e9,10"), HasSubstr("rows.csv:2: a clock of"));
    EXPECT_THAT(message("relu,2x3,100,10"), HasSubstr("with an even C"));
    EXPECT_THAT(message("gemm,1x2x3,100,nan"), HasSubstr("under 'cycles'"));
    EXPECT_THAT(message("gemm,1x2x3,100"), HasSubstr("3 cells under 4 columns"));
    EXPECT_THAT(message("gemm,1x2x3,100,1e16"), HasSubstr("rows.csv:2: 1e+16 cycles; a row has at most 1e+15"));
    EXPECT_EQ(message("gemm, 1 X 2 x 3 ,,1e3,,"), "") << "without a clock it is the chip's own";
    EXPECT_EQ(message("\"gemm\",\"1x2x3\",\"100\",\"10\",# a remark"), "");
}

TEST(MeasuredRows, AClockInAnotherUnitIsNotTakenForNone) {
    try {
        rows_of("operator,shape,Clock GHz,cycles\ngemm,1x2x3,1,10\n");
        FAIL();
    } catch (const validate::TableError& error) {
        EXPECT_THAT(error.what(), HasSubstr("the column 'Clock GHz' is not known: the clock stands under clock_mhz"));
    }
}

TEST(CalibratedChip, IsAFileOnTopOfItsDescriptionThatSaysWhereItComesFrom) {
    Request request;
    const std::string chip = "scenarios/chips/tiny.toml";
    request.chip = scenario::load_chip(chip);
    request.rows = copies();
    for (MeasuredRow& row : request.rows)
        row.cycles = 500;
    request.keys = numeric_keys({"chip.dma.setup_cycles", "chip.clock_mhz"});
    request.held_back = held_back(request.rows, 0.25, 1);
    const Calibration calibration = calibrate(request, law);
    const Provenance provenance{chip, "rows.csv", "a bench\nwith two lines", 0.25, 1};
    const std::string text = as_toml(calibration, provenance, std::filesystem::absolute(chip).string());
    EXPECT_THAT(text, testing::AllOf(HasSubstr("tiny.toml fitted to rows.csv"), HasSubstr("a bench?with two lines"),
                                     HasSubstr("held back")));
    const std::string path = written("chip.toml", text);
    const scenario::ChipParameters read = scenario::load_chip(path);
    std::filesystem::remove(path);
    EXPECT_EQ(read.dma.setup_cycles, calibration.chip.dma.setup_cycles);
    EXPECT_EQ(read.clock_mhz, calibration.chip.clock_mhz);
    EXPECT_EQ(as_json(calibration, provenance)["rows"].size(), request.rows.size());
    EXPECT_THAT(as_markdown(calibration, provenance), HasSubstr("| held back | 3 |"));
    EXPECT_THAT(as_text(calibration), HasSubstr("held back"));
}

/// Rows that take `cycles` whatever their size, on a chip whose law knows only its set-up and the work.
Calibration calibrated_to(const std::vector<double>& cycles, std::uint64_t setup_cycles,
                          const std::vector<std::string>& keys) {
    Request request;
    request.chip.dma.setup_cycles = setup_cycles;
    request.rows = copies();
    for (std::size_t i = 0; i < request.rows.size(); ++i)
        request.rows[i].cycles = cycles[i % cycles.size()];
    request.held_back = std::vector<bool>(request.rows.size());
    request.keys = numeric_keys(keys);
    return calibrate(request, law);
}

TEST(Verdict, NumbersThatCannotExplainTheRowsSaySo) {
    // Nothing of the rows depends on the bus; they are far off.
    const Calibration calibration = calibrated_to({4000, 9000}, 25, {"chip.bus.latency"});
    EXPECT_EQ(verdict_of(calibration.objective), Verdict::unexplained);
    EXPECT_DOUBLE_EQ(calibration.objective.before, calibration.objective.after);
    EXPECT_THAT(as_text(calibration), HasSubstr("these numbers cannot explain the rows"));
    EXPECT_THAT(as_markdown(calibration, {}), HasSubstr("these numbers cannot explain the rows"));
    EXPECT_EQ(as_json(calibration, {})["verdict"], "unexplained");
    EXPECT_THAT(as_toml(calibration, {}, "chip.toml"),
                HasSubstr("# Not calibrated: these numbers cannot explain the rows"));
}

TEST(Verdict, AStartWithoutErrorHasNothingToGain) {
    Request request;
    request.rows = copies();
    const std::vector<double> truth = law(request.chip, request.rows);
    for (std::size_t i = 0; i < truth.size(); ++i)
        request.rows[i].cycles = truth[i];
    request.held_back = std::vector<bool>(request.rows.size());
    request.keys = numeric_keys({"chip.dma.setup_cycles"});
    const Calibration calibration = calibrate(request, law);
    EXPECT_EQ(calibration.objective.before, 0);
    EXPECT_EQ(verdict_of(calibration.objective), Verdict::nothing_to_gain);
    EXPECT_THAT(as_text(calibration), HasSubstr("nothing to gain"));
    EXPECT_EQ(as_json(calibration, {})["verdict"], "nothing to gain");
    EXPECT_THAT(as_toml(calibration, {}, "chip.toml"), testing::Not(HasSubstr("Not calibrated")));
}

TEST(Verdict, ComesFromTheFallOfTheErrorAndWhereItBegan) {
    const auto of = [](double before, double after) { return verdict_of({before * before, after * after}); };
    EXPECT_EQ(of(1.0, 0.89), Verdict::fitted);
    EXPECT_EQ(of(1.0, 0.91), Verdict::unexplained);
    EXPECT_EQ(of(0.051, 0.05), Verdict::unexplained);
    EXPECT_EQ(of(0.049, 0.048), Verdict::nothing_to_gain);
    EXPECT_EQ(of(0.049, 0.01), Verdict::fitted);
    EXPECT_EQ(of(0, 0), Verdict::nothing_to_gain);
}

TEST(CalibrationText, SaysWhichObjectiveWasMadeSmallAndHowMuch) {
    Calibration calibration;
    RowOutcome outcome;
    outcome.row.cycles = 100;
    outcome.before = 200;
    outcome.after = 110;
    calibration.rows.push_back(outcome);
    calibration.objective = {std::log(2.0) * std::log(2.0), std::log(1.1) * std::log(1.1)};
    EXPECT_THAT(as_text(calibration, 200),
                HasSubstr("objective: mean squared ln(modelled / measured) of the fitted rows: 0.4805 before, "
                          "0.009084 after, or typically off by a factor of 2.000 before, 1.100 after"));
    const auto json = as_json(calibration, {});
    EXPECT_EQ(json["objective"]["before"], calibration.objective.before);
    EXPECT_NEAR(json["objective"]["factor_after"].get<double>(), 1.1, 1e-12);
    EXPECT_EQ(json["verdict"], "fitted");
}

TEST(Calibration, TheObjectiveIsThatOfTheFittedRowsAlone) {
    Request request;
    request.chip.dma.setup_cycles = 25;
    request.rows = copies();
    for (MeasuredRow& row : request.rows)
        row.cycles = 500;
    request.held_back = held_back(request.rows, 0.5, 1);
    request.keys = numeric_keys({"chip.dma.setup_cycles"});
    const Calibration calibration = calibrate(request, law);
    double sum = 0;
    std::size_t fitted = 0;
    for (const RowOutcome& row : calibration.rows)
        if (!row.held_back) {
            sum += std::pow(std::log(row.after / 500), 2);
            ++fitted;
        }
    EXPECT_NEAR(calibration.objective.after, sum / static_cast<double>(fitted), 1e-12);
    EXPECT_LT(calibration.objective.after, calibration.objective.before);
}

TEST(CliCalibrate, EndsWithThreeAndWritesItsFileWhenTheRowsAreNotExplained) {
    const test::TemporaryFolder folder;
    std::ofstream(folder.path("other.csv")) << "operator,shape,cycles\ncopy_in,256,3\ncopy_in,4096,9\ncopy_out,256,2\n";
    const auto run = test::run_program({"calibrate", "scenarios/chips/lean.toml", folder.path("other.csv"), "--fit",
                                        "chip.engine.vector.startup_cycles", "--evaluations", "3", "--out",
                                        folder.path("chip.toml")});
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_THAT(run.err, HasSubstr("gradus: calibrate: these numbers cannot explain the rows"));
    EXPECT_THAT(run.out, HasSubstr("objective: "));
    EXPECT_THAT(test::file_content(folder.path("chip.toml")), HasSubstr("# Not calibrated: "));
}

TEST(CalibrationText, ChartsTheErrorOfEveryRowAndSaysWhenNothingJudgesTheFit) {
    Calibration calibration;
    RowOutcome outcome;
    outcome.row.name = "copy_in";
    outcome.row.shape = "256";
    outcome.row.cycles = 100;
    outcome.before = 80; // -20 %, at the left end of the chart
    outcome.after = 110; // +10 %, half way to the right
    calibration.rows.push_back(outcome);
    const std::string text = as_text(calibration);
    EXPECT_THAT(text, HasSubstr("o" + std::string(19, ' ') + "|" + std::string(9, ' ') + "*\n"));
    EXPECT_THAT(text, HasSubstr("-20 %"));
    EXPECT_THAT(text, HasSubstr("no row was held back"));
    calibration.rows[0].held_back = true;
    EXPECT_THAT(as_text(calibration), testing::Not(HasSubstr("no row was held back")));
}

} // namespace
} // namespace gradus::calibrate::calibrate_test
