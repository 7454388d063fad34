// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <gtest/gtest.h>
#include <random>

#include "ip/engine/matrix_unit.h"
#include "ip/numerics/bf16.h"
#include "tests/support/engine_bodies.h"
#include "tests/support/spoiled_commands.h"

namespace gradus::ip::matrix_unit_test {
namespace {

using Stand = test::EngineStand<MatrixUnit, MatrixParameters>;
constexpr std::uint64_t base = Stand::scratchpad_base;
using test::gapless;

/// 4 x 4 cells, 4 cycles of startup, 32 bytes a cycle.
MatrixParameters small_array() { return {}; }

std::vector<float> counting(std::size_t count, float step = 1) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<float>(i % 7) * step - 2;
    return values;
}

TEST(MatrixUnit, ComputesBesideItsOperandStreamAndThenWrites) {
    Stand stand("stand", small_array(), {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 16, 16));
    test::run(stand);
    ASSERT_EQ(stand.retired(), 1u);
    // 16 folds of 16 + 4 + 4 - 2 cycles after 4 cycles of startup. The operands, 1 KiB four times each, pass the
    // 32-byte port in 256 cycles meanwhile.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 16 * 22);
    // The result's 1 KiB leaves in 32 cycles.
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 32u);
    const CommandWork& work = stand.observer.works.at(0);
    EXPECT_EQ(work.macs, 4096u);
    EXPECT_EQ(work.scratchpad_read, 8192u);
    EXPECT_EQ(work.scratchpad_written, 1024u);
}

TEST(MatrixUnit, ASlowScratchpadHoldsTheArrayUp) {
    Stand stand("stand", small_array(), {16, 1}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 16, 16));
    test::run(stand);
    // Operands: 8 KiB at 16 bytes a cycle take 512 cycles, and the last answer is a cycle of latency late: 513 - 352
    // more than the folds. The result takes 64 cycles and one of latency.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 352);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), (513u - 352) + 65);
}

TEST(MatrixUnit, GaplessRowsTravelTogetherAndOthersOneByOne) {
    Stand stand("stand", small_array(), {}, true);
    matrix_body body = gapless(4, 4, 4);
    body.b_pitch = 32;
    stand.submit(MATRIX_MULTIPLY, body);
    test::run(stand);
    const auto& seen = stand.scratchpad.transactions;
    ASSERT_EQ(seen.size(), 1u + 4 + 1) << "A at once, four rows of B, C at once";
    EXPECT_EQ(seen[0].bytes, 64u);
    // The port takes the 64 bytes of A in two cycles, then a row of B each cycle, although a row fills half a beat
    // only.
    const Picoseconds begin = seen[0].arrival;
    for (unsigned row = 0; row < 4; ++row) {
        EXPECT_EQ(seen[1 + row].address, body.b + row * 32);
        EXPECT_EQ(seen[1 + row].bytes, 16u);
        EXPECT_EQ(seen[1 + row].arrival - begin, stand.clock(2 + row));
    }
    EXPECT_TRUE(seen[5].write);
    EXPECT_EQ(seen[5].arrival - begin, stand.clock(4 + 4 + 4 - 2)) << "the result leaves when the fold is done";
}

TEST(MatrixUnit, ALongStreamIsNeverIssuedFarAheadOfTime) {
    Stand stand("stand", small_array(), {16, 1}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(64, 64, 64));
    test::run(stand);
    // 16 passes over A and over B of 16 KiB at 16 bytes a cycle.
    const Picoseconds begin = stand.scratchpad.transactions.front().arrival;
    Picoseconds last_read = 0;
    for (const auto& seen : stand.scratchpad.transactions)
        if (!seen.write) last_read = std::max(last_read, seen.arrival);
    for (const auto& seen : stand.scratchpad.transactions)
        ASSERT_LE(seen.lead, stand.clock(256));
    const Cycles stream = 2 * 16 * 1024 + 1;
    EXPECT_GT(last_read - begin, stand.clock(stream - 1024)) << "the last request waits for the stream to catch up";
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 256 * 70);
    // The stream exceeds the 17920 cycles of the folds; the result takes 1024 cycles and one of latency.
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), (stream - 256 * 70) + 1025);
}

TEST(MatrixUnit, ComputesTheProductWithBiasAndAccumulation) {
    Stand stand("stand", small_array(), {}, true);
    matrix_body body = gapless(5, 6, 7);
    body.mode = MATRIX_ACCUMULATE | MATRIX_BIAS;
    const auto a = counting(35), b = counting(42, 0.5F), c = counting(30, 2), bias = counting(6, 3);
    stand.scratchpad.load(body.a, a.data(), 35 * 4);
    stand.scratchpad.load(body.b, b.data(), 42 * 4);
    stand.scratchpad.load(body.c, c.data(), 30 * 4);
    stand.scratchpad.load(body.bias, bias.data(), 6 * 4);
    stand.submit(MATRIX_MULTIPLY, body);
    test::run(stand);
    const auto result = stand.scratchpad.values<float>(body.c, 30);
    for (std::size_t i = 0; i < 5; ++i) {
        for (std::size_t j = 0; j < 6; ++j) {
            float sum = c[i * 6 + j] + bias[j];
            for (std::size_t p = 0; p < 7; ++p)
                sum += a[i * 7 + p] * b[p * 6 + j];
            EXPECT_EQ(result[i * 6 + j], sum);
        }
    }
}

TEST(MatrixUnit, ComputesTransposedBfloat16WithPitches) {
    Stand stand("stand", small_array(), {}, true);
    matrix_body body = gapless(3, 5, 4);
    body.mode = MATRIX_TRANSPOSE_A | MATRIX_TRANSPOSE_B;
    body.a_format = body.b_format = body.c_format = FORMAT_BF16;
    body.a_pitch = 10, body.b_pitch = 12, body.c_pitch = 14;
    std::vector<std::uint16_t> a(4 * 5), b(5 * 6), c(3 * 7, 0x1234);
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] = to_bf16(static_cast<float>(i) - 3.5F);
    for (std::size_t i = 0; i < b.size(); ++i)
        b[i] = to_bf16(static_cast<float>(i % 5) * 0.75F);
    stand.scratchpad.load(body.a, a.data(), a.size() * 2);
    stand.scratchpad.load(body.b, b.data(), b.size() * 2);
    stand.scratchpad.load(body.c, c.data(), c.size() * 2);
    stand.submit(MATRIX_MULTIPLY, body);
    test::run(stand);
    const auto result = stand.scratchpad.values<std::uint16_t>(body.c, c.size());
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 5; ++j) {
            float sum = 0;
            for (std::size_t p = 0; p < 4; ++p)
                sum += from_bf16(a[p * 5 + i]) * from_bf16(b[j * 6 + p]);
            EXPECT_EQ(result[i * 7 + j], to_bf16(sum));
        }
        EXPECT_EQ(result[i * 7 + 5], 0x1234) << "gaps of C are left alone";
    }
}

TEST(MatrixUnit, ALargeProductIsComputedInPanelsAndIsComplete) {
    Stand stand("stand", {128, 128, 4, 128}, {}, true, 4 << 20);
    matrix_body body = gapless(300, 256, 128);
    body.b = base + (1 << 20), body.c = base + (2 << 20);
    const auto a = counting(300 * 128), b = counting(128 * 256);
    stand.scratchpad.load(body.a, a.data(), a.size() * 4);
    stand.scratchpad.load(body.b, b.data(), b.size() * 4);
    stand.submit(MATRIX_MULTIPLY, body);
    test::run(stand);
    const auto result = stand.scratchpad.values<float>(body.c, 300 * 256);
    for (std::size_t i = 0; i < 300; i += 13) {
        for (std::size_t j = 0; j < 256; j += 7) {
            float sum = 0;
            for (std::size_t p = 0; p < 128; ++p)
                sum += a[i * 128 + p] * b[p * 256 + j];
            ASSERT_EQ(result[i * 256 + j], sum) << i << ", " << j;
        }
    }
}

TEST(MatrixUnit, APortThatIsSlowerThanTheFoldsSetsThePace) {
    Stand stand("stand", {4, 4, 0, 4}, {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(4, 4, 64));
    test::run(stand);
    // One fold of 70 cycles; A and B are 1 KiB each, 512 cycles at 4 bytes a cycle; C is 16 cycles.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 70u);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 512u - 70 + 16);
}

void expect_refusal(matrix_body body, std::size_t offset) {
    Stand stand("stand", small_array(), {}, true);
    stand.submit(MATRIX_MULTIPLY, body);
    test::run(stand);
    ASSERT_EQ(stand.observer.halts.size(), 1u);
    EXPECT_EQ(stand.observer.halts[0].error, QUEUE_ERROR_ADDRESS);
    EXPECT_EQ(stand.observer.halts[0].field, 48 + offset);
    EXPECT_EQ(stand.retired(), 0u);
}

constexpr std::uint64_t beyond = base + (1 << 20) - 64; // the scratchpad ends in the operand's middle

TEST(MatrixUnit, NamesAWhenItIsOutsideTheScratchpad) {
    matrix_body body = gapless(16, 16, 16);
    body.a = beyond;
    expect_refusal(body, offsetof(matrix_body, a));
}

TEST(MatrixUnit, NamesBWhenItIsOutsideTheScratchpad) {
    matrix_body body = gapless(16, 16, 16);
    body.b = beyond;
    expect_refusal(body, offsetof(matrix_body, b));
}

TEST(MatrixUnit, NamesCWhenItsResultIsOutsideTheScratchpad) {
    matrix_body body = gapless(16, 16, 16);
    body.c = beyond;
    expect_refusal(body, offsetof(matrix_body, c));
}

TEST(MatrixUnit, NamesTheBiasWhenItIsOutsideTheScratchpad) {
    matrix_body body = gapless(16, 32, 16);
    body.mode = MATRIX_BIAS;
    body.bias = beyond;
    expect_refusal(body, offsetof(matrix_body, bias));
}

TEST(MatrixUnit, NamesAnIllegalFieldBeforeItTouchesMemory) {
    Stand stand("stand", small_array(), {}, true);
    matrix_body body = gapless(16, 16, 16);
    body.k = 0;
    stand.submit(MATRIX_MULTIPLY, body);
    test::run(stand);
    ASSERT_EQ(stand.observer.halts.size(), 1u);
    EXPECT_EQ(stand.observer.halts[0].error, QUEUE_ERROR_VALUE);
    EXPECT_EQ(stand.observer.halts[0].field, 48 + offsetof(matrix_body, k));
    EXPECT_TRUE(stand.scratchpad.transactions.empty());
}

matrix_body random_body(std::mt19937& random) {
    const auto size = [&] { return static_cast<std::uint32_t>(1 + random() % (random() % 3 ? 24 : 90)); };
    matrix_body body = gapless(size(), size(), size());
    body.mode = static_cast<std::uint8_t>(random() % 16);
    body.a_format = random() % 2, body.b_format = random() % 2;
    body.c_format = (body.mode & MATRIX_ACCUMULATE) ? FORMAT_FP32 : random() % 2;
    const auto pitch = [&](std::uint32_t cols, std::uint8_t format) {
        return static_cast<std::uint32_t>((cols + (random() % 2 ? random() % 5 : 0)) * element_bytes(format));
    };
    body.a_pitch = random() % 10 ? pitch(body.mode & MATRIX_TRANSPOSE_A ? body.m : body.k, body.a_format) : 0;
    body.b_pitch = random() % 10 ? pitch(body.mode & MATRIX_TRANSPOSE_B ? body.k : body.n, body.b_format) : 4;
    body.c_pitch = pitch(body.n, body.c_format);
    return body;
}

void expect_equal_times(test::StubTiming timing) {
    const unsigned seed = 4711;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    Stand full("full", small_array(), timing, true), none("none", small_array(), timing, false);
    for (int i = 0; i < 300; ++i) {
        const matrix_body body = random_body(random);
        full.submit(MATRIX_MULTIPLY, body);
        none.submit(MATRIX_MULTIPLY, body);
    }
    test::run(full, none);
    ASSERT_EQ(full.retired(), 300u);
    ASSERT_EQ(none.retired(), 300u);
    ASSERT_EQ(full.observer.spans.size(), none.observer.spans.size());
    for (std::size_t i = 0; i < full.observer.spans.size(); ++i) {
        ASSERT_EQ(full.observer.spans[i].begin, none.observer.spans[i].begin);
        ASSERT_EQ(full.observer.spans[i].end, none.observer.spans[i].end);
    }
    for (std::size_t i = 0; i < 300; ++i) {
        EXPECT_EQ(full.observer.works[i].macs, none.observer.works[i].macs);
        EXPECT_EQ(full.observer.works[i].scratchpad_read, none.observer.works[i].scratchpad_read);
    }
    const auto untouched = none.scratchpad.values<std::uint8_t>(base, 1 << 20);
    EXPECT_EQ(untouched, std::vector<std::uint8_t>(1 << 20)) << "timing only moves no data";
}

TEST(MatrixUnit, TakesTheSameTimeWithAndWithoutData) { expect_equal_times({16, 3, false}); }

TEST(MatrixUnit, TakesTheSameTimeWithAndWithoutDataWhenTheTargetWaits) { expect_equal_times({16, 3, true}); }

TEST(MatrixUnit, ATargetThatWaitsDelaysTheStreamByEachAnswer) {
    Stand stand("stand", small_array(), {32, 10, true}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(4, 4, 4));
    test::run(stand);
    // A and B are 64 bytes each: two cycles and ten of latency, one after the other, 24 cycles against a fold of 10. C
    // is written in 12.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 10);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 24u - 10 + 12);
}

TEST(MatrixUnit, SurvivesRandomDescriptors) {
    const auto multiply = [](std::mt19937&) { return MATRIX_MULTIPLY; };
    test::expect_engines_survive_spoiled_commands<Stand>(
        31337, 200, gapless(16, 16, 16), [](std::mt19937&) { return small_array(); }, multiply);
}

} // namespace
} // namespace gradus::ip::matrix_unit_test
