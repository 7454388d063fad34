// SPDX-License-Identifier: Apache-2.0
#include "platform/report/verdict.h"

#include <gmock/gmock.h>

#include "platform/report/analysis.h"
#include "tests/unit/report_fixture.h"

namespace gradus::report::report_verdict_test {
namespace {

using namespace report_fixture;
using ip::Activity;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void set_memory(observe::Result& result, std::size_t memory, double busy, double of_peak) {
    const auto time = static_cast<double>(result.time);
    result.memories[memory].busy = static_cast<ip::Picoseconds>(busy * time);
    result.memories[memory].bytes_read =
        static_cast<ip::Bytes>(of_peak * result.memories[memory].peak_bytes_per_second * time * 1e-12);
}

TEST(Verdict, ABusyHartMeansCpuIssue) {
    observe::Result result = an_idle_result();
    set(result, cpu, Activity::busy, 0.75);
    set(result, cpu, Activity::stall_bus, 0.08);
    set(result, matrix, Activity::busy, 0.20);
    EXPECT_EQ(verdict(result),
              "bound by CPU issue: the hart is busy 83.0 % of the time, 8.0 % of it waiting for the bus");
}

TEST(Verdict, ABusyMatrixUnitMeansComputeAndSaysHowWellItComputes) {
    observe::Result result = an_idle_result();
    set(result, matrix, Activity::busy, 0.90);
    set(result, cpu, Activity::busy, 0.40);
    // 90,000 busy cycles of 16 MACs; a quarter of them were put to use.
    result.unit_totals[matrix].work.work.macs = 90'000 * 16 / 4;
    EXPECT_EQ(verdict(result),
              "bound by compute (matrix): the matrix unit is busy 90.0 % of the time, at 25.0 % of its peak "
              "while it is");
}

TEST(Verdict, ABusyVectorUnitIsNamed) {
    observe::Result result = an_idle_result();
    set(result, vector, Activity::busy, 0.80);
    EXPECT_THAT(verdict(result), StartsWith("bound by compute (vector): the vector unit is busy 80.0 %"));
}

TEST(Verdict, ChannelsInFrontOfAFullDramAreNotToBlame) {
    observe::Result result = an_idle_result();
    set(result, dma0, Activity::busy, 0.50);
    set(result, dma0, Activity::stall_memory, 0.48);
    set_memory(result, 0, 0.90, 0.72);
    EXPECT_EQ(verdict(result),
              "bound by DRAM bandwidth: its data bus is busy 90.0 % of the time, 1.152 GB/s of 1.600 GB/s at peak");
}

TEST(Verdict, FullChannelsInFrontOfAnIdleDramAre) {
    observe::Result result = an_idle_result();
    set(result, dma0, Activity::busy, 0.95);
    set_memory(result, 0, 0.30, 0.24);
    EXPECT_EQ(verdict(result),
              "bound by DMA (dma0): dma0 executes 95.0 % of the time, while the DRAM's data bus is busy "
              "only 30.0 %");
}

TEST(Verdict, DramCountsByItsBytesWhereItReportsNoBusyTime) {
    observe::Result result = an_idle_result();
    set_memory(result, 0, 0, 0.85);
    EXPECT_THAT(verdict(result), StartsWith("bound by DRAM bandwidth: its data bus is busy 85.0 %"));
}

TEST(Verdict, AnEngineThatWaitsForOperandsIsNotComputing) {
    observe::Result result = an_idle_result();
    set(result, matrix, Activity::busy, 0.20);
    set(result, matrix, Activity::stall_memory, 0.70);
    EXPECT_EQ(verdict(result),
              "bound by operand bandwidth (matrix): the matrix unit executes 90.0 % of the time and waits "
              "for its operands during 70.0 %");
    set_memory(result, 1, 0.85, 0.85);
    EXPECT_THAT(verdict(result), StartsWith("bound by scratchpad bandwidth: its data bus is busy 85.0 %"));
}

TEST(Verdict, AFullDramIsNoExcuseForAnEngineThatNeverUsesIt) {
    observe::Result result = an_idle_result();
    set(result, matrix, Activity::busy, 0.20);
    set(result, matrix, Activity::stall_memory, 0.75);
    set_memory(result, 0, 0.75, 0.75);
    EXPECT_THAT(verdict(result), StartsWith("bound by operand bandwidth (matrix)"));
}

TEST(Verdict, ASecondNearlyFullResourceIsMentioned) {
    observe::Result result = an_idle_result();
    set(result, matrix, Activity::busy, 0.92);
    set(result, cpu, Activity::busy, 0.88);
    EXPECT_THAT(verdict(result),
                AllOf(StartsWith("bound by compute (matrix)"), HasSubstr("; close behind: CPU issue (88.0 %)")));
    set(result, cpu, Activity::busy, 0.75);
    EXPECT_THAT(verdict(result), Not(HasSubstr("close behind")));
}

TEST(Verdict, NothingFullMeansLatencyAndDependencies) {
    observe::Result result = an_idle_result();
    set(result, vector, Activity::busy, 0.43);
    set(result, matrix, Activity::busy, 0.30);
    set(result, matrix, Activity::stall_fence, 0.50);
    result.unit_totals[matrix].fence_stall_by_queue[dma1] = result.time / 2;
    EXPECT_EQ(verdict(result),
              "bound by latency and dependencies: no unit is busy more than 43.0 % (vector); longest wait: "
              "matrix waits 50.0 % for dma1");
}

TEST(Verdict, WhereNothingIsFullTheCriticalPathSaysWhatMatters) {
    observe::Result result = an_idle_result();
    set(result, vector, Activity::busy, 0.43);
    set(result, matrix, Activity::busy, 0.30);
    result.critical_path.by_unit.resize(result.units.size());
    result.critical_path.by_unit[matrix][0] = 300;
    result.critical_path.by_unit[dma1] = {400, 150, 0, 0};
    result.critical_path.by_unit[cpu][0] = 100;
    result.critical_path.by_unit[vector][2] = 50;
    EXPECT_EQ(verdict(result),
              "bound by latency and dependencies: no unit is busy more than 43.0 % (vector); on the critical path: "
              "dma1 55.0 %, matrix 30.0 %, cpu 10.0 %");
}

TEST(Verdict, WaitingForAFenceIsNotExecuting) {
    observe::Result result = an_idle_result();
    set(result, matrix, Activity::busy, 0.05);
    set(result, matrix, Activity::stall_fence, 0.95);
    EXPECT_THAT(verdict(result), StartsWith("bound by latency and dependencies"));
}

TEST(Verdict, PhasesWithDifferentBoundsAreToldApart) {
    observe::Result result = an_idle_result();
    // Half the run is forward at a full matrix unit, half is update at a full DRAM: neither is full over the whole run.
    const ip::Picoseconds half = result.time / 2;
    set(result, matrix, Activity::busy, 0.48);
    set(result, dma0, Activity::busy, 0.52);
    set_memory(result, 0, 0.46, 0.46);
    observe::OpTotals forward, update;
    forward.phase = COMMAND_PHASE_FORWARD;
    update.phase = COMMAND_PHASE_UPDATE;
    forward.time = update.time = half;
    forward.during.resize(result.units.size());
    update.during.resize(result.units.size());
    forward.during[matrix].by_activity[0] = result.time * 48 / 100;
    update.during[dma0].by_activity[0] = result.time * 49 / 100;
    forward.work.work.dram_read = result.memories[0].bytes_read / 46 * 2;
    update.work.work.dram_read = result.memories[0].bytes_read / 46 * 44;
    result.ops = {forward, update};
    EXPECT_EQ(verdict(result),
              "bound phase by phase: forward (50.0 % of the time) by compute (matrix), 96.0 % busy; update "
              "(50.0 % of the time) by DRAM bandwidth, 88.0 % busy");
}

TEST(Verdict, ARunWithoutTimeOrWorkIsNoPuzzle) {
    EXPECT_EQ(verdict(observe::Result{}), "nothing ran");
    EXPECT_EQ(verdict(an_idle_result()), "nothing ran: no unit was ever busy");
}

// A product whose operands take 1,536 cycles through the port beside 636 cycles of the array.
TEST(Verdict, AnEngineWhosePortTakesLongerThanItsLanesIsBoundByItsOperands) {
    observe::Result result = an_idle_result();
    set(result, matrix, Activity::busy, 0.6);
    set(result, matrix, Activity::stall_memory, 0.3); // a part of the stream is hidden behind the array
    result.unit_totals[matrix].work.work.compute_cycles = 36'000;
    result.unit_totals[matrix].work.work.port_cycles = 87'000;
    EXPECT_THAT(verdict(result),
                StartsWith("bound by operand bandwidth (matrix): the matrix unit executes 90.0 % of the "
                           "time, and its port alone needs 87.0 %"));
    result.unit_totals[matrix].work.work.port_cycles = 20'000;
    EXPECT_THAT(verdict(result), StartsWith("bound by compute (matrix)"));
}

TEST(Analysis, LowerBoundsAreWhatEachResourceNeeds) {
    observe::Result result = an_idle_result();
    result.unit_totals[matrix].work.work.compute_cycles = 20'000;
    result.unit_totals[matrix].work.work.port_cycles = 25'000;
    result.unit_totals[vector].work.work.compute_cycles = 30'000;
    for (const ip::UnitId channel : {dma0, dma1})
        result.unit_totals[channel].work.work.dram_read = result.unit_totals[channel].work.work.scratchpad_written =
            16 * 10'000;
    set_memory(result, 0, 0.5, 0.4);
    set(result, cpu, Activity::busy, 0.6);
    const Analysis analysis = analyse(result, a_schedule());
    // 100 MHz, a run of 1 ms: 100,000 cycles.
    std::vector<std::pair<std::string, ip::Picoseconds>> bounds;
    for (const LowerBound& bound : analysis.run.bounds)
        bounds.emplace_back(bound.resource, bound.time / 1'000'000);
    EXPECT_THAT(bounds, testing::ElementsAre(std::pair("matrix unit", 200u), std::pair("matrix port", 250u),
                                             std::pair("vector unit", 300u), std::pair("vector port", 0u),
                                             std::pair("DMA channels", 100u), std::pair("fabric", 200u),
                                             std::pair("DRAM bandwidth", 400u), std::pair("scratchpad bandwidth", 200u),
                                             std::pair("CPU issue", 600u)));
    EXPECT_NEAR(analysis.run.bounds[0].share, 0.2, 1e-9);
}

TEST(Analysis, RatesFollowFromStepsAndTraining) {
    observe::Result result = an_idle_result();
    result.tokens_per_step = 16;
    result.instructions = 30'000;
    set(result, cpu, Activity::busy, 0.5);
    for (unsigned step = 0; step < 4; ++step)
        result.steps.push_back(
            {step, step * 200'000'000ull, (step + 1) * 200'000'000ull, 4.0f - static_cast<float>(step)});
    const Analysis analysis = analyse(result, a_schedule());
    EXPECT_EQ(analysis.training_time, 800'000'000u);
    EXPECT_EQ(analysis.mean_step, 200'000'000u);
    EXPECT_NEAR(analysis.tokens_per_second, 4 * 16 / 800e-6, 1e-6);
    EXPECT_EQ(analysis.first_loss, 4.0);
    EXPECT_EQ(analysis.last_loss, 2.5) << "the mean of all four, there being fewer than 50";
    EXPECT_NEAR(analysis.run.instructions.per_second, 30e6, 1);
    EXPECT_NEAR(analysis.run.instructions.per_cycle, 0.6, 1e-9) << "50,000 busy cycles";
}

TEST(Analysis, PhasesKindsAndOpsEachAddUpToTheRun) {
    const observe::Result result = a_random_result(7, 20);
    const Analysis analysis = analyse(result, a_schedule());
    ip::Picoseconds phases = 0, kinds = 0, ops = 0;
    for (const LevelAnalysis& phase : analysis.run.phases)
        phases += phase.total.time;
    for (const Share& share : analysis.run.kinds)
        kinds += share.time;
    for (const OpAnalysis& op : analysis.run.ops)
        ops += op.totals.time;
    EXPECT_EQ(phases, result.time);
    EXPECT_EQ(kinds, result.time);
    EXPECT_EQ(ops, result.time);
    EXPECT_EQ(analysis.run.phases.front().total.name, "forward");
    EXPECT_EQ(analysis.run.phases.back().total.name, "other");
}

TEST(Analysis, AnOpThatTheScheduleDoesNotHaveIsShownByItsNumber) {
    observe::Result result = an_idle_result();
    observe::OpTotals op;
    op.op = 4711;
    op.time = 5;
    result.ops = {op};
    EXPECT_EQ(analyse(result, a_schedule()).run.ops[0].name, "op 4711");
}

} // namespace
} // namespace gradus::report::report_verdict_test
