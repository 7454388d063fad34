// SPDX-License-Identifier: Apache-2.0
// The matrix unit with other arrays than serial output-stationary ones.
#include <cstddef>
#include <gtest/gtest.h>
#include <random>

#include "ip/engine/matrix_unit.h"
#include "tests/support/engine_bodies.h"
#include "tests/support/spoiled_commands.h"

namespace gradus::ip::matrix_unit_dataflow_test {
namespace {

using Stand = test::EngineStand<MatrixUnit, MatrixParameters>;
constexpr std::uint64_t base = Stand::scratchpad_base;
using test::gapless;

constexpr Dataflow dataflows[] = {Dataflow::output, Dataflow::weight, Dataflow::input, Dataflow::dot};

/// 4 x 4 cells, 4 cycles of startup, 32 bytes a cycle.
MatrixParameters array(Dataflow dataflow, FoldChaining folds = FoldChaining::serial) {
    MatrixParameters parameters;
    parameters.dataflow = dataflow;
    parameters.folds = folds;
    return parameters;
}

TEST(MatrixUnit, AWeightStationaryArrayReadsItsWeightsOnce) {
    Stand stand("stand", array(Dataflow::weight), {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 16, 16));
    test::run(stand);
    // 4 x 4 folds: 4 cycles to load the weights, 16 rows of A, and 3 + 3 until the last sum is out.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 16 * 26);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 32u) << "the result's 1 KiB";
    // A's 1 KiB streams through for each of four column folds.
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_read, 4u * 1024 + 1024);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_written, 1024u);
}

TEST(MatrixUnit, PartialSumsTravelBesideTheComputation) {
    MatrixParameters parameters = array(Dataflow::weight);
    parameters.accumulators = 8;
    Stand stand("stand", parameters, {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 16, 16));
    test::run(stand);
    // 8 rows of 16 sums go out and come back three times. The port has time for that.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 16 * 26);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 32u);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_read, 4u * 1024 + 1024 + 3 * 512);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_written, 1024u + 3 * 512);
}

TEST(MatrixUnit, PartialSumsThatThePortHasNoTimeForStallTheArray) {
    MatrixParameters parameters = array(Dataflow::weight);
    parameters.port_bytes = 8;
    parameters.accumulators = 8;
    Stand stand("stand", parameters, {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 16, 16));
    test::run(stand);
    // 5 KiB of operands and 1.5 KiB of sums at 8 bytes a cycle: 832 cycles against 416; the result takes 128.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 416);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), (832u - 416) + 128);
}

TEST(MatrixUnit, AnOperandStoredTheOtherWayRoundTakesItsTime) {
    MatrixParameters parameters = array(Dataflow::output);
    parameters.transposed_beat = 4;
    Stand stand("stand", parameters, {}, true);
    matrix_body body = gapless(16, 16, 16);
    body.mode = MATRIX_TRANSPOSE_B;
    stand.submit(MATRIX_MULTIPLY, body);
    test::run(stand);
    // A and B cross the port four times, 32 beats each time; those of B take 4 cycles: 128 + 512 against 352.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 352);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), (640u - 352) + 32);
}

TEST(MatrixUnit, ADotProductUnitReadsARowOfAOnce) {
    Stand stand("stand", array(Dataflow::dot), {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 16, 16));
    test::run(stand);
    // Four rows at a time: 16 columns of 4 lane-fulls each, and a pipeline of 4. B passes for each.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 4 * (64 + 4));
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_read, 1024u + 4 * 1024);
}

TEST(MatrixUnit, OverlappedFoldsHideAllButTheFirstOperandsAndTheLastResults) {
    Stand stand("stand", array(Dataflow::output, FoldChaining::overlapped), {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 16, 16));
    test::run(stand);
    // 16 folds of 16 terms follow each other, and 6 cycles until the last is out. Each panel of 4 rows needs 2 KiB of
    // operands, 64 cycles of the port, while the one before is computed for 64 cycles.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 16 * 16 + 6);
    // Only the last panel's 256 bytes are still to be written.
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 8u);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_read, 8192u);
    EXPECT_EQ(stand.observer.works.at(0).scratchpad_written, 1024u);
    // Panels are done after 64 + 6 cycles, and then every 64.
    std::vector<Picoseconds> writes;
    for (const auto& seen : stand.scratchpad.transactions)
        if (seen.write) writes.push_back(seen.arrival - stand.scratchpad.transactions.front().arrival);
    EXPECT_EQ(writes,
              (std::vector<Picoseconds>{stand.clock(70), stand.clock(134), stand.clock(198), stand.clock(262)}));
}

TEST(MatrixUnit, OverlappedPanelsWaitForTheirOperands) {
    MatrixParameters parameters = array(Dataflow::output, FoldChaining::overlapped);
    parameters.port_bytes = 16;
    Stand stand("stand", parameters, {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 16, 16));
    test::run(stand);
    // 2 KiB a panel are 128 cycles now: the array is done with the last panel when its last operand is there, after 512
    // cycles, and 16 cycles later it is written.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 262);
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), (512u - 262) + 16);
}

TEST(MatrixUnit, OverlappedPanelsWaitForAnAccumulatorToWriteFrom) {
    MatrixParameters parameters = array(Dataflow::output, FoldChaining::overlapped);
    parameters.port_bytes = 4;
    Stand stand("stand", parameters, {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(12, 64, 1));
    test::run(stand);
    // One term: 16 folds of 4 cycles a panel. A panel's results are 1 KiB, 256 cycles at 4 bytes a cycle; its operands
    // (4 elements of A sixteen times, 64 of B) are 512 bytes, 128 cycles. Panel 0 is done when its operands are, at
    // 128. Panel 1 at 256, panel 2 could be at 384, but begins when panel 0 has left the accumulators, at 128 + 256 =
    // 384, and takes its 64 cycles. Panel 1 leaves from 384 to 640, panel 2 until 896.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 47 * 4 + 1 + 6);
    EXPECT_EQ(stand.last_cycles(Activity::busy) + stand.last_cycles(Activity::stall_memory), 4u + 896);
}

TEST(MatrixUnit, AWeightStationaryPanelIsColumnsOfC) {
    Stand stand("stand", array(Dataflow::weight, FoldChaining::overlapped), {}, true);
    stand.submit(MATRIX_MULTIPLY, gapless(16, 8, 8));
    test::run(stand);
    // Two panels of two folds of 16 rows of A each, all but the first weights behind other operands.
    EXPECT_EQ(stand.last_cycles(Activity::busy), 4u + 4 + 4 * 16 + 6);
    std::vector<std::uint64_t> first_writes;
    for (const auto& seen : stand.scratchpad.transactions) {
        if (!seen.write) continue;
        EXPECT_EQ(seen.bytes, 16u) << "four columns of a row";
        if (first_writes.size() < 2) first_writes.push_back(seen.address - (base + 0x40000));
    }
    EXPECT_EQ(first_writes, (std::vector<std::uint64_t>{0, 32}));
    EXPECT_EQ(stand.last_cycles(Activity::stall_memory), 16u) << "16 rows of the last panel, a beat each";
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

MatrixParameters random_array(std::mt19937& random) {
    MatrixParameters parameters = array(dataflows[random() % 4], static_cast<FoldChaining>(random() % 2));
    parameters.edge_folds = static_cast<EdgeFolds>(random() % 2);
    parameters.rows = 1 + random() % 12;
    parameters.cols = 1 + random() % 12;
    parameters.port_bytes = 4u << random() % 5;
    parameters.accumulators = 1 + random() % 60;
    parameters.transposed_beat = 1 + random() % 3;
    return parameters;
}

/// What is in A, B, C and the bias before each test: small numbers in both formats, so that no product is a NaN.
void fill(Stand& stand) {
    std::vector<std::uint32_t> words(0x80000 / 4);
    std::mt19937 random(3);
    for (std::uint32_t& word : words)
        word = 0x3c003c00u | (random() & 0x83ff83ffu);
    stand.scratchpad.load(base, words.data(), words.size() * 4);
}

TEST(MatrixUnit, NumbersDoNotDependOnTheArray) {
    const unsigned seed = 811;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::vector<std::unique_ptr<Stand>> stands;
    stands.push_back(std::make_unique<Stand>("reference", array(Dataflow::output), test::StubTiming{}, true));
    for (int i = 0; i < 40; ++i) {
        const test::StubTiming timing{random() % 2 ? 16u : 0u, random() % 4, random() % 4 == 0};
        stands.push_back(
            std::make_unique<Stand>(sc_core::sc_gen_unique_name("stand"), random_array(random), timing, true));
    }
    for (auto& stand : stands)
        fill(*stand);
    for (int i = 0; i < 60; ++i) {
        const matrix_body body = random_body(random);
        for (auto& stand : stands)
            stand->submit(MATRIX_MULTIPLY, body);
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (auto& stand : stands)
        stand->ring_doorbell();
    sc_core::sc_start();
    const auto expected = stands.front()->scratchpad.values<std::uint32_t>(base, 0x80000 / 4);
    for (auto& stand : stands) {
        ASSERT_EQ(stand->retired(), 60u);
        ASSERT_TRUE(stand->scratchpad.values<std::uint32_t>(base, 0x80000 / 4) == expected);
    }
}

// Time of a unit = startup and cycles of its arrays + stalls, and no moment belongs to two spans; with and without
// data.
TEST(MatrixUnit, EveryMomentIsBusyOrStalledWithAndWithoutData) {
    const unsigned seed = 812;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    struct Pair {
        MatrixParameters parameters;
        std::unique_ptr<Stand> full, none;
    };
    std::vector<Pair> pairs;
    std::vector<matrix_body> bodies;
    for (int i = 0; i < 40; ++i)
        bodies.push_back(random_body(random));
    for (int i = 0; i < 40; ++i) {
        const MatrixParameters parameters = random_array(random);
        const test::StubTiming timing{random() % 2 ? 16u : 0u, random() % 4, random() % 4 == 0};
        const auto stand = [&](bool data) {
            auto made = std::make_unique<Stand>(sc_core::sc_gen_unique_name("stand"), parameters, timing, data);
            for (const matrix_body& body : bodies)
                made->submit(MATRIX_MULTIPLY, body);
            return made;
        };
        pairs.push_back({parameters, stand(true), stand(false)});
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (Pair& pair : pairs)
        pair.full->ring_doorbell(), pair.none->ring_doorbell();
    sc_core::sc_start();
    for (const Pair& pair : pairs) {
        ASSERT_EQ(pair.full->retired(), bodies.size());
        const auto& spans = pair.full->observer.spans;
        ASSERT_EQ(spans.size(), pair.none->observer.spans.size());
        Picoseconds last_end = 0, expected = 0;
        for (std::size_t i = 0; i < spans.size(); ++i) {
            ASSERT_EQ(spans[i].begin, pair.none->observer.spans[i].begin);
            ASSERT_EQ(spans[i].end, pair.none->observer.spans[i].end);
            ASSERT_GE(spans[i].begin, last_end);
            last_end = spans[i].end;
        }
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            const MatrixPlan plan = plan_matrix(bodies[i], pair.parameters);
            expected += pair.full->clock(pair.parameters.startup_cycles + plan.folds.cycles());
            EXPECT_EQ(pair.full->observer.works[i].scratchpad_read,
                      plan.bytes_read(bodies[i].mode & MATRIX_ACCUMULATE));
            EXPECT_EQ(pair.full->observer.works[i].scratchpad_written, plan.bytes_written());
        }
        ASSERT_EQ(pair.full->observer.total(Activity::busy), expected);
        // From the first span on, nothing is left over but the issue of descriptors, which is a fetch stall.
        Picoseconds all = 0;
        for (const Activity activity :
             {Activity::busy, Activity::stall_memory, Activity::stall_fetch, Activity::stall_fence})
            all += pair.full->observer.total(activity);
        ASSERT_EQ(all, last_end - spans.front().begin);
    }
}

TEST(MatrixUnit, SurvivesRandomDescriptorsOnAnyArray) {
    const auto multiply = [](std::mt19937&) { return MATRIX_MULTIPLY; };
    test::expect_engines_survive_spoiled_commands<Stand>(
        31338, 200, gapless(16, 16, 16), [](std::mt19937& random) { return random_array(random); }, multiply);
}

TEST(MatrixUnit, AResultThatIsRefusedInTheMiddleOfACommandIsNamed) {
    Stand stand("stand", array(Dataflow::output, FoldChaining::overlapped), {}, true);
    matrix_body body = gapless(64, 16, 16);
    body.c = base + (1 << 20) - 1024; // room for 16 of its 64 rows
    stand.submit(MATRIX_MULTIPLY, body);
    test::run(stand);
    ASSERT_EQ(stand.observer.halts.size(), 1u);
    EXPECT_EQ(stand.observer.halts[0].error, QUEUE_ERROR_ADDRESS);
    EXPECT_EQ(stand.observer.halts[0].field, 48 + offsetof(matrix_body, c));
}

} // namespace
} // namespace gradus::ip::matrix_unit_dataflow_test
