// SPDX-License-Identifier: Apache-2.0
// What a sweep shows when nothing is feasible, of points without figures, and of the scenario as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/explore/constraints.h"
#include "platform/explore/short_names.h"
#include "platform/explore/table.h"

namespace gradus::explore::explore_overview_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// At least 20,000 tokens a second on an array of at most 16.
Sweep demanding() {
    Sweep sweep;
    sweep.dimensions = {{"chip.engine.matrix.rows", {"1", "2", "3", "4"}}};
    sweep.objectives = {{"steady.tokens_per_second", true}};
    sweep.constraints = {{"steady.tokens_per_second", false, 20000}, {"units.matrix.peak_per_cycle", true, 16}};
    return sweep;
}

Point point(std::int64_t id, Status status, const std::vector<double>& figures, const std::string& message = "") {
    return {id, R"({"chip.engine.matrix.rows": ")" + std::to_string(id) + R"("})", status, message, figures};
}

// 18,310 is short of 20,000 by 1,690: 8.45 %, in two figures 8.4 or 8.5. An array of 20 is over 16 by 4: 25 %. So the
// sums are 0.0845 of point 1, 0.5 of point 2, and 0.25 of point 3.
std::vector<Point> misses_only() {
    return {point(1, Status::infeasible, {18310, 16}, "slow"), point(2, Status::infeasible, {10000, 8}, "slower"),
            point(3, Status::infeasible, {24000, 20}, "large"), point(4, Status::infeasible, {}, "it cannot be built")};
}

TEST(Overview, WithNothingFeasibleShowsTheNearestMissesAndByWhat) {
    const std::string text = overview(demanding(), misses_only());
    EXPECT_THAT(text, AllOf(HasSubstr("no point keeps every constraint\n"),
                            HasSubstr("  needs steady.tokens_per_second >= 20000: 1 of 3 points keep it\n"),
                            HasSubstr("  needs units.matrix.peak_per_cycle <= 16: 2 of 3 points keep it\n")));
    const std::size_t first = text.find("tokens_per_second 8."), second = text.find("peak_per_cycle 25 % over"),
                      third = text.find("tokens_per_second 50 % short");
    EXPECT_LT(first, second) << text;
    EXPECT_LT(second, third) << text;
    EXPECT_NE(third, std::string::npos) << text;
}

TEST(Overview, NamesTheBestWhereNoPointKeepsAConstraint) {
    const std::vector<Point> all = misses_only();
    EXPECT_THAT(
        overview(demanding(), {all[0], all[1]}),
        testing::ContainsRegex("needs steady.tokens_per_second >= 20000, the best has 18310: 8\\.[45] % short\n"));
}

TEST(Overview, OfAFeasibleSweepSaysNothingOfMisses) {
    std::vector<Point> points = misses_only();
    points.push_back(point(5, Status::done, {21000, 16}));
    EXPECT_THAT(overview(demanding(), points), AllOf(HasSubstr("best by"), Not(HasSubstr("misses"))));
}

TEST(Overview, SaysWhyPointsHaveNoFigures) {
    const std::string text =
        overview(demanding(), {point(1, Status::failed, {}, "the chip\nhangs"), misses_only().back()});
    EXPECT_THAT(text, AllOf(HasSubstr("failed: the chip?hangs\n"), HasSubstr("infeasible: it cannot be built\n")));
    EXPECT_THAT(text, Not(HasSubstr("keeps every constraint"))) << "no point has figures to weigh";
}

TEST(Overview, ShowsTheScenarioAsItWasIfItIsAPoint) {
    const std::vector<Point> points = misses_only();
    EXPECT_THAT(overview(demanding(), points, 3), HasSubstr("the scenario as it was\n"));
    EXPECT_THAT(overview(demanding(), points), Not(HasSubstr("as it was")));
}

TEST(Constraints, AreMissedInPercentOfTheirLimitOrByANumberWhereThatIsZero) {
    Sweep sweep;
    sweep.constraints = {{"a", true, 0}, {"b", true, -100}, {"c", false, 1e6}};
    EXPECT_EQ(misses(sweep, {4, -98, 999999}), "a 4 over; b 2 % over; c 0.0001 % short");
    EXPECT_EQ(misses(sweep, {0, -100, 1e6}), "");
    EXPECT_EQ(broken_constraints(sweep, {0, -50, 1e6}), "b = -50 is not <= -100 (50 % over)");
}

// "base" and "bytes" end several keys of scenarios, "lanes" one.
TEST(ShortNames, KeepEnoughToSayWhichKeyItIs) {
    EXPECT_THAT(short_names({"id", "chip.engine.vector.lanes", "chip.dram.base", "chip.technology.base", "chip.base",
                             "totals.time_ps", "steady.time_ps", "chip.scratchpad.bytes"}),
                ElementsAre("id", "lanes", "dram.base", "technology.base", "chip.base", "totals.time_ps",
                            "steady.time_ps", "scratchpad.bytes"));
}

TEST(ShortValues, LoseTheirBeginningAndStayDifferent) {
    EXPECT_THAT(short_values({"4", "a/far/away/place/ddr4-2400.toml", "a/far/away/place/ddr4-3200.toml"}),
                ElementsAre("4", "…ay/place/ddr4-2400.toml", "…ay/place/ddr4-3200.toml"));
    // So many columns of each that they are 24 with the ellipsis; but these differ in their first letter alone.
    const std::string tail(40, 'x');
    EXPECT_THAT(short_values({"a" + tail, "b" + tail}), ElementsAre("a" + tail, "b" + tail));
}

} // namespace
} // namespace gradus::explore::explore_overview_test
