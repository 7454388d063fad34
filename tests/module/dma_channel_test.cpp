// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

#include "tests/support/dma_bench.h"

namespace gradus::ip::dma_channel_test {
namespace {

using test::dma_control_base;
using test::DmaBench;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Setup of 8 cycles, a transaction a cycle, bursts of 256 bytes; the memories answer after ten cycles.
DmaParameters parameters(unsigned outstanding) { return {1, outstanding, 256, 8, 1}; }

dma_body copy(std::uint64_t src, std::uint64_t dst, std::uint32_t rows, std::uint32_t cols) {
    dma_body body{};
    body.src = src;
    body.dst = dst;
    body.rows = rows;
    body.cols = cols;
    body.src_pitch = cols * 4;
    body.dst_pitch = cols * 4;
    return body;
}

std::vector<Picoseconds> arrivals(const test::StubMemory& memory) {
    std::vector<Picoseconds> times;
    for (const auto& access : memory.seen())
        times.push_back(access.arrival);
    return times;
}

TEST(DmaChannel, AShortCopyTakesItsSetupAReadAndAWrite) {
    DmaBench bench(parameters(8));
    bench.ring.push(DMA_COPY, copy(0x100, 0x80000, 1, 16));
    // Eight cycles of setup, ten for the read, ten for the write.
    EXPECT_EQ(bench.run(), 28'000u);
    ASSERT_EQ(bench.observer.commands.size(), 1u);
    EXPECT_EQ(bench.observer.commands[0].work.dram_read, 64u);
    EXPECT_EQ(bench.observer.commands[0].work.scratchpad_written, 64u);
    EXPECT_EQ(bench.observer.commands[0].work.dram_written, 0u);
    EXPECT_EQ(bench.observer.commands[0].work.scratchpad_read, 0u);
}

TEST(DmaChannel, WithOneTransactionOutstandingTransfersFollowEachOther) {
    DmaBench bench(parameters(1));
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 256)); // 1024 bytes, four bursts
    EXPECT_EQ(bench.run(), (8 + 4 * 20) * 1000u);
}

TEST(DmaChannel, AWindowOfFourOverlapsFourTransfers) {
    DmaBench bench(parameters(4));
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 256)); // 1024 bytes, four bursts
    // Four reads in cycles 8, 9, 10, 11 after the begin; each write follows its read by ten cycles; the last is issued
    // at 21 and complete at 31.
    EXPECT_EQ(bench.run(), 31'000u);
    const Picoseconds begin = bench.observer.spans.back().second.begin;
    std::vector<Picoseconds> since;
    for (const Picoseconds arrival : arrivals(bench.main))
        since.push_back(arrival - begin);
    EXPECT_THAT(since, ElementsAre(8000, 9000, 10'000, 11'000, 18'000, 19'000, 20'000, 21'000));
}

TEST(DmaChannel, AFifthTransferWaitsForAPlaceInTheWindow) {
    DmaBench bench(parameters(4));
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 320)); // five bursts
    // The first slot is free again after 8 + 20 cycles; its second transfer takes 20 more.
    EXPECT_EQ(bench.run(), 48'000u);
}

TEST(DmaChannel, TransactionsLeaveAtTheIssueRate) {
    DmaParameters slow = parameters(4);
    slow.issue_cycles = 6;
    DmaBench bench(slow);
    bench.ring.push(DMA_COPY, copy(0, 0x80000, 1, 256));
    bench.run();
    const Picoseconds begin = bench.observer.spans.back().second.begin;
    std::vector<Picoseconds> since;
    for (const Picoseconds arrival : arrivals(bench.main))
        since.push_back(arrival - begin);
    // Reads at 8, 14, 20, 26. Writes are ready at 18, 24, 30 and 36, but the port issues in the order of asking: the
    // reads asked first, so the writes go at 32, 38, 44 and 50.
    EXPECT_THAT(since, ElementsAre(8000, 14'000, 20'000, 26'000, 32'000, 38'000, 44'000, 50'000));
}

TEST(DmaChannel, AccumulationReadsBothAndGoesOneAtATime) {
    DmaBench bench(parameters(8));
    dma_body body = copy(0, 0x80000, 2, 64);
    body.mode = DMA_ACCUMULATE;
    bench.ring.push(DMA_COPY, body);
    // Two bursts, each of a read, another read and a write.
    EXPECT_EQ(bench.run(), (8 + 2 * 30) * 1000u);
}

TEST(DmaChannel, GatherPaysForItsIndicesFirst) {
    DmaBench bench(parameters(8));
    dma_body body = copy(0, 0x80000, 3, 16);
    body.index = dma_control_base;
    body.index_rows = 10;
    bench.ring.push(DMA_GATHER, body);
    // Setup, ten cycles for the indices, then three rows side by side: issued at 18, 19, 20; written at 30, done at 40.
    EXPECT_EQ(bench.run(), 40'000u);
}

TEST(DmaChannel, ATranspositionReadsItsBlockAndThenWritesIt) {
    DmaBench bench(parameters(8));
    dma_body body = copy(0, 0x80000, 4, 2);
    body.mode = DMA_TRANSPOSE;
    body.dst_pitch = 16;
    bench.ring.push(DMA_COPY, body);
    // Four reads at 8, 9, 10, 11, the last back at 21; then two writes at 21 and 22, the last done at 32.
    EXPECT_EQ(bench.run(), 32'000u);
}

TEST(DmaChannel, ASlowMemoryBoundsACopyByItsPort) {
    // Two fabric ports of 16 bytes a cycle: 16 cycles a burst. With eight transactions in flight the ports are the
    // limit: 64 bursts take 64 x 16 cycles at each port, and reads and writes overlap.
    FenceBoard fences{1};
    test::RecordingObserver observer;
    test::StubMemory source("source", 1 << 20, 10'000), destination("destination", 1 << 20, 10'000);
    DataFabric fabric("fabric", {16, 3}, test::dma_clock);
    DmaChannel channel("dma", 0, parameters(8), {2, 0}, test::dma_clock, fences, observer, {}, true);
    sc_core::sc_signal<bool> interrupt;
    channel.queue.interrupt.bind(interrupt);
    channel.queue.fetch.bind(fabric.in);
    channel.data.bind(fabric.in);
    fabric.out.bind(source.socket);
    fabric.map({0, 1 << 20});
    fabric.out.bind(destination.socket);
    fabric.map({1 << 20, 1 << 20});
    test::CommandRing ring(source.data(), 0, 8);
    ring.push(DMA_COPY, copy(0x10000, 0x100000, 64, 64)); // 16 KiB
    test::Initiator cpu("cpu", [&](test::Initiator& self) {
        ring.set_up(self);
        ring.ring_doorbell(self);
    });
    cpu.socket.bind(channel.queue.registers);
    sc_core::sc_start();
    // 8 of setup, 64 x 16 at the source's port, 3 of latency for the last read, which is back with its last beat; then
    // the last write: 3 + 16.
    EXPECT_EQ(channel.queue.state().busy, (8 + 64 * 16 + 3 + 3 + 16) * 1000u);
    EXPECT_EQ(fabric.counters(1).busy, 64 * 16 * 1000u);
}

// What the performance monitor shows: PERFMON_QUEUE_WORK.
TEST(DmaChannel, TheQueueCountsEachByteOfACopyOnceWhereverItGoes) {
    DmaBench bench(parameters(4));
    const std::uint64_t dram = 0x100, scratchpad = 0x80000, sram = dma_control_base;
    Bytes expected = 0;
    const auto push = [&](std::uint8_t opcode, const dma_body& body, Bytes bytes) {
        bench.ring.push(opcode, body);
        expected += bytes;
    };
    for (const auto& [src, dst] : {std::pair{dram, scratchpad},
                                   {scratchpad, dram},
                                   {dram, dram + 0x1000},
                                   {dram, sram},
                                   {sram, scratchpad},
                                   {sram, sram + 0x1000}})
        push(DMA_COPY, copy(src, dst, 2, 16), 128);
    push(DMA_FILL, copy(0, scratchpad, 3, 16), 192);
    dma_body narrower = copy(dram, scratchpad, 1, 16);
    narrower.dst_format = FORMAT_BF16;
    push(DMA_COPY, narrower, 64); // of which half arrives
    dma_body wider = copy(scratchpad, dram, 1, 16);
    wider.src_format = FORMAT_BF16;
    push(DMA_COPY, wider, 64);
    dma_body gather = copy(dram, scratchpad, 3, 16);
    gather.index = sram + 0x2000;
    gather.index_rows = 10;
    push(DMA_GATHER, gather, 3 * 64 + 3 * 4); // and the indices
    dma_body sum = copy(dram, scratchpad, 1, 16);
    sum.mode = DMA_ACCUMULATE;
    push(DMA_COPY, sum, 2 * 64); // reads both
    bench.run();
    EXPECT_EQ(bench.channel.queue.state().work, expected);
    Bytes of_commands = 0;
    for (const auto& command : bench.observer.commands)
        of_commands += command.work.amount();
    EXPECT_EQ(of_commands, expected);
}

TEST(DmaChannel, WithoutTensorDataWhatGoesToTheControlMemoryIsStillReal) {
    DmaBench bench(parameters(4), false);
    const std::uint32_t value = 0x1234'5678;
    std::memcpy(bench.main.data() + 0x40, &value, 4);
    bench.ring.push(DMA_COPY, copy(0x40, dma_control_base + 0x10, 1, 1)); // main to control: real
    bench.ring.push(DMA_COPY, copy(0x40, 0x80, 1, 1));                    // main to main: timing only
    bench.run();
    EXPECT_EQ(std::memcmp(bench.control.data() + 0x10, &value, 4), 0);
    EXPECT_EQ(bench.main.data()[0x80], 0);
    EXPECT_EQ(bench.channel.queue.state().retired, 2u);
}

struct Halt {
    std::uint32_t error, field;
};

Halt run_to_halt(DmaBench& bench) {
    bench.run();
    const QueueState state = bench.channel.queue.state();
    EXPECT_EQ(state.status, QUEUE_STATUS_HALTED);
    return {state.error, state.error_field};
}

TEST(DmaChannel, ACommandWithAnIllegalFieldHaltsBeforeAnyTransaction) {
    DmaBench bench(parameters(4));
    dma_body body = copy(0, 0x80000, 1, 16);
    body.mode = 0x10;
    bench.ring.push(DMA_COPY, body);
    const Halt halt = run_to_halt(bench);
    EXPECT_EQ(halt.error, QUEUE_ERROR_VALUE);
    EXPECT_EQ(halt.field, 48u + 50);
    EXPECT_THAT(bench.main.seen(), IsEmpty());
}

TEST(DmaChannel, AReadThatNobodyAnswersBlamesTheSource) {
    DmaBench bench(parameters(4));
    bench.ring.push(DMA_COPY, copy(0x4000'0000, 0x80000, 1, 16));
    const Halt halt = run_to_halt(bench);
    EXPECT_EQ(halt.error, QUEUE_ERROR_ADDRESS);
    EXPECT_EQ(halt.field, 48u);
}

TEST(DmaChannel, AWriteThatNobodyAnswersBlamesTheDestination) {
    DmaBench bench(parameters(4));
    bench.ring.push(DMA_FILL, copy(0, 0x4000'0000, 1, 16));
    const Halt halt = run_to_halt(bench);
    EXPECT_EQ(halt.error, QUEUE_ERROR_ADDRESS);
    EXPECT_EQ(halt.field, 48u + 8);
}

TEST(DmaChannel, AnIndexOutOfRangeOrOutOfReachBlamesTheIndex) {
    DmaBench bench(parameters(4));
    dma_body body = copy(0, 0x80000, 4, 16);
    body.index = dma_control_base;
    body.index_rows = 7;
    const std::uint32_t indices[] = {0, 6, 7, 1};
    std::memcpy(bench.control.data(), indices, sizeof indices);
    bench.ring.push(DMA_GATHER, body);
    const Halt halt = run_to_halt(bench);
    EXPECT_EQ(halt.error, QUEUE_ERROR_INDEXED);
    EXPECT_EQ(halt.field, 48u + 16);
    for (const auto& access : bench.main.seen())
        EXPECT_LT(access.address, 0x80000u + 2 * 64);
}

TEST(DmaChannel, AnEndlessCommandOnABadAddressStopsAtTheFirstError) {
    DmaBench bench(parameters(8));
    dma_body body = copy(0x4000'0000, 0x80000, 0xffff'ffff, 0x3fff'ffff);
    bench.ring.push(DMA_COPY, body);
    const Halt halt = run_to_halt(bench);
    EXPECT_EQ(halt.field, 48u);
    EXPECT_LE(now(), 100'000u);
}

} // namespace
} // namespace gradus::ip::dma_channel_test
