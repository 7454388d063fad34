// SPDX-License-Identifier: Apache-2.0
// The vector unit's options: results that leave while operands arrive, fused commands, pipelined units.
#include <cstddef>
#include <gtest/gtest.h>
#include <random>

#include "ip/engine/vector_unit.h"
#include "tests/support/engine_bodies.h"

namespace gradus::ip::vector_unit_panels_test {
namespace {

using Stand = test::EngineStand<VectorUnit, VectorParameters>;
constexpr std::uint64_t base = Stand::scratchpad_base;
using test::gapless;

constexpr std::uint8_t opcodes[] = {VECTOR_ADD,
                                    VECTOR_SUB,
                                    VECTOR_MUL,
                                    VECTOR_MAX,
                                    VECTOR_BLEND,
                                    VECTOR_AFFINE,
                                    VECTOR_EXP,
                                    VECTOR_LOG,
                                    VECTOR_RECIPROCAL,
                                    VECTOR_RSQRT,
                                    VECTOR_RELU,
                                    VECTOR_GELU,
                                    VECTOR_SILU,
                                    VECTOR_CAUSAL_MASK,
                                    VECTOR_RELU_BACKWARD,
                                    VECTOR_GELU_BACKWARD,
                                    VECTOR_SILU_BACKWARD,
                                    VECTOR_ROW_MAX,
                                    VECTOR_ROW_DOT,
                                    VECTOR_ROW_SUM,
                                    VECTOR_PICK,
                                    VECTOR_COLUMN_SUM,
                                    VECTOR_ADAM,
                                    VECTOR_SOFTMAX,
                                    VECTOR_SUBTRACT_ONE_HOT,
                                    VECTOR_RMSNORM,
                                    VECTOR_WINDOW_MASK,
                                    VECTOR_GELU_ERF,
                                    VECTOR_GELU_ERF_BACKWARD,
                                    VECTOR_WINDOW_SOFTMAX,
                                    VECTOR_COLUMN_MAX,
                                    VECTOR_COLUMN_EXP};

/// 4 lanes, 4 cycles of startup, 32 bytes a cycle; it knows all commands.
VectorParameters unit(VectorResults results) {
    VectorParameters parameters;
    parameters.port_bytes = 32;
    parameters.results = results;
    parameters.fused = true;
    parameters.columns = true;
    return parameters;
}

TEST(VectorUnit, StreamedResultsLeaveWhileOperandsArrive) {
    Stand stand("stand", unit(VectorResults::streamed), {}, true);
    stand.submit(VECTOR_ADD, gapless(64, 16));
    test::run(stand);
    // 256 groups. A panel has 16 beats of its first operand: 8 rows, 32 groups, whose two operands take 32 cycles of
    // the port. The last of 8 panels is through after 256 cycles, and its 512 bytes leave in 16.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 256);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 16u);
    std::vector<Picoseconds> writes;
    for (const auto& seen : stand.scratchpad.transactions)
        if (seen.write) writes.push_back(seen.arrival - stand.scratchpad.transactions.front().arrival);
    ASSERT_EQ(writes.size(), 8u);
    for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(writes[i], stand.clock(32 * (i + 1)));
}

TEST(VectorUnit, AStreamBoundByThePortTakesTheLongerDirection) {
    VectorParameters parameters = unit(VectorResults::streamed);
    parameters.lanes = 64;
    Stand stand("stand", parameters, {}, true);
    stand.submit(VECTOR_ADD, gapless(64, 64));
    test::run(stand);
    // 64 groups, but 32 KiB of operands, 1024 cycles. Panels of 2 rows: the last 512 bytes of results take 16 cycles
    // more.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 64);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), (1024u - 64) + 16);
}

TEST(VectorUnit, APipelinesLatencyIsSeenOnceHoweverResultsLeave) {
    for (const VectorResults results : {VectorResults::after, VectorResults::streamed}) {
        VectorParameters parameters = unit(results);
        parameters.simple_latency = 9;
        const VectorTime time = time_vector(VECTOR_ADD, gapless(64, 16), parameters);
        EXPECT_EQ(time.work, 256u);
        EXPECT_EQ(time.latency, 8u);
    }
    VectorParameters parameters = unit(VectorResults::streamed);
    parameters.simple_latency = 9;
    Stand stand("stand", parameters, {}, true);
    stand.submit(VECTOR_ADD, gapless(64, 16));
    test::run(stand);
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 256 + 8);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 16u);
}

TEST(VectorUnit, ARowThatStandsForAllIsReadOnce) {
    Stand stand("stand", unit(VectorResults::streamed), {}, true);
    vector_body body = gapless(64, 16);
    body.b_pitch = 0;
    const std::vector<float> gains{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    const std::vector<float> ones(64 * 16, 1.0F);
    stand.scratchpad.load(body.a, ones.data(), ones.size() * 4);
    stand.scratchpad.load(body.b, gains.data(), 64);
    stand.submit(VECTOR_MUL, body);
    test::run(stand);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_read, 64u * 64 + 64);
    for (std::uint64_t row = 0; row < 64; ++row)
        EXPECT_EQ(stand.scratchpad.values<float>(base + row * 64, 16), gains);
}

TEST(VectorUnit, AFusedSoftmaxSavesTheWayThroughTheScratchpad) {
    Stand stand("stand", unit(VectorResults::after), {}, true);
    vector_body body = gapless(16, 16);
    body.u.softmax = {0.5F, 16, 0};
    stand.submit(VECTOR_SOFTMAX, body);
    test::run(stand);
    // 64 groups of 6 simple steps and an exponential of 4 cycles; 16 rows with two trees of two levels and a
    // reciprocal.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 64 * 10 + 16 * (4 + 4));
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_read, 1024u) << "once in";
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_written, 1024u) << "once out";
}

TEST(VectorUnit, RefusesFusedCommandsItDoesNotHave) {
    Stand fused("fused", VectorParameters{}, {}, true), columns("columns", VectorParameters{}, {}, true);
    fused.submit(VECTOR_SOFTMAX, gapless(4, 4));
    columns.submit(VECTOR_COLUMN_MAX, gapless(4, 4));
    test::run(fused, columns);
    for (const Stand* stand : {&fused, &columns}) {
        ASSERT_EQ(stand->observer.halts.size(), 1u);
        EXPECT_EQ(stand->observer.halts[0].error, QUEUE_ERROR_OPCODE);
        EXPECT_EQ(stand->observer.halts[0].field, 0u);
    }
}

TEST(VectorUnit, ExponentialsOfColumnsPassThroughThePortOnce) {
    vector_body body = gapless(64, 16);
    body.b_pitch = 0;
    body.c = base + 0x8000;
    Stand after("after", unit(VectorResults::after), {}, true),
        streamed("streamed", unit(VectorResults::streamed), {}, true);
    for (Stand* stand : {&after, &streamed})
        stand->submit(VECTOR_COLUMN_EXP, body);
    test::run(after, streamed);
    // 256 groups of 2 simple steps and an exponential of 4 cycles. All at once, 4096 + 64 bytes leave afterwards in 130
    // cycles; else the last of 8 panels, 512 bytes, and the sums.
    EXPECT_EQ(after.last_cycles(Activity::busy), 4u + 256 * 6);
    EXPECT_EQ(after.last_cycles(Activity::stall_memory), 130u);
    EXPECT_EQ(streamed.last_cycles(Activity::busy), 4u + 256 * 6);
    EXPECT_EQ(streamed.last_cycles(Activity::stall_memory), 18u);
    for (const Stand* stand : {&after, &streamed}) {
        EXPECT_EQ(stand->observer.works.at(0).scratchpad_read, 4096u + 64) << "the tile and a row";
        EXPECT_EQ(stand->observer.works.at(0).scratchpad_written, 4096u + 64) << "the tile and the sums";
    }
}

TEST(VectorUnit, AMaximumOfColumnsReadsOnceAndWritesARow) {
    Stand stand("stand", unit(VectorResults::streamed), {}, true);
    stand.submit(VECTOR_COLUMN_MAX, gapless(64, 16));
    test::run(stand);
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 256);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 2u);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_read, 4096u);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_written, 64u);
}

std::vector<float> numbers(std::mt19937& random, std::size_t count) {
    std::normal_distribution<float> normal(0, 3);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

/// The commands of a softmax as the firmware composes it; its row values stand at `row_values`.
void submit_composed_softmax(Stand& stand, const vector_body& body, std::uint64_t row_values) {
    const auto& s = body.u.softmax;
    vector_body tile = body;
    tile.u.softmax = {};
    tile.u.scalar[0] = s.scale;
    stand.submit(VECTOR_AFFINE, tile);
    tile.a = body.dst;
    tile.a_pitch = body.dst_pitch;
    if (s.period) {
        // Row i hides columns above (first_row + i) mod period, row by row.
        for (std::uint32_t row = 0; row < body.rows; ++row) {
            const std::uint32_t visible = (s.first_row + row) % s.period + 1;
            if (visible >= body.cols) continue;
            vector_body hidden = tile;
            hidden.rows = 1;
            hidden.cols = body.cols - visible;
            hidden.dst = hidden.a = body.dst + row * body.dst_pitch + visible * 4;
            hidden.u.scalar[0] = 0;
            hidden.u.scalar[1] = VECTOR_SOFTMAX_HIDDEN;
            stand.submit(VECTOR_AFFINE, hidden);
        }
    }
    vector_body reduced = tile;
    reduced.dst = row_values;
    vector_body by_row = tile;
    by_row.b = row_values;
    by_row.b_mode = VECTOR_B_COLUMN;
    vector_body values = gapless(1, body.rows);
    values.dst = values.a = row_values;
    stand.submit(VECTOR_ROW_MAX, reduced);
    stand.submit(VECTOR_SUB, by_row);
    stand.submit(VECTOR_EXP, tile);
    stand.submit(VECTOR_ROW_SUM, reduced);
    stand.submit(VECTOR_RECIPROCAL, values);
    stand.submit(VECTOR_MUL, by_row);
}

/// Units with a command for several others, and one that does them one after the other.
struct Units {
    Stand after{"after", unit(VectorResults::after), {}, true};
    Stand streamed{"streamed", unit(VectorResults::streamed), {}, true};
    Stand composed{"composed", unit(VectorResults::after), {}, true};

    void load(std::uint64_t address, const std::vector<float>& values) {
        for (Stand* stand : {&after, &streamed, &composed})
            stand->scratchpad.load(address, values.data(), values.size() * 4);
    }
    /// Everything that they leave in the scratchpad is the same.
    void run_and_compare(std::uint32_t commands) {
        test::run(after, streamed, composed);
        ASSERT_EQ(after.retired(), commands);
        ASSERT_EQ(streamed.retired(), commands);
        const auto expected = composed.scratchpad.values<std::uint32_t>(base, 0xc0000 / 4);
        EXPECT_TRUE(after.scratchpad.values<std::uint32_t>(base, 0xc0000 / 4) == expected);
        EXPECT_TRUE(streamed.scratchpad.values<std::uint32_t>(base, 0xc0000 / 4) == expected);
    }
};

TEST(VectorUnit, AFusedSoftmaxIsTheComposedOneBitForBit) {
    const unsigned seed = 2718;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    Units units;
    std::uint64_t place = base;
    std::vector<vector_body> bodies;
    for (int i = 0; i < 60; ++i) {
        vector_body body = gapless(1 + random() % 30, 1 + random() % 40);
        body.a = place;
        body.a_pitch += random() % 3 * 4;
        body.dst = random() % 3 ? place + 0x60000 : body.a;
        body.dst_pitch = body.dst == body.a ? body.a_pitch : body.dst_pitch + random() % 3 * 4;
        // Any scale but 1, which the composed one passes by; the pieces above make no exception for it.
        body.u.softmax = {0.25F + static_cast<float>(random() % 3), static_cast<std::uint32_t>(random() % 40), 0};
        if (body.u.softmax.period) body.u.softmax.first_row = random() % body.u.softmax.period;
        const auto x = numbers(random, (body.a_pitch / 4) * std::size_t{body.rows});
        units.load(body.a, x);
        units.after.submit(VECTOR_SOFTMAX, body);
        units.streamed.submit(VECTOR_SOFTMAX, body);
        submit_composed_softmax(units.composed, body, base + 0xc0000);
        bodies.push_back(body);
        place += 0x1000 + 0x400;
    }
    units.run_and_compare(60);
    const auto row = units.after.scratchpad.values<float>(bodies[0].dst, bodies[0].cols);
    double sum = 0;
    for (const float value : row)
        sum += value;
    EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(VectorUnit, AFusedNormIsTheComposedOneBitForBit) {
    const unsigned seed = 3141;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    Units units;
    std::uint64_t place = base;
    for (int i = 0; i < 60; ++i) {
        vector_body body = gapless(1 + random() % 30, 1 + random() % 40);
        body.a = place;
        body.dst = random() % 3 ? place + 0x60000 : body.a;
        body.c = place + 0x1400;
        body.u.scalar[0] = 1.0F / static_cast<float>(body.cols);
        body.u.scalar[1] = 1e-5F;
        const auto x = numbers(random, std::size_t{body.cols} * body.rows);
        units.load(body.a, x);
        units.after.submit(VECTOR_RMSNORM, body);
        units.streamed.submit(VECTOR_RMSNORM, body);

        vector_body dot = body;
        dot.dst = body.c;
        dot.b = body.a;
        units.composed.submit(VECTOR_ROW_DOT, dot);
        vector_body values = gapless(1, body.rows);
        values.dst = values.a = body.c;
        values.u = body.u;
        units.composed.submit(VECTOR_AFFINE, values);
        units.composed.submit(VECTOR_RSQRT, values);
        vector_body scaled = body;
        scaled.b = body.c;
        scaled.b_mode = VECTOR_B_COLUMN;
        units.composed.submit(VECTOR_MUL, scaled);
        place += 0x1400 + 0x80;
    }
    units.run_and_compare(60);
}

TEST(VectorUnit, ASoftmaxOfColumnsIsTheComposedOneBitForBit) {
    const unsigned seed = 1618;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    Units units;
    std::uint64_t place = base;
    for (int i = 0; i < 60; ++i) {
        vector_body body = gapless(1 + random() % 30, 1 + random() % 40);
        body.a = place;
        body.dst = random() % 3 ? place + 0x60000 : body.a;
        body.b = place + 0x1400;
        body.b_pitch = 0;
        body.c = place + 0x1500;
        const auto x = numbers(random, std::size_t{body.cols} * body.rows);
        units.load(body.a, x);
        vector_body row = body;
        row.dst = body.b;
        for (Stand* stand : {&units.after, &units.streamed}) {
            stand->submit(VECTOR_COLUMN_MAX, row);
            stand->submit(VECTOR_COLUMN_EXP, body);
        }
        // Row by row, as any order gives the same maximum.
        vector_body next = gapless(1, body.cols);
        next.dst = next.a = body.b;
        next.b = body.a;
        vector_body first = next;
        first.a = body.a;
        first.u.scalar[0] = 1;
        units.composed.submit(VECTOR_AFFINE, first);
        for (std::uint32_t r = 1; r < body.rows; ++r) {
            next.b += body.a_pitch;
            units.composed.submit(VECTOR_MAX, next);
        }
        units.composed.submit(VECTOR_SUB, body);
        vector_body tile = body;
        tile.a = body.dst;
        units.composed.submit(VECTOR_EXP, tile);
        tile.dst = body.c;
        units.composed.submit(VECTOR_COLUMN_SUM, tile);
        place += 0x1400 + 0x200;
    }
    units.run_and_compare(120);
}

VectorParameters random_unit(std::mt19937& random) {
    VectorParameters parameters = unit(static_cast<VectorResults>(random() % 2));
    parameters.lanes = 1 + random() % 20;
    parameters.port_bytes = 4u << random() % 5;
    parameters.simple_latency = 1 + random() % 5;
    parameters.exp_interval = 1 + random() % 6;
    parameters.exp_latency = 1 + random() % 9;
    parameters.multiply_adders = 1 + random() % 3;
    parameters.tree = static_cast<ReductionTree>(random() % 2);
    return parameters;
}

struct Command {
    std::uint8_t opcode;
    vector_body body;
};

/// Commands that keep out of each other's way: indices and moments stay as they are loaded.
Command random_command(std::mt19937& random) {
    const auto size = [&] { return static_cast<std::uint32_t>(1 + random() % (random() % 3 ? 20 : 100)); };
    Command command{opcodes[random() % std::size(opcodes)], gapless(size(), size())};
    vector_body& body = command.body;
    if (random() % 3 == 0) body.cols *= body.rows, body.rows = 1;
    body.dst_pitch = body.a_pitch = body.b_pitch = body.cols * 4;
    body.u.indexed.index_limit = body.cols;
    if (command.opcode == VECTOR_SOFTMAX) body.u.softmax = {1.0F, static_cast<std::uint32_t>(random() % 30), 0};
    if (command.opcode == VECTOR_WINDOW_MASK || command.opcode == VECTOR_WINDOW_SOFTMAX)
        body.u.window = {1.0F, 1 + static_cast<std::uint32_t>(random() % 30),
                         1 + static_cast<std::uint32_t>(random() % 30), static_cast<std::uint32_t>(random() % 30),
                         static_cast<std::uint32_t>(random() % 5)};
    if (command.opcode == VECTOR_ADAM || command.opcode == VECTOR_RMSNORM) {
        body.c = base + 0x80000;
        return command;
    }
    if (command.opcode == VECTOR_COLUMN_EXP) {
        body.c = base + 0x80000;
        body.b_pitch = 0;
        return command;
    }
    const auto pitch = [&] { return static_cast<std::uint32_t>((body.cols + (random() % 2 ? random() % 5 : 0)) * 4); };
    body.dst_pitch = pitch();
    body.a_pitch = random() % 8 ? pitch() : 0;
    body.b_pitch = random() % 8 ? pitch() : 0;
    body.b_mode = random() % 2;
    return command;
}

// Time of a unit = startup and lanes + stalls; the same with and without data; and numbers are the same on every unit.
TEST(VectorUnit, EveryMomentIsBusyOrStalledAndNumbersDoNotDependOnTheUnit) {
    const unsigned seed = 813;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::vector<Command> commands;
    for (int i = 0; i < 120; ++i)
        commands.push_back(random_command(random));
    struct Pair {
        VectorParameters parameters;
        std::unique_ptr<Stand> full, none;
    };
    std::vector<Pair> pairs;
    const auto x = numbers(random, 0x60000 / 4);
    for (int i = 0; i < 30; ++i) {
        const VectorParameters parameters = random_unit(random);
        const test::StubTiming timing{random() % 2 ? 16u : 0u, random() % 4, random() % 4 == 0};
        const auto stand = [&](bool data) {
            auto made = std::make_unique<Stand>(sc_core::sc_gen_unique_name("stand"), parameters, timing, data);
            made->scratchpad.load(base, x.data(), x.size() * 4);
            for (const Command& command : commands)
                made->submit(command.opcode, command.body);
            return made;
        };
        pairs.push_back({parameters, stand(true), stand(false)});
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (Pair& pair : pairs)
        pair.full->ring_doorbell(), pair.none->ring_doorbell();
    sc_core::sc_start();
    const auto expected = pairs.front().full->scratchpad.values<std::uint32_t>(base, (1 << 20) / 4);
    for (const Pair& pair : pairs) {
        ASSERT_EQ(pair.full->retired(), commands.size());
        ASSERT_TRUE(pair.full->scratchpad.values<std::uint32_t>(base, (1 << 20) / 4) == expected);
        const auto& spans = pair.full->observer.spans;
        ASSERT_EQ(spans.size(), pair.none->observer.spans.size());
        Picoseconds last_end = 0, busy = 0, all = 0;
        for (std::size_t i = 0; i < spans.size(); ++i) {
            ASSERT_EQ(spans[i].begin, pair.none->observer.spans[i].begin);
            ASSERT_EQ(spans[i].end, pair.none->observer.spans[i].end);
            ASSERT_GE(spans[i].begin, last_end);
            last_end = spans[i].end;
        }
        for (const Command& command : commands) {
            const VectorTime time = time_vector(command.opcode, command.body, pair.parameters);
            busy += pair.full->clock(pair.parameters.startup_cycles + time.work + time.latency);
        }
        ASSERT_EQ(pair.full->observer.total(Activity::busy), busy);
        for (const Activity activity :
             {Activity::busy, Activity::stall_memory, Activity::stall_fetch, Activity::stall_fence})
            all += pair.full->observer.total(activity);
        ASSERT_EQ(all, last_end - spans.front().begin);
    }
}

} // namespace
} // namespace gradus::ip::vector_unit_panels_test
