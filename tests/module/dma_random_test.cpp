// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

#include "ip/dma/dma_check.h"
#include "ip/numerics/bf16.h"
#include "tests/support/dma_bench.h"

namespace gradus::ip::dma_random_test {
namespace {

using test::dma_control_base;
using test::DmaBench;

DmaParameters parameters(unsigned outstanding) { return {1, outstanding, 256, 8, 1}; }

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

/// A legal command whose source lies in the lower half of main and whose destination in the upper half, with its
/// indices.
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
        body.dst = test::dma_main_bytes / 2 + out * (random() % 1000);
        body.fill = static_cast<std::uint32_t>(random());
        body.index = dma_control_base + 4 * (random() % 100);
        // Rows of a scatter that does not accumulate are written in no particular order: none twice.
        body.index_rows = 200;
        for (std::uint32_t i = 0; i < 200; ++i)
            indices.push_back(i);
        std::shuffle(indices.begin(), indices.end(), random);
        indices.resize(body.rows);
        if (opcode == DMA_GATHER || body.mode & DMA_ACCUMULATE)
            for (auto& index : indices)
                index = random() % 200;
    }
};

TEST(DmaChannel, MovesTheRightBytesForRandomCommandsOfEveryKind) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    DmaBench bench(parameters(1 + random() % 8));
    std::vector<float> values(test::dma_main_bytes / 4);
    std::normal_distribution<float> normal;
    for (float& value : values)
        value = normal(random);
    std::memcpy(bench.main.data(), values.data(), test::dma_main_bytes);
    std::vector<std::uint8_t> expected(bench.main.data(), bench.main.data() + test::dma_main_bytes);

    test::Initiator cpu("cpu", [&](test::Initiator& self) {
        bench.ring.set_up(self);
        for (int i = 0; i < 200; ++i) {
            const RandomCommand command(random);
            std::memcpy(bench.control.data() + (command.body.index - dma_control_base), command.indices.data(),
                        command.indices.size() * 4);
            bench.ring.push(command.opcode, command.body);
            bench.ring.ring_doorbell(self);
            while (bench.channel.queue.state().status == QUEUE_STATUS_RUNNING)
                self.wait_for(100'000);
            ASSERT_EQ(bench.channel.queue.state().status, QUEUE_STATUS_IDLE);
            reference(command.opcode, command.body, command.indices, expected);
            ASSERT_EQ(std::memcmp(expected.data(), bench.main.data(), expected.size()), 0)
                << "command " << i << ": opcode " << int{command.opcode} << " mode " << int{command.body.mode};
        }
    });
    cpu.socket.bind(bench.channel.queue.registers);
    sc_core::sc_start();
}

/// Moves source and destination into two of three areas of main, so that commands depend on each other often.
void crowd(RandomCommand& command, std::mt19937& random) {
    constexpr std::uint64_t area = 1 << 17; // more than any of them touches
    const std::uint64_t from = random() % 3;
    command.body.src = area * from + command.body.src % 4000;
    command.body.dst = area * ((from + 1 + random() % 2) % 3) + command.body.dst % 4000;
}

TEST(DmaChannel, ChainedCommandsHaveTheEffectOfCommandsOneByOne) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    DmaParameters chaining = parameters(2 + random() % 8);
    chaining.chaining = true;
    chaining.align_bytes = random() % 2 ? 64 : 0;
    chaining.port_bytes = random() % 2 ? 16 : 0;
    chaining.row_cycles = random() % 3;
    chaining.setup_cycles = random() % 9;
    chaining.issue_cycles = random() % 2;
    DmaBench bench(chaining);
    std::vector<float> values(test::dma_main_bytes / 4);
    std::normal_distribution<float> normal;
    for (float& value : values)
        value = normal(random);
    std::memcpy(bench.main.data(), values.data(), test::dma_main_bytes);
    std::vector<std::uint8_t> expected(bench.main.data(), bench.main.data() + test::dma_main_bytes);
    for (std::uint32_t i = 0; i < 100; ++i) {
        RandomCommand command(random);
        crowd(command, random);
        command.indices.resize(32);
        command.body.rows = std::min(command.body.rows, 32u);
        command.body.index = dma_control_base + 0x100 * i; // below the ring
        if (command.body.mode & DMA_TRANSPOSE) command.body.dst_pitch = 4 * 128;
        std::memcpy(bench.control.data() + 0x100 * i, command.indices.data(), 4 * 32);
        bench.ring.push(command.opcode, command.body);
        reference(command.opcode, command.body, command.indices, expected);
    }
    bench.run();
    EXPECT_EQ(bench.channel.queue.state().retired, 100u);
    EXPECT_EQ(std::memcmp(expected.data(), bench.main.data(), expected.size()), 0);
}

TEST(DmaChannel, TakesTheSameTimeWithAndWithoutTensorData) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    DmaParameters tried = parameters(4);
    tried.chaining = random() % 2;
    tried.align_bytes = random() % 2 ? 128 : 0;
    tried.row_cycles = random() % 3;
    tried.port_bytes = random() % 2 ? 32 : 0;
    tried.transpose_elements = random() % 4;
    DmaBench full(tried, true, 10'000, "full");
    DmaBench none(tried, false, 10'000, "none");
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
        return [&bench](test::Initiator& cpu) {
            bench.ring.set_up(cpu);
            bench.ring.ring_doorbell(cpu);
        };
    };
    test::Initiator first("first", start(full)), second("second", start(none));
    first.socket.bind(full.channel.queue.registers);
    second.socket.bind(none.channel.queue.registers);
    sc_core::sc_start();
    EXPECT_EQ(full.channel.queue.state().retired, 100u);
    EXPECT_EQ(full.main.seen(), none.main.seen());
    EXPECT_EQ(full.control.seen(), none.control.seen());
    ASSERT_EQ(full.observer.spans.size(), none.observer.spans.size());
    for (std::size_t i = 0; i < full.observer.spans.size(); ++i)
        EXPECT_EQ(full.observer.spans[i].second.end, none.observer.spans[i].second.end);
    for (const auto& access : none.main.seen())
        ASSERT_FALSE(access.moves_data);
}

TEST(DmaChannel, NeverCrashesOrHangsOnHostileBodies) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    constexpr int channels = 300; // each halts at its first bad command, so there are many
    std::vector<std::unique_ptr<DmaBench>> benches;
    std::vector<std::unique_ptr<test::Initiator>> cpus;
    for (int i = 0; i < channels; ++i) {
        benches.push_back(
            std::make_unique<DmaBench>(DmaParameters{1, static_cast<unsigned>(1 + random() % 4), 64, 8, 1},
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
            tame(body.src, random() % test::dma_main_bytes & ~3ull);
            tame(body.dst, random() % test::dma_main_bytes & ~3ull);
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
        cpus.push_back(
            std::make_unique<test::Initiator>(("cpu" + std::to_string(i)).c_str(), [&bench](test::Initiator& self) {
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
} // namespace gradus::ip::dma_random_test
