// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_dma gradus_ip_data_fabric
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "ip/dma/dma_check.h"
#include "ip/numerics/bf16.h"
#include "tests/support/dma_bench.h"

namespace gradus::ip {
namespace {

using testing::dma_control_base;
using testing::DmaBench;
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

std::vector<Picoseconds> arrivals(const testing::StubMemory& memory) {
    std::vector<Picoseconds> times;
    for (const auto& access : memory.seen()) times.push_back(access.arrival);
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
    // Four reads in cycles 8, 9, 10, 11 after the begin; each write follows its read by ten cycles; the last is issued at
    // 21 and complete at 31.
    EXPECT_EQ(bench.run(), 31'000u);
    const Picoseconds begin = bench.observer.spans.back().second.begin;
    std::vector<Picoseconds> since;
    for (const Picoseconds arrival : arrivals(bench.main)) since.push_back(arrival - begin);
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
    for (const Picoseconds arrival : arrivals(bench.main)) since.push_back(arrival - begin);
    // Reads at 8, 14, 20, 26. Writes are ready at 18, 24, 30 and 36, but the port issues in the order of asking: the reads
    // asked first, so the writes go at 32, 38, 44 and 50.
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
    // Two fabric ports of 16 bytes a cycle: 16 cycles a burst. With eight transactions in flight the ports are the limit:
    // 64 bursts take 64 x 16 cycles at each port, and reads and writes overlap.
    FenceBoard fences{1};
    testing::RecordingObserver observer;
    testing::StubMemory source("source", 1 << 20, 10'000), destination("destination", 1 << 20, 10'000);
    DataFabric fabric("fabric", {16, 3}, testing::dma_clock);
    DmaChannel channel("dma", 0, parameters(8), {2, 0}, testing::dma_clock, fences, observer, {}, true);
    sc_core::sc_signal<bool> interrupt;
    channel.queue.interrupt.bind(interrupt);
    channel.queue.fetch.bind(fabric.in);
    channel.data.bind(fabric.in);
    fabric.out.bind(source.socket);
    fabric.map({0, 1 << 20});
    fabric.out.bind(destination.socket);
    fabric.map({1 << 20, 1 << 20});
    testing::CommandRing ring(source.data(), 0, 8);
    ring.push(DMA_COPY, copy(0x10000, 0x100000, 64, 64)); // 16 KiB
    testing::Initiator cpu("cpu", [&](testing::Initiator& self) {
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

/// What a command does to a copy of main memory, element by element and by the book.
void reference(std::uint8_t opcode, const dma_body& body, const std::vector<std::uint32_t>& indices,
               std::vector<std::uint8_t>& memory) {
    const Bytes in = element_bytes(body.src_format), out = element_bytes(body.dst_format);
    for (std::uint64_t r = 0; r < body.rows; ++r)
        for (std::uint64_t c = 0; c < body.cols; ++c) {
            const std::uint64_t from_row = opcode == DMA_GATHER ? indices[r] : r;
            const std::uint64_t to_row = opcode == DMA_SCATTER ? indices[r] : body.mode & DMA_TRANSPOSE ? c : r;
            const std::uint64_t to_col = body.mode & DMA_TRANSPOSE ? r : c;
            const std::uint8_t* from = &memory[body.src + from_row * body.src_pitch + c * in];
            std::uint8_t* to = &memory[body.dst + to_row * body.dst_pitch + to_col * out];
            if (opcode == DMA_FILL) {
                std::memcpy(to, &body.fill, 4);
            } else if (body.src_format == body.dst_format && !(body.mode & DMA_ACCUMULATE)) {
                std::memcpy(to, from, in);
            } else {
                float value = 0;
                std::uint16_t half = 0;
                if (in == 2) {
                    std::memcpy(&half, from, 2);
                    value = from_bf16(half);
                } else {
                    std::memcpy(&value, from, 4);
                }
                if (body.mode & DMA_ACCUMULATE) {
                    float sum = 0;
                    std::memcpy(&sum, to, 4);
                    value = sum + value;
                }
                half = to_bf16(value);
                std::memcpy(to, out == 2 ? static_cast<const void*>(&half) : &value, out);
            }
        }
}

/// A legal command whose source lies in the lower half of main and whose destination in the upper half, with its indices.
struct RandomCommand {
    std::uint8_t opcode;
    dma_body body{};
    std::vector<std::uint32_t> indices;

    explicit RandomCommand(std::mt19937& random) {
        opcode = static_cast<std::uint8_t>(DMA_COPY + random() % 4);
        const bool fp32_only = opcode == DMA_FILL || random() % 2;
        body.src_format = fp32_only ? FORMAT_FP32 : random() % 2;
        body.dst_format = fp32_only ? FORMAT_FP32 : random() % 2;
        if (fp32_only && (opcode == DMA_COPY || opcode == DMA_SCATTER) && random() % 2) body.mode = DMA_ACCUMULATE;
        if (opcode == DMA_COPY && !body.mode && random() % 2) body.mode = DMA_TRANSPOSE;
        body.rows = 1 + random() % 100;
        body.cols = 1 + random() % 100;
        const std::uint32_t in = static_cast<std::uint32_t>(element_bytes(body.src_format));
        const std::uint32_t out = static_cast<std::uint32_t>(element_bytes(body.dst_format));
        const bool transposes = body.mode & DMA_TRANSPOSE;
        body.src_pitch = in * (body.cols + (random() % 2 ? random() % 20 : 0));
        body.dst_pitch = out * ((transposes ? body.rows : body.cols) + (random() % 2 ? random() % 20 : 0));
        body.src = in * (random() % 1000);
        body.dst = testing::dma_main_bytes / 2 + out * (random() % 1000);
        body.fill = static_cast<std::uint32_t>(random());
        body.index = dma_control_base + 4 * (random() % 100);
        // Rows of a scatter that does not accumulate are written in no particular order: none twice.
        body.index_rows = 200;
        for (std::uint32_t i = 0; i < 200; ++i) indices.push_back(i);
        std::shuffle(indices.begin(), indices.end(), random);
        indices.resize(body.rows);
        if (opcode == DMA_GATHER || body.mode & DMA_ACCUMULATE)
            for (auto& index : indices) index = random() % 200;
    }
};

TEST(DmaChannel, MovesTheRightBytesForRandomCommandsOfEveryKind) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    DmaBench bench(parameters(1 + random() % 8));
    std::vector<float> values(testing::dma_main_bytes / 4);
    std::normal_distribution<float> normal;
    for (float& value : values) value = normal(random);
    std::memcpy(bench.main.data(), values.data(), testing::dma_main_bytes);
    std::vector<std::uint8_t> expected(bench.main.data(), bench.main.data() + testing::dma_main_bytes);

    testing::Initiator cpu("cpu", [&](testing::Initiator& self) {
        bench.ring.set_up(self);
        for (int i = 0; i < 200; ++i) {
            const RandomCommand command(random);
            std::memcpy(bench.control.data() + (command.body.index - dma_control_base), command.indices.data(),
                        command.indices.size() * 4);
            bench.ring.push(command.opcode, command.body);
            bench.ring.ring_doorbell(self);
            while (bench.channel.queue.state().status == QUEUE_STATUS_RUNNING) self.wait_for(100'000);
            ASSERT_EQ(bench.channel.queue.state().status, QUEUE_STATUS_IDLE);
            reference(command.opcode, command.body, command.indices, expected);
            ASSERT_EQ(std::memcmp(expected.data(), bench.main.data(), expected.size()), 0)
                << "command " << i << ": opcode " << int{command.opcode} << " mode " << int{command.body.mode};
        }
    });
    cpu.socket.bind(bench.channel.queue.registers);
    sc_core::sc_start();
}

TEST(DmaChannel, TakesTheSameTimeWithAndWithoutTensorData) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    DmaBench full(parameters(4), true, 10'000, "full");
    DmaBench none(parameters(4), false, 10'000, "none");
    for (int i = 0; i < 100; ++i) {
        RandomCommand command(random);
        command.body.index = dma_control_base + 0x100 * (i % 64); // 64 index arrays of up to 100 entries, which overlap
        for (DmaBench* bench : {&full, &none}) {
            std::memcpy(bench->control.data() + (command.body.index - dma_control_base), command.indices.data(),
                        command.indices.size() * 4);
            bench->ring.push(command.opcode, command.body);
        }
    }
    const auto start = [](DmaBench& bench) {
        return [&bench](testing::Initiator& cpu) {
            bench.ring.set_up(cpu);
            bench.ring.ring_doorbell(cpu);
        };
    };
    testing::Initiator first("first", start(full)), second("second", start(none));
    first.socket.bind(full.channel.queue.registers);
    second.socket.bind(none.channel.queue.registers);
    sc_core::sc_start();
    EXPECT_EQ(full.channel.queue.state().retired, 100u);
    EXPECT_EQ(full.main.seen(), none.main.seen());
    EXPECT_EQ(full.control.seen(), none.control.seen());
    ASSERT_EQ(full.observer.spans.size(), none.observer.spans.size());
    for (std::size_t i = 0; i < full.observer.spans.size(); ++i)
        EXPECT_EQ(full.observer.spans[i].second.end, none.observer.spans[i].second.end);
    for (const auto& access : none.main.seen()) ASSERT_FALSE(access.moves_data);
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
    for (const auto& access : bench.main.seen()) EXPECT_LT(access.address, 0x80000u + 2 * 64);
}

TEST(DmaChannel, AnEndlessCommandOnABadAddressStopsAtTheFirstError) {
    DmaBench bench(parameters(8));
    dma_body body = copy(0x4000'0000, 0x80000, 0xffff'ffff, 0x3fff'ffff);
    bench.ring.push(DMA_COPY, body);
    const Halt halt = run_to_halt(bench);
    EXPECT_EQ(halt.field, 48u);
    EXPECT_LE(now(), 100'000u);
}

TEST(DmaChannel, NeverCrashesOrHangsOnHostileBodies) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    constexpr int channels = 300; // each halts at its first bad command, so there are many
    std::vector<std::unique_ptr<DmaBench>> benches;
    std::vector<std::unique_ptr<testing::Initiator>> cpus;
    for (int i = 0; i < channels; ++i) {
        benches.push_back(std::make_unique<DmaBench>(DmaParameters{1, static_cast<unsigned>(1 + random() % 4), 64, 8, 1},
                                                     random() % 2, 10'000, "bench" + std::to_string(i)));
        DmaBench& bench = *benches.back();
        for (int j = 0; j < 8; ++j) {
            dma_body body;
            for (std::size_t k = 0; k < sizeof body; k += 8) {
                const std::uint64_t word = random();
                std::memcpy(reinterpret_cast<std::uint8_t*>(&body) + k, &word, 8);
            }
            // Some fields are tamed, each with a chance, so that all depths of the channel are reached.
            const auto tame = [&](auto& field, std::uint64_t value) {
                if (random() % 16) field = static_cast<std::decay_t<decltype(field)>>(value);
            };
            std::memset(body.reserved, 0, random() % 16 ? sizeof body.reserved : 0);
            tame(body.src, random() % testing::dma_main_bytes & ~3ull);
            tame(body.dst, random() % testing::dma_main_bytes & ~3ull);
            tame(body.index, dma_control_base + (random() % 0x9000 & ~3ull));
            // Wide or tall commands may be long, but only huge ones with huge pitches, so that they run into nothing.
            body.rows = random() % 16 ? 1 + random() % 200 : static_cast<std::uint32_t>(random());
            body.cols = random() % 16 ? 1 + random() % 200 : static_cast<std::uint32_t>(random());
            tame(body.src_pitch, 4 * (1 + random() % 300));
            tame(body.dst_pitch, 4 * (1 + random() % 300));
            tame(body.src_format, random() % 2);
            tame(body.dst_format, random() % 2);
            tame(body.mode, random() % 3);
            if (body.rows > 200) body.src_pitch = body.dst_pitch = 4096;
            bench.ring.push(static_cast<std::uint8_t>(random() % 6), body);
        }
        cpus.push_back(std::make_unique<testing::Initiator>(("cpu" + std::to_string(i)).c_str(),
                                                            [&bench](testing::Initiator& self) {
                                                                bench.ring.set_up(self);
                                                                bench.ring.ring_doorbell(self);
                                                            }));
        cpus.back()->socket.bind(bench.channel.queue.registers);
    }
    sc_core::sc_start();
    int halted = 0;
    for (const auto& bench : benches) {
        const QueueState state = bench->channel.queue.state();
        EXPECT_NE(state.status, QUEUE_STATUS_RUNNING);
        if (state.status == QUEUE_STATUS_HALTED) {
            ++halted;
            EXPECT_NE(state.error, QUEUE_ERROR_NONE);
            EXPECT_LT(state.error_field, COMMAND_BYTES);
        } else {
            EXPECT_EQ(state.retired, 8u);
        }
    }
    EXPECT_GT(halted, 0);
}

} // namespace
} // namespace gradus::ip
