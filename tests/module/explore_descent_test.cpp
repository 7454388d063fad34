// SPDX-License-Identifier: Apache-2.0
// The search for the best of one objective, on chips whose figures are formulas.
#include "platform/explore/descent.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <limits>

#include <gmock/gmock.h>

#include "tests/support/temporary_folder.h"

namespace gradus::explore::explore_descent_test {
namespace {

namespace fs = std::filesystem;
using scenario::ChipParameters;

struct Figures {
    double area = 0;
    double speed = 0;
};
using Formula = std::function<Figures(const ChipParameters&)>;

/// The points of a sweep that minimises area, where speed has a limit.
std::vector<Point> search(const std::string& vary, double least_speed, const std::string& seed,
                          const Formula& formula) {
    const test::TemporaryFolder folder;
    std::ofstream(folder.path("sweep.toml"))
        << "scenario = '" << fs::absolute("scenarios/runs/names.toml").string() << "'\n"
        << "[set]\nchip.sram.bytes = 0x10000\n"
        << "[vary]\n"
        << vary << "[search]\nmethod = 'descent'\npoints = 6\nseed = " << seed
        << "\n[objectives]\narea.total_mm2 = 'minimise'\n[constraints]\nsteady.tokens_per_second = '>= " << least_speed
        << "'\n";
    const Sweep sweep = read_sweep(folder.path("sweep.toml"));
    Database database(folder.path("sweep.db"), definition(sweep));
    report::Progress progress(stderr, report::Progress::Mode::silent, 0, "points");
    const Runner runner = [&](const WorkSource& next, const WorkEvents& events) {
        while (const auto work = next()) {
            const Figures figures = formula(work->scenario.chip);
            Record record;
            record.end = End::done;
            record.figures = {figures.area, figures.speed};
            events.ended(*work, record);
        }
    };
    Study study(sweep, database, runner, progress);
    search_by_descent(sweep, study, progress);
    return database.points();
}

double smallest(const std::vector<Point>& points) {
    double area = std::numeric_limits<double>::infinity();
    for (const Point& point : points)
        if (point.status == Status::done) area = std::min(area, point.figures[0]);
    return area;
}

std::ptrdiff_t run(const std::vector<Point>& points) {
    return std::count_if(points.begin(), points.end(), [](const Point& each) { return !each.figures.empty(); });
}

// A chip is as large as it has lanes, and as fast as lanes times clock. 400 takes 4 lanes at 100 MHz, 2 at 200 or one
// at 400: one lane is the smallest. On the way from two lanes to one the clock has to rise from 200 to 400 by two steps
// that change the area by nothing.
TEST(Descent, RaisesAClockThatIsFreeUntilASmallerUnitWillDo) {
    for (const char* seed : {"1", "2", "3"}) {
        const auto points = search("chip.clock_mhz = [100, 200, 300, 400]\nchip.engine.vector.lanes = [1, 2, 4]\n", 400,
                                   seed, [](const ChipParameters& chip) {
                                       return Figures{double(chip.vector.lanes), chip.vector.lanes * chip.clock_mhz};
                                   });
        EXPECT_EQ(smallest(points), 1) << "seed " << seed;
    }
}

// 4 * 4 * 5 * 4 * 9 = 2880 chips of a family in which an array, lanes, a scratchpad and a clock trade with each other.
// At 45 nm the fabric ends at 857 MHz: the highest clocks are refused before they run. The best of the 2240 others, by
// going through them: for 500,000 a second 2 x 4 elements, a lane and 32 KiB at 700 MHz, 1.5 + 0.0168 + 0.0105 + 0.0576
// = 1.5849; for 1,000,000 2 x 8, two lanes and 32 KiB at 800 MHz, 1.6122; for 1,500,000 2 x 16, eight lanes and 32 KiB
// at 800 MHz, 1.7088.
TEST(Descent, IsWithinTwoPercentOfTheBestOfAllCombinationsAfterATwentiethOfThem) {
    const Formula formula = [](const ChipParameters& chip) {
        const double kibibytes = static_cast<double>(chip.scratchpad.bytes) / 1024;
        const double elements = double(chip.matrix.rows) * chip.matrix.cols, lanes = chip.vector.lanes;
        const double cycles = 200'000 / elements + 30'000 / lanes + 20'000 + 100'000 / kibibytes;
        return Figures{1.5 + 0.0021 * elements + 0.0105 * lanes + 0.0018 * kibibytes, chip.clock_mhz * 64e6 / cycles};
    };
    const std::string vary = "chip.clock_mhz = { from = 200, to = 1000, step = 100 }\n"
                             "chip.engine.matrix.rows = [2, 4, 8, 16]\nchip.engine.matrix.cols = [2, 4, 8, 16]\n"
                             "chip.engine.vector.lanes = [1, 2, 4, 8, 16]\n"
                             "chip.scratchpad.bytes = { from = 0x8000, to = 0x40000, scale = 'log2' }\n";
    for (const auto& [speed, best] : {std::pair{0.5e6, 1.5849}, {1e6, 1.6122}, {1.5e6, 1.7088}}) {
        const std::vector<Point> points = search(vary, speed, "1", formula);
        EXPECT_LE(smallest(points), 1.02 * best) << speed;
        EXPECT_GE(smallest(points), best - 1e-9) << speed;
        EXPECT_LE(run(points), 2880 / 20) << speed;
        EXPECT_LT(run(points), static_cast<std::ptrdiff_t>(points.size())) << "clocks that cannot be are refused";
    }
}

} // namespace
} // namespace gradus::explore::explore_descent_test
