// SPDX-License-Identifier: Apache-2.0
// Windows, boundaries, rows, the channel's own port, and commands that follow each other: to the cycle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "tests/support/dma_bench.h"

namespace gradus::ip::dma_timing_test {
namespace {

using test::dma_control_base;
using test::DmaBench;
using ::testing::ElementsAre;

// Setup of 8 cycles, a transaction a cycle, bursts of 256 bytes; the memories answer after ten cycles.
DmaParameters parameters(unsigned outstanding = 8) { return {1, outstanding, 256, 8, 1}; }

dma_body copy(std::uint64_t src, std::uint64_t dst, std::uint32_t rows, std::uint32_t cols, std::uint32_t gap = 0) {
    dma_body body{};
    body.src = src;
    body.dst = dst;
    body.rows = rows;
    body.cols = cols;
    body.src_pitch = cols * 4 + gap;
    body.dst_pitch = cols * 4;
    return body;
}

dma_body fill(std::uint64_t dst, std::uint32_t cols) { return copy(0, dst, 1, cols); }

/// In cycles since the channel began to work.
std::vector<Cycles> arrivals(const DmaBench& bench) {
    Picoseconds begin = 0;
    for (const auto& [unit, span] : bench.observer.spans)
        if (span.activity == Activity::busy) {
            begin = span.begin;
            break;
        }
    std::vector<Cycles> cycles;
    for (const auto& access : bench.main.seen())
        cycles.push_back((access.arrival - begin) / 1000);
    return cycles;
}

std::vector<Bytes> lengths(const DmaBench& bench, bool writes) {
    std::vector<Bytes> bytes;
    for (const auto& access : bench.main.seen())
        if (access.write == writes) bytes.push_back(access.bytes);
    return bytes;
}

class DmaWindow : public ::testing::TestWithParam<unsigned> {};

TEST_P(DmaWindow, MovesItsBytesOncePerRoundTrip) {
    // Every slot of the window carries one burst in 10 + 10 cycles, and they begin a cycle apart. 16 bursts: setup, the
    // slots before the last, and 16 / window round trips. In the long run that is window * 256 bytes in 20 cycles.
    const unsigned window = GetParam();
    DmaBench bench(parameters(window));
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 16 * 64));
    EXPECT_EQ(bench.run(), (8 + (window - 1) + 16 / window * 20) * 1000u);
}

INSTANTIATE_TEST_SUITE_P(Of, DmaWindow, ::testing::Values(1, 2, 4, 8));

TEST(DmaTiming, WithALargeWindowTheIssuePortIsTheLimit) {
    // 64 bursts are 128 transactions, one a cycle. The 32 slots of the window read in cycles 8 to 39; the first write
    // is ready in cycle 18 and queues behind them. From then on there is always one to issue; the last is complete ten
    // cycles after its issue in cycle 8 + 127.
    DmaBench bench(parameters(32));
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 64 * 64));
    EXPECT_EQ(bench.run(), (8 + 127 + 10) * 1000u);
}

TEST(DmaTiming, BurstsEndAtBoundariesOfEitherSide) {
    DmaParameters aligned = parameters();
    aligned.align_bytes = 256;
    DmaBench bench(aligned);
    // 512 bytes from 0x40: the source has boundaries after 192 and 448 bytes, the destination after 256 and 512.
    bench.ring.push(DMA_COPY, copy(0x40, 0x80000, 1, 128));
    // Four bursts a cycle apart, each 10 + 10 cycles.
    EXPECT_EQ(bench.run(), (8 + 3 + 20) * 1000u);
    EXPECT_THAT(lengths(bench, false), ElementsAre(192, 64, 192, 64));
    EXPECT_THAT(lengths(bench, true), ElementsAre(192, 64, 192, 64));
}

TEST(DmaTiming, WithoutABoundaryTheSameBytesAreTwoBursts) {
    DmaBench bench(parameters());
    bench.ring.push(DMA_COPY, copy(0x40, 0x80000, 1, 128));
    EXPECT_EQ(bench.run(), (8 + 1 + 20) * 1000u);
    EXPECT_THAT(lengths(bench, false), ElementsAre(256, 256));
}

TEST(DmaTiming, EveryRowButTheFirstPaysForItsAddress) {
    DmaParameters slow_rows = parameters();
    slow_rows.row_cycles = 5;
    DmaBench bench(slow_rows);
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 3, 16, 64));
    // The first row is read in cycle 8; the others go out 5 + 1 cycles after the one before: 14 and 20. The first row's
    // write is ready in cycle 18, but the reads asked before; the others go out as soon as they are ready.
    EXPECT_EQ(bench.run(), (20 + 20) * 1000u);
    EXPECT_THAT(arrivals(bench), ElementsAre(8, 14, 20, 21, 24, 30));
}

TEST(DmaTiming, RowsWithoutAGapAreOneRow) {
    DmaParameters slow_rows = parameters();
    slow_rows.row_cycles = 5;
    DmaBench bench(slow_rows);
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 3, 64)); // three bursts
    EXPECT_EQ(bench.run(), (8 + 2 + 20) * 1000u);
}

TEST(DmaTiming, ANarrowPortPassesReadsAndWritesSideBySide) {
    DmaParameters narrow = parameters();
    narrow.port_bytes = 16;
    DmaBench bench(narrow);
    // Four bursts of 16 beats. The reads go out in cycles 8 to 11, answers come from 18 on, but the beats of the last
    // have passed only 64 cycles after 8. Its write's beats take 16 more; those of the other writes have long passed.
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 256));
    EXPECT_EQ(bench.run(), (8 + 4 * 16 + 16) * 1000u);
}

TEST(DmaTiming, TheTransposingBufferTakesItsElementsOneByOne) {
    DmaParameters one_by_one = parameters();
    one_by_one.transpose_elements = 1;
    DmaBench bench(one_by_one);
    dma_body body = copy(0, 0x80000, 4, 16);
    body.mode = DMA_TRANSPOSE;
    body.dst_pitch = 16;
    bench.ring.push(DMA_COPY, body);
    // 4 x 16 elements in, one a cycle from cycle 8 on, which takes longer than the reads; then as many out.
    EXPECT_EQ(bench.run(), (8 + 64 + 64) * 1000u);
}

TEST(DmaTiming, ACopyDoesNotGoThroughTheTransposingBuffer) {
    DmaParameters one_by_one = parameters();
    one_by_one.transpose_elements = 1;
    DmaBench bench(one_by_one);
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 64));
    EXPECT_EQ(bench.run(), 28'000u);
}

/// The end of each command, in cycles since the first began.
std::vector<Cycles> ends(const DmaBench& bench) {
    std::vector<Cycles> cycles;
    Picoseconds begin = 0;
    for (const auto& [unit, span] : bench.observer.spans) {
        if (span.activity != Activity::busy) continue;
        if (cycles.empty()) begin = span.begin;
        cycles.push_back((span.end - begin) / 1000);
    }
    return cycles;
}

DmaParameters chaining(unsigned outstanding = 8) {
    DmaParameters parameters{1, outstanding, 256, 8, 1};
    parameters.chaining = true;
    return parameters;
}

TEST(DmaTiming, WithoutChainingACommandBeginsWhenTheOneBeforeHasRetired) {
    DmaBench bench(parameters());
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 64));
    bench.ring.push(DMA_COPY, copy(0x100, 0x80100, 1, 64));
    bench.run();
    EXPECT_THAT(ends(bench), ElementsAre(28, 56));
}

TEST(DmaTiming, AChainedCommandSetsUpWhileTheLastTransfersOfTheOneBeforeAreInFlight) {
    DmaBench bench(chaining());
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 9, 64, 64)); // nine bursts in a window of eight
    bench.ring.push(DMA_COPY, copy(0x4000, 0x90000, 1, 64));
    bench.run();
    // The first eight bursts begin in cycles 8 to 15 and end from 28 to 35; the ninth begins in cycle 28 and ends
    // at 48. With it the second command begins its setup; it reads in cycle 36 and is done at 56 instead of 48 + 28.
    EXPECT_THAT(ends(bench), ElementsAre(48, 56)) << "the fences move in order, each when its own transfers are done";
}

TEST(DmaTiming, AStreamOfChainedCommandsNeverDrains) {
    // 16 bursts each, four at a time: 16 / 4 round trips of 20 cycles. The window stays full from one command to the
    // next, so that the setup is paid once and each slot goes on where it was.
    DmaBench bench(chaining(4));
    for (unsigned i = 0; i < 3; ++i)
        bench.ring.push(DMA_COPY, copy(0x4000 * i, 0x80000 + 0x4000 * i, 1, 16 * 64));
    bench.run();
    // The last burst of a command is given out 20 cycles before its end, which is more than the setup of the next.
    EXPECT_THAT(ends(bench), ElementsAre(8 + 80 + 3, 8 + 160 + 3, 8 + 240 + 3));
}

TEST(DmaTiming, ACommandThatReadsWhatTheOneBeforeWritesIsNotChained) {
    DmaBench bench(chaining());
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 64));
    bench.ring.push(DMA_COPY, copy(0x80000 + 252, 0x90000, 1, 1)); // the last four bytes of it
    bench.run();
    EXPECT_THAT(ends(bench), ElementsAre(28, 56));
}

TEST(DmaTiming, ACommandThatWritesWhatTheOneBeforeReadsIsNotChained) {
    DmaBench bench(chaining());
    bench.ring.push(DMA_COPY, copy(0x1000, 0x80000, 1, 64));
    bench.ring.push(DMA_COPY, copy(0x2000, 0x1000, 1, 1));
    bench.run();
    EXPECT_THAT(ends(bench), ElementsAre(28, 56));
}

TEST(DmaTiming, ACommandThatWaitsForItsOwnChannelIsNotChained) {
    DmaBench bench(chaining());
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 64));
    command second{};
    second.header.opcode = DMA_COPY;
    second.header.waits[0] = {1, 1}; // this queue has retired one
    const dma_body body = copy(0x100, 0x80100, 1, 64);
    std::memcpy(second.body, &body, sizeof body);
    bench.ring.push(second);
    bench.run();
    EXPECT_THAT(ends(bench), ElementsAre(28, 56));
}

TEST(DmaTiming, AChainedCommandThatIsDoneFirstRetiresSecond) {
    DmaBench bench(chaining());
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 9, 64, 64)); // nine bursts in a window of eight
    bench.ring.push(DMA_FILL, fill(0x90000, 1));
    bench.run();
    // The ninth burst begins in cycle 28 and ends at 48. The fill is set up at 36 and takes ten cycles: done at 46.
    EXPECT_THAT(ends(bench), ElementsAre(48)) << "no time is left for the second command";
    ASSERT_EQ(bench.observer.commands.size(), 2u);
    EXPECT_EQ(bench.observer.commands[0].opcode, DMA_COPY);
    EXPECT_EQ(bench.observer.commands[1].opcode, DMA_FILL);
    EXPECT_EQ(bench.channel.queue.state().busy, 48'000u);
}

TEST(DmaTiming, AChainedCommandThatFailsLetsTheOneBeforeRetire) {
    DmaBench bench(chaining());
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 64));
    bench.ring.push(DMA_COPY, copy(0x4000'0000, 0x80100, 1, 64)); // nobody answers there
    bench.run();
    const QueueState state = bench.channel.queue.state();
    EXPECT_EQ(state.status, QUEUE_STATUS_HALTED);
    EXPECT_EQ(state.error, QUEUE_ERROR_ADDRESS);
    EXPECT_EQ(state.error_index, 1u);
    EXPECT_EQ(state.retired, 1u);
}

TEST(DmaTiming, ACommandThatFailsStopsTheChainedOneBehindIt) {
    DmaBench bench(chaining(2));
    bench.main.refuse({0x80000, 256}); // the first command's writes fail
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 64));
    bench.ring.push(DMA_COPY, copy(0x10000, 0x90000, 1, 64 * 64));
    bench.run();
    const QueueState state = bench.channel.queue.state();
    EXPECT_EQ(state.status, QUEUE_STATUS_HALTED);
    EXPECT_EQ(state.error_index, 0u);
    EXPECT_EQ(state.retired, 0u);
    EXPECT_LE(bench.main.seen().size(), 6u) << "what was under way ends, nothing more is issued";
}

} // namespace
} // namespace gradus::ip::dma_timing_test
