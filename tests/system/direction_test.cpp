// SPDX-License-Identifier: Apache-2.0
// A change of the chip moves the estimate the way theory says. Each test states the theory first.
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"

namespace gradus::test::direction_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

using Changes = std::vector<std::string>;

json result_of(const Changes& changes) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"run",   "scenarios/runs/names.toml", "--json", "--trace", "off",
                                       "--out", folder.path("out")};
    for (const std::string& change : Changes{"run.steps=1", "run.generate=0", "run.data=none"})
        arguments.insert(arguments.end(), {"--set", change});
    for (const std::string& change : changes)
        arguments.insert(arguments.end(), {"--set", change});
    const ProgramRun run = run_program(arguments);
    if (run.exit_code != 0) throw std::runtime_error(run.err + run.out);
    return json::parse(run.out);
}

Changes operator+(Changes changes, const Changes& more) {
    changes.insert(changes.end(), more.begin(), more.end());
    return changes;
}

/// Large enough to fill arrays of up to 16 x 16, and to be split in a small scratchpad.
const Changes wide_model{"model.width=64", "model.mlp_width=256", "model.context=32", "run.text=synthetic",
                         "model.vocabulary=64"};
/// A hart that is never what the others wait for.
const Changes fast_hart{"chip.cpu.multiply=1", "chip.cpu.divide=1",  "chip.cpu.load=1",    "chip.cpu.branch_taken=1",
                        "chip.cpu.csr=1",      "chip.bus.latency=0", "chip.clock_mhz=2000"};

std::uint64_t time_of(const json& result) { return result.at("totals").at("time_ps"); }

const json& named(const json& list, const std::string& name) {
    for (const json& entry : list)
        if (entry.at("name") == name) return entry;
    throw std::out_of_range(name);
}

/// Of all units of a kind: "dma", "matrix", "vector", "cpu".
std::uint64_t sum_of(const json& result, const std::string& kind, const std::string& field) {
    std::uint64_t sum = 0;
    for (const json& unit : result.at("units"))
        if (unit.at("kind") == kind) sum += unit.at(field).get<std::uint64_t>();
    return sum;
}

std::uint64_t busy_of(const json& result, const std::string& kind) { return sum_of(result, kind, "busy_ps"); }

std::uint64_t dram_bytes(const json& result) {
    const json& dram = named(result.at("memories"), "dram");
    return dram.at("bytes_read").get<std::uint64_t>() + dram.at("bytes_written").get<std::uint64_t>();
}

TEST(Direction, ALargerArrayIsBusyForLess) {
    // A product of m x n x k takes ceil(m / rows) ceil(n / cols) (k + rows + cols - 2) cycles: with k of 16 and more,
    // doubling either side halves the folds and lengthens each by less than a half. The work is the same.
    const json four = result_of(wide_model);
    const json more_rows = result_of(wide_model + Changes{"chip.engine.matrix.rows=8"});
    const json more_cols = result_of(wide_model + Changes{"chip.engine.matrix.cols=8"});
    const json sixteen = result_of(wide_model + Changes{"chip.engine.matrix.rows=16", "chip.engine.matrix.cols=16",
                                                        "chip.engine.matrix.port_bytes=128"});
    EXPECT_LT(busy_of(more_rows, "matrix"), busy_of(four, "matrix"));
    EXPECT_LT(busy_of(more_cols, "matrix"), busy_of(four, "matrix"));
    EXPECT_LT(busy_of(sixteen, "matrix"), busy_of(more_rows, "matrix"));
    EXPECT_EQ(sixteen.at("totals").at("macs"), four.at("totals").at("macs"));
}

TEST(Direction, MoreLanesAreBusyForLess) {
    // A row of c elements takes ceil(c / lanes) times the operation's interval.
    const json four = result_of(wide_model);
    const json eight = result_of(wide_model + Changes{"chip.engine.vector.lanes=8"});
    const json one = result_of(wide_model + Changes{"chip.engine.vector.lanes=1"});
    EXPECT_LT(busy_of(eight, "vector"), busy_of(four, "vector"));
    EXPECT_LT(busy_of(four, "vector"), busy_of(one, "vector"));
    EXPECT_EQ(sum_of(eight, "vector", "elements"), sum_of(one, "vector", "elements"));
}

TEST(Direction, EveryMatrixCommandPaysTheStartup) {
    // Startup is per command and overlaps with nothing, so ten cycles (of 10 ns) more are exactly that many for each.
    const json fourteen = result_of({"chip.engine.matrix.startup_cycles=14"});
    const json four = result_of({"chip.engine.matrix.startup_cycles=4"});
    const std::uint64_t commands = sum_of(four, "matrix", "commands");
    EXPECT_EQ(sum_of(fourteen, "matrix", "commands"), commands);
    EXPECT_EQ(busy_of(fourteen, "matrix") - busy_of(four, "matrix"), commands * 10 * 10'000);
}

TEST(Direction, ALargerScratchpadNeedsNoMoreDramTraffic) {
    // Operands that fit are read once; where tiles are split, an operand is read once for each block of the other one.
    // With room for everything the firmware may still cut a product in two, for its loads to overlap, at a tenth more.
    const json tiny = result_of(wide_model + Changes{"chip.scratchpad.bytes=0x2000"});
    const json small = result_of(wide_model + Changes{"chip.scratchpad.bytes=0x4000"});
    const json medium = result_of(wide_model + Changes{"chip.scratchpad.bytes=0x10000"});
    const json large = result_of(wide_model + Changes{"chip.scratchpad.bytes=0x400000"});
    EXPECT_LT(dram_bytes(small), dram_bytes(tiny)) << "in 8 KiB almost every matrix is split";
    EXPECT_LT(dram_bytes(medium), dram_bytes(small));
    EXPECT_LE(dram_bytes(large) * 10, dram_bytes(medium) * 11);
}

TEST(Direction, TwiceTheClockIsLessThanTwiceAsFastBesideTheSameDram) {
    // The DRAM's time is in nanoseconds and stays; what runs on the clock halves.
    const Changes slow_dram = wide_model + Changes{"chip.dram.timing.period=40000"};
    const double ratio = static_cast<double>(time_of(result_of(slow_dram))) /
                         static_cast<double>(time_of(result_of(slow_dram + Changes{"chip.clock_mhz=200"})));
    EXPECT_GT(ratio, 1.02);
    EXPECT_LT(ratio, 1.9);
}

TEST(Direction, TwiceAsFastInEverythingIsTwiceAsFast) {
    // Every time is a number of cycles of one clock or the other.
    const double ratio = static_cast<double>(time_of(result_of(wide_model))) /
                         static_cast<double>(time_of(
                             result_of(wide_model + Changes{"chip.clock_mhz=200", "chip.dram.timing.period=1250"})));
    EXPECT_NEAR(ratio, 2, 1e-4);
}

TEST(Direction, AFasterDramShortensTransfersAndNeverTheOpposite) {
    // DMA commands end with the last of their DRAM transactions.
    const Changes dram_bound = wide_model + fast_hart + Changes{"chip.fabric.port_bytes=256"};
    const json slow = result_of(dram_bound + Changes{"chip.dram.timing.period=20000"});
    const json fast = result_of(dram_bound + Changes{"chip.dram.timing.period=5000"});
    const json wide =
        result_of(dram_bound + Changes{"chip.dram.timing.period=20000", "chip.dram.organisation.burst_bytes=64",
                                       "chip.dram.organisation.row_bytes=8192"});
    EXPECT_LT(time_of(fast), time_of(slow)) << slow.at("bound");
    EXPECT_LT(busy_of(fast, "dma"), busy_of(slow, "dma"));
    EXPECT_LT(time_of(wide), time_of(slow)) << "four times the width moves four times the bytes in a burst";
    EXPECT_GT(time_of(wide), time_of(fast)) << "four times the rate shortens everything else, too";
    EXPECT_EQ(dram_bytes(fast), dram_bytes(slow));
}

TEST(Direction, ALongerDramLatencyLengthensTheRun) {
    const json near = result_of({"chip.dram.front_end=0"});
    const json far = result_of({"chip.dram.front_end=400"});
    EXPECT_GT(time_of(far), time_of(near));
    EXPECT_GT(busy_of(far, "dma"), busy_of(near, "dma"));
}

// Whoever waits for a write waits less; nothing else changes, so the numbers are those of late answers.
TEST(Direction, EarlyAnswersToWritesShortenTheRunAndChangeNoNumber) {
    // The second step: the first one waits for the hart alone.
    const Changes far{"chip.dram.front_end=400", "run.data=full", "run.steps=2"};
    const json late = result_of(far), early = result_of(far + Changes{"chip.dram.early_write_answer=true"});
    EXPECT_LT(time_of(early), time_of(late));
    EXPECT_EQ(early.at("steps")[0].at("loss"), late.at("steps")[0].at("loss"));
    EXPECT_EQ(dram_bytes(early), dram_bytes(late));
}

TEST(Direction, ASlowerHartLengthensARunBoundByIssue) {
    // When the hart is busy nearly all the time, the run is as long as its instructions take: at twice the cycles for
    // every class it is twice as long, less the bus.
    const json base = result_of({"chip.cpu.alu=1", "chip.cpu.multiply=3", "chip.cpu.divide=20", "chip.cpu.load=2",
                                 "chip.cpu.store=1", "chip.cpu.branch=1", "chip.cpu.branch_taken=2", "chip.cpu.csr=2"});
    const json slower =
        result_of({"chip.cpu.alu=2", "chip.cpu.multiply=6", "chip.cpu.divide=40", "chip.cpu.load=4", "chip.cpu.store=2",
                   "chip.cpu.branch=2", "chip.cpu.branch_taken=4", "chip.cpu.csr=4"});
    EXPECT_THAT(base.at("bound").get<std::string>(), HasSubstr("CPU issue"));
    const double ratio = static_cast<double>(time_of(slower)) / static_cast<double>(time_of(base));
    EXPECT_GT(ratio, 1.9);
    EXPECT_LE(ratio, 2.0);
}

TEST(Direction, MoreTransactionsInFlightHideDramLatency) {
    // A channel with one transaction in flight waits a latency for each burst; eight share one.
    const Changes far = wide_model + fast_hart + Changes{"chip.dram.front_end=200"};
    const json one = result_of(far + Changes{"chip.dma.outstanding=1"});
    const json eight = result_of(far + Changes{"chip.dma.outstanding=8"});
    EXPECT_LT(busy_of(eight, "dma"), busy_of(one, "dma") / 2);
    EXPECT_LT(time_of(eight), time_of(one));
    EXPECT_EQ(dram_bytes(eight), dram_bytes(one));
}

TEST(Direction, MoreDmaChannelsHideLatencyThatOneCannot) {
    // With one transaction a channel in flight, latency is hidden by other channels alone: loads of a tile's two
    // operands, and stores beside loads.
    const Changes far = wide_model + fast_hart + Changes{"chip.dram.front_end=200", "chip.dma.outstanding=1"};
    const json one = result_of(far + Changes{"chip.dma.channels=1"});
    const json two = result_of(far + Changes{"chip.dma.channels=2"});
    const json four = result_of(far + Changes{"chip.dma.channels=4"});
    EXPECT_LT(time_of(two), time_of(one)) << one.at("bound");
    EXPECT_LT(time_of(four), time_of(two)) << two.at("bound");
    EXPECT_EQ(sum_of(four, "dma", "dram_bytes_read"), sum_of(one, "dma", "dram_bytes_read"));
}

TEST(Direction, LongerBurstsAreFewerTransactionsForTheSameBytes) {
    const json long_bursts = result_of(wide_model + Changes{"chip.dma.burst_bytes=1024"});
    const json short_bursts = result_of(wide_model + Changes{"chip.dma.burst_bytes=64"});
    const auto transactions = [](const json& result) {
        const json& dram = named(result.at("memories"), "dram");
        return dram.at("reads").get<std::uint64_t>() + dram.at("writes").get<std::uint64_t>();
    };
    EXPECT_LT(transactions(long_bursts), transactions(short_bursts) / 2);
    EXPECT_EQ(dram_bytes(long_bursts), dram_bytes(short_bursts));
}

TEST(Direction, PrefetchHidesTheFetchOfDescriptors) {
    const Changes busy_queues = wide_model + fast_hart;
    const auto waited = [](const json& result) {
        std::uint64_t sum = 0;
        for (const json& unit : result.at("units"))
            sum += unit.at("stalled_ps").at("fetch").get<std::uint64_t>();
        return sum;
    };
    const json without = result_of(busy_queues + Changes{"chip.queue.prefetch=0"});
    const json with = result_of(busy_queues + Changes{"chip.queue.prefetch=4"});
    EXPECT_LT(waited(with), waited(without));
    EXPECT_LE(time_of(with), time_of(without));
}

TEST(Direction, OperandsInBf16HalveWhatTheMatrixUnitReads) {
    // Operands have two bytes instead of four; results stay fp32. The tiles are larger, so nothing is read more often.
    const json fp32 = result_of(wide_model);
    const json bf16 = result_of(wide_model + Changes{"model.format=bf16"});
    const auto reads = [](const json& result) { return sum_of(result, "matrix", "scratchpad_bytes_read"); };
    EXPECT_LE(reads(bf16) * 100, reads(fp32) * 55);
    EXPECT_EQ(bf16.at("totals").at("macs"), fp32.at("totals").at("macs"));
}

TEST(Direction, ADoubleBatchIsTwiceTheMultiplicationsOfALinearLayer) {
    const json one = result_of({"run.batch=1"});
    const json two = result_of({"run.batch=2"});
    EXPECT_EQ(two.at("totals").at("macs").get<std::uint64_t>(), 2 * one.at("totals").at("macs").get<std::uint64_t>())
        << "every product has the batch among its dimensions";
    EXPECT_GT(time_of(two), time_of(one));
}

TEST(Direction, MoreScratchpadBanksStallTheUnitsLess) {
    const auto stalled = [](const json& result) {
        std::uint64_t sum = 0;
        for (const char* unit : {"matrix", "vector"})
            sum += named(result.at("units"), unit).at("stalled_ps").at("memory").get<std::uint64_t>();
        return sum;
    };
    const json two = result_of(wide_model + Changes{"chip.scratchpad.banks=2"});
    const json sixteen = result_of(wide_model + Changes{"chip.scratchpad.banks=16"});
    EXPECT_LT(stalled(sixteen), stalled(two));
}

TEST(Direction, FromOneCellToALargeArrayTheLossesAreTheSame) {
    // The array's shape decides how products are cut into tiles and folds, not what they are: rounding aside.
    const auto losses = [](const Changes& changes) {
        std::vector<double> values;
        const json result = result_of(changes + Changes{"run.data=full", "run.steps=3"});
        for (const json& step : result.at("steps"))
            values.push_back(step.at("loss"));
        return values;
    };
    const auto one = losses({"chip.engine.matrix.rows=1", "chip.engine.matrix.cols=1"});
    const auto large = losses({"chip.engine.matrix.rows=256", "chip.engine.matrix.cols=256"});
    EXPECT_THAT(one, ::testing::Pointwise(::testing::DoubleNear(1e-5), large));
    EXPECT_EQ(one.size(), 3u);
}

} // namespace
} // namespace gradus::test::direction_test
