// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <random>

#include "ip/engine/vector_unit.h"
#include "tests/support/engine_bodies.h"
#include "tests/support/spoiled_commands.h"

namespace gradus::ip::vector_unit_test {
namespace {

using Stand = test::EngineStand<VectorUnit, VectorParameters>;
constexpr std::uint64_t base = Stand::scratchpad_base;
using test::gapless;

constexpr std::uint8_t all_opcodes[] = {VECTOR_ADD,         VECTOR_SUB,           VECTOR_MUL,
                                        VECTOR_MAX,         VECTOR_BLEND,         VECTOR_AFFINE,
                                        VECTOR_EXP,         VECTOR_LOG,           VECTOR_RECIPROCAL,
                                        VECTOR_RSQRT,       VECTOR_RELU,          VECTOR_GELU,
                                        VECTOR_SILU,        VECTOR_CAUSAL_MASK,   VECTOR_RELU_BACKWARD,
                                        VECTOR_ROW_SUM,     VECTOR_GELU_BACKWARD, VECTOR_SILU_BACKWARD,
                                        VECTOR_ROW_MAX,     VECTOR_ROW_DOT,       VECTOR_PICK,
                                        VECTOR_COLUMN_SUM,  VECTOR_ADAM,          VECTOR_SUBTRACT_ONE_HOT,
                                        VECTOR_WINDOW_MASK, VECTOR_GELU_ERF,      VECTOR_GELU_ERF_BACKWARD};

/// 4 lanes, 4 cycles of startup, 32 bytes a cycle.
VectorParameters small_unit() { return {}; }

TEST(VectorUnit, ComputesBesideItsOperandStreamAndThenWrites) {
    Stand stand("stand", small_unit(), {}, true);
    stand.submit(VECTOR_ADD, gapless(16, 16));
    test::run(stand);
    // 64 groups of 4 lanes after 4 cycles of startup; two operands of 1 KiB pass the 32-byte port in the same 64
    // cycles.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 64);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 32u) << "1 KiB of results";
    const CommandWork& work = stand.observer.works.at(0);
    EXPECT_EQ(work.elements, 256u);
    EXPECT_EQ(work.scratchpad_read, 2048u);
    EXPECT_EQ(work.scratchpad_written, 1024u);
}

TEST(VectorUnit, ARowSumWritesOneValueARow) {
    Stand stand("stand", small_unit(), {8, 2}, true);
    stand.submit(VECTOR_ROW_SUM, gapless(16, 16));
    test::run(stand);
    // 64 groups and 16 trees of 2 levels. 1 KiB comes at 8 bytes a cycle in 128 cycles and 2 of latency, which is 34
    // cycles more; 64 bytes of results take 8 cycles and 2 of latency.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 64 + 32);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 34u + 10);
}

TEST(VectorUnit, AdamReadsFourTensorsAndWritesThree) {
    Stand stand("stand", small_unit(), {}, true);
    stand.submit(VECTOR_ADAM, gapless(1, 256));
    test::run(stand);
    // 64 groups of 11 simple steps, a quotient and a root of 4 cycles each; 3 KiB of results at 32 bytes a cycle.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 64 * 19);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 96u);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_read, 4096u);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_written, 3072u);
}

TEST(VectorUnit, AdamUpdatesParametersAndMomentsInMemory) {
    Stand stand("stand", small_unit(), {}, true);
    vector_body body = gapless(2, 2);
    const float scalars[6] = {0.5F, 0.75F, 0.0F, 0.1F, 4.0F, 0.25F};
    std::memcpy(body.u.scalar, scalars, sizeof scalars);
    const std::vector<float> p{1, 1, 1, 1}, g{2, -2, 2, -2}, m{2, 2, 0, 0}, v{0, 0, 0, 0};
    stand.scratchpad.load(body.dst, p.data(), 16);
    stand.scratchpad.load(body.a, g.data(), 16);
    stand.scratchpad.load(body.b, m.data(), 16);
    stand.scratchpad.load(body.c, v.data(), 16);
    stand.submit(VECTOR_ADAM, body);
    test::run(stand);
    // m = m/2 + g/2; v = g^2/4 = 1; p = 1 - 0.25 - 0.1 m / sqrt(4)
    EXPECT_EQ(stand.scratchpad.values<float>(body.b, 4), (std::vector<float>{2, 0, 1, -1}));
    EXPECT_EQ(stand.scratchpad.values<float>(body.c, 4), (std::vector<float>{1, 1, 1, 1}));
    const auto result = stand.scratchpad.values<float>(body.dst, 4);
    const std::vector<float> expected{0.65F, 0.75F, 0.7F, 0.8F};
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_NEAR(result[i], expected[i], 1e-6);
}

TEST(VectorUnit, WorksInPlaceWithPitchesAndAColumn) {
    Stand stand("stand", small_unit(), {}, true);
    vector_body body = gapless(2, 2);
    body.dst = body.a;
    body.dst_pitch = body.a_pitch = 12;
    body.b_mode = VECTOR_B_COLUMN;
    const std::vector<float> a{1, 2, -1, 3, 4, -1}, b{10, 100};
    stand.scratchpad.load(body.a, a.data(), 24);
    stand.scratchpad.load(body.b, b.data(), 8);
    stand.submit(VECTOR_MUL, body);
    test::run(stand);
    EXPECT_EQ(stand.scratchpad.values<float>(body.a, 6), (std::vector<float>{10, 20, -1, 300, 400, -1}));
}

TEST(VectorUnit, ASoftmaxOfCommandsSumsToOne) {
    Stand stand("stand", small_unit(), {}, true);
    vector_body body = gapless(3, 10);
    std::vector<float> x(30);
    for (std::size_t i = 0; i < 30; ++i)
        x[i] = static_cast<float>(i % 11);
    stand.scratchpad.load(body.a, x.data(), 120);
    vector_body maxima = body;
    maxima.dst = body.b;
    stand.submit(VECTOR_ROW_MAX, maxima);
    vector_body shifted = body;
    shifted.b_mode = VECTOR_B_COLUMN;
    stand.submit(VECTOR_SUB, shifted);
    vector_body in_place = body;
    in_place.a = body.dst;
    stand.submit(VECTOR_EXP, in_place);
    vector_body sums = in_place;
    sums.dst = body.b;
    stand.submit(VECTOR_ROW_SUM, sums);
    vector_body inverse = gapless(1, 3);
    inverse.dst = inverse.a = body.b;
    stand.submit(VECTOR_RECIPROCAL, inverse);
    vector_body scaled = in_place;
    scaled.b_mode = VECTOR_B_COLUMN;
    stand.submit(VECTOR_MUL, scaled);
    test::run(stand);
    ASSERT_EQ(stand.retired(), 6u);
    const auto y = stand.scratchpad.values<float>(body.dst, 30);
    for (std::size_t r = 0; r < 3; ++r) {
        double sum = 0;
        for (std::size_t c = 0; c < 10; ++c)
            sum += y[r * 10 + c];
        EXPECT_NEAR(sum, 1.0, 1e-6);
    }
    EXPECT_NEAR(y[9] / y[8], std::exp(1.0F), 1e-4);
}

TEST(VectorUnit, AnIndexOutOfRangeHaltsAUnitWithData) {
    Stand stand("stand", small_unit(), {}, true);
    const vector_body body = gapless(2, 8);
    const std::uint32_t index[] = {7, 8};
    stand.scratchpad.load(body.c, index, 8);
    stand.submit(VECTOR_SUBTRACT_ONE_HOT, body);
    test::run(stand);
    ASSERT_EQ(stand.observer.halts.size(), 1u);
    EXPECT_EQ(stand.observer.halts[0].error, QUEUE_ERROR_INDEXED);
    EXPECT_EQ(stand.observer.halts[0].field, 48 + offsetof(vector_body, c));
}

void expect_refusal(std::uint8_t opcode, const vector_body& body, std::size_t offset) {
    Stand stand("stand", small_unit(), {}, false);
    stand.submit(opcode, body);
    test::run(stand);
    ASSERT_EQ(stand.observer.halts.size(), 1u);
    EXPECT_EQ(stand.observer.halts[0].error, QUEUE_ERROR_ADDRESS);
    EXPECT_EQ(stand.observer.halts[0].field, 48 + offset);
}

constexpr std::uint64_t beyond = base + (1 << 20) - 64; // the scratchpad ends in the operand's middle

TEST(VectorUnit, NamesDstWhenItIsOutsideTheScratchpad) {
    vector_body body = gapless(16, 16);
    body.dst = beyond;
    expect_refusal(VECTOR_EXP, body, offsetof(vector_body, dst));
}

TEST(VectorUnit, NamesAWhenItIsOutsideTheScratchpad) {
    vector_body body = gapless(16, 16);
    body.a = beyond;
    expect_refusal(VECTOR_EXP, body, offsetof(vector_body, a));
}

TEST(VectorUnit, NamesBWhenItIsOutsideTheScratchpad) {
    vector_body body = gapless(16, 16);
    body.b = beyond;
    expect_refusal(VECTOR_ADD, body, offsetof(vector_body, b));
}

TEST(VectorUnit, NamesCWhenItIsOutsideTheScratchpad) {
    vector_body body = gapless(32, 16);
    body.c = beyond;
    expect_refusal(VECTOR_PICK, body, offsetof(vector_body, c));
}

vector_body random_body(std::mt19937& random) {
    const auto size = [&] { return static_cast<std::uint32_t>(1 + random() % (random() % 3 ? 20 : 100)); };
    vector_body body = gapless(size(), size());
    const auto pitch = [&] { return static_cast<std::uint32_t>((body.cols + (random() % 2 ? random() % 5 : 0)) * 4); };
    body.dst_pitch = pitch();
    body.a_pitch = random() % 8 ? pitch() : 0;
    body.b_pitch = random() % 8 ? pitch() : 0;
    body.b_mode = random() % 2;
    return body;
}

TEST(VectorUnit, TakesTheSameTimeWithAndWithoutData) {
    const unsigned seed = 815;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    Stand full("full", small_unit(), {16, 3}, true), none("none", small_unit(), {16, 3}, false);
    for (int i = 0; i < 1000; ++i) {
        const std::uint8_t opcode = all_opcodes[random() % std::size(all_opcodes)];
        vector_body body = random_body(random);
        if (opcode == VECTOR_ADAM) {
            body = gapless(body.rows, body.cols);
            // Indices stay zero: nothing else writes where they are.
            body.c = base + 0x80000;
        }
        full.submit(opcode, body);
        none.submit(opcode, body);
    }
    test::run(full, none);
    ASSERT_EQ(full.retired(), 1000u);
    ASSERT_EQ(none.retired(), 1000u);
    ASSERT_EQ(full.observer.spans.size(), none.observer.spans.size());
    for (std::size_t i = 0; i < full.observer.spans.size(); ++i) {
        ASSERT_EQ(full.observer.spans[i].begin, none.observer.spans[i].begin);
        ASSERT_EQ(full.observer.spans[i].end, none.observer.spans[i].end);
    }
    const auto untouched = none.scratchpad.values<std::uint8_t>(base, 1 << 20);
    EXPECT_EQ(untouched, std::vector<std::uint8_t>(1 << 20)) << "timing only moves no data";
}

TEST(VectorUnit, SurvivesRandomDescriptors) {
    test::expect_engines_survive_spoiled_commands<Stand>(
        1337, 300, gapless(16, 16), [](std::mt19937&) { return small_unit(); },
        [](std::mt19937& random) { return all_opcodes[random() % std::size(all_opcodes)]; });
}

} // namespace
} // namespace gradus::ip::vector_unit_test
