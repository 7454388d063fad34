// SPDX-License-Identifier: Apache-2.0
#include "platform/report/bounds.h"

#include <gmock/gmock.h>

#include "tests/unit/report_fixture.h"

namespace gradus::report::report_bounds_test {
namespace {

using namespace report_fixture;
using observe::UnitKind;

ip::Picoseconds bound(const std::vector<LowerBound>& bounds, const std::string& resource) {
    for (const LowerBound& each : bounds)
        if (each.resource == resource) return each.time;
    ADD_FAILURE() << "no bound by " << resource;
    return 0;
}

// 100 MHz; 16 MACs a cycle, 4 lanes, two channels of 16 bytes, a fabric of 16 bytes, memories of 1.6 GB/s.
TEST(LowerBounds, OfAStepComeFromItsOwnWork) {
    const observe::Result result = an_idle_result();
    BoundedWork step;
    step.time = 1'000'000'000;
    ip::CommandWork product, sum, load;
    product.scratchpad_read = 8000;
    product.compute_cycles = 1000;
    product.port_cycles = 1500;
    sum.scratchpad_read = 16000;
    sum.compute_cycles = 3000;
    sum.port_cycles = 500;
    load.dram_read = 64000; // converts to half the size
    load.scratchpad_written = 32000;
    step.work.add(UnitKind::matrix, product);
    step.work.add(UnitKind::vector, sum);
    step.work.add(UnitKind::dma, load);
    step.hart.by_activity[0] = 5'000'000;
    step.hart.by_activity[static_cast<int>(ip::Activity::stall_bus)] = 1'000'000;
    const std::vector<LowerBound> bounds = lower_bounds(result, step);
    EXPECT_EQ(bound(bounds, "matrix unit"), 10'000'000u) << "1000 cycles of 10 ns";
    EXPECT_EQ(bound(bounds, "matrix port"), 15'000'000u);
    EXPECT_EQ(bound(bounds, "vector unit"), 30'000'000u);
    EXPECT_EQ(bound(bounds, "vector port"), 5'000'000u);
    EXPECT_EQ(bound(bounds, "DMA channels"), 20'000'000u) << "the longer side, shared by two channels";
    EXPECT_EQ(bound(bounds, "fabric"), 40'000'000u) << "one port towards the DRAM";
    EXPECT_EQ(bound(bounds, "DRAM bandwidth"), 40'000'000u);
    EXPECT_EQ(bound(bounds, "scratchpad bandwidth"), 35'000'000u) << "56,000 bytes of all units";
    EXPECT_EQ(bound(bounds, "CPU issue"), 6'000'000u);
    EXPECT_NEAR(bounds[0].share, 0.01, 1e-12);
    EXPECT_EQ(tightest(bounds)->time, 40'000'000u);
}

TEST(LowerBounds, OfTheRunCountWhatMemoriesCounted) {
    observe::Result result = an_idle_result();
    result.unit_totals[dma0].work.work.dram_read = 16'000;
    result.memories[0].bytes_read = 32'000; // descriptors and the hart's own accesses, too
    const std::vector<LowerBound> bounds = lower_bounds_of_run(result);
    EXPECT_EQ(bound(bounds, "fabric"), 10'000'000u);
    EXPECT_EQ(bound(bounds, "DRAM bandwidth"), 20'000'000u);
}

TEST(LowerBounds, AChipWithoutMemoriesHasNoneOfTheirs) {
    observe::Result result = an_idle_result();
    result.memories.clear();
    for (const LowerBound& each : lower_bounds_of_run(result))
        EXPECT_THAT(each.resource, testing::Not(testing::HasSubstr("bandwidth")));
    EXPECT_EQ(tightest({}), nullptr);
}

} // namespace
} // namespace gradus::report::report_bounds_test
