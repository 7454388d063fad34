// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <set>

#include "ip/dma/dma_check.h"
#include "ip/dma/dma_data.h"
#include "ip/dma/dma_footprint.h"
#include "ip/dma/dma_plan.h"

namespace gradus::ip::dma_core_test {
namespace {

dma_body copy_of(std::uint32_t rows, std::uint32_t cols) {
    dma_body body{};
    body.src = 0x1000;
    body.dst = 0x8000;
    body.rows = rows;
    body.cols = cols;
    body.src_pitch = cols * 4;
    body.dst_pitch = cols * 4;
    body.index = 0x400;
    body.index_rows = 100;
    return body;
}

std::vector<DmaStep> steps_of(DmaPlan& plan, std::size_t limit = 1000) {
    std::vector<DmaStep> steps;
    while (!plan.done() && steps.size() < limit)
        steps.push_back(plan.next());
    return steps;
}

void expect_error(std::uint8_t opcode, const dma_body& body, std::uint32_t code, std::uint32_t field) {
    const auto error = dma_check(opcode, body);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, code);
    EXPECT_EQ(error->field, field);
}

TEST(DmaCheck, LetsEveryOpcodeThroughInItsPlainForm) {
    for (const std::uint8_t opcode : {DMA_COPY, DMA_GATHER, DMA_SCATTER, DMA_FILL})
        EXPECT_FALSE(dma_check(opcode, copy_of(4, 8))) << int{opcode};
}

TEST(DmaCheck, NamesTheFieldThatIsWrong) {
    dma_body body = copy_of(4, 8);
    expect_error(9, body, QUEUE_ERROR_OPCODE, 0);
    body.rows = 0;
    expect_error(DMA_COPY, body, QUEUE_ERROR_VALUE, 48 + 24);
    body = copy_of(4, 0);
    expect_error(DMA_COPY, body, QUEUE_ERROR_VALUE, 48 + 28);
    body = copy_of(4, 8);
    body.index_rows = 0;
    expect_error(DMA_GATHER, body, QUEUE_ERROR_VALUE, 48 + 40);
    EXPECT_FALSE(dma_check(DMA_COPY, body)) << "a copy has no use for index_rows";
    body = copy_of(4, 8);
    body.src_format = 2;
    expect_error(DMA_COPY, body, QUEUE_ERROR_VALUE, 48 + 48);
    body = copy_of(4, 8);
    body.dst_format = FORMAT_BF16;
    expect_error(DMA_FILL, body, QUEUE_ERROR_VALUE, 48 + 49);
    body.mode = DMA_ACCUMULATE;
    expect_error(DMA_COPY, body, QUEUE_ERROR_VALUE, 48 + 49);
    body = copy_of(4, 8);
    body.mode = 4;
    expect_error(DMA_COPY, body, QUEUE_ERROR_VALUE, 48 + 50);
    body.mode = DMA_TRANSPOSE;
    expect_error(DMA_GATHER, body, QUEUE_ERROR_VALUE, 48 + 50);
    body.mode = DMA_TRANSPOSE | DMA_ACCUMULATE;
    expect_error(DMA_COPY, body, QUEUE_ERROR_VALUE, 48 + 50);
    body = copy_of(4, 8);
    body.reserved[28] = 1;
    expect_error(DMA_COPY, body, QUEUE_ERROR_VALUE, 48 + 79);
}

TEST(DmaCheck, RefusesMisalignedAddresses) {
    dma_body body = copy_of(4, 8);
    body.src += 2;
    expect_error(DMA_COPY, body, QUEUE_ERROR_ADDRESS, 48);
    body.src_format = FORMAT_BF16;
    EXPECT_FALSE(dma_check(DMA_COPY, body)) << "2-byte elements may lie at even addresses";
    body = copy_of(4, 8);
    body.dst += 1;
    expect_error(DMA_COPY, body, QUEUE_ERROR_ADDRESS, 48 + 8);
    body = copy_of(4, 8);
    body.index += 2;
    expect_error(DMA_SCATTER, body, QUEUE_ERROR_ADDRESS, 48 + 16);
    body = copy_of(4, 8);
    body.src_pitch += 1;
    expect_error(DMA_COPY, body, QUEUE_ERROR_ADDRESS, 48 + 32);
    body = copy_of(4, 8);
    body.dst_pitch += 1;
    expect_error(DMA_COPY, body, QUEUE_ERROR_ADDRESS, 48 + 36);
}

TEST(DmaCheck, RefusesShapesThatRunPastTheEndOfTheAddressSpace) {
    const std::uint64_t top = ~std::uint64_t{0};
    dma_body body = copy_of(4, 8); // 128 bytes
    body.src = top - 127;          // ends with the last byte there is
    EXPECT_FALSE(dma_check(DMA_COPY, body));
    body.src += 4;
    expect_error(DMA_COPY, body, QUEUE_ERROR_ADDRESS, 48);
    body = copy_of(0xffff'ffff, 0xffff'ffff);
    body.dst = top - 3;
    body.dst_pitch = 0xffff'fffc;
    expect_error(DMA_FILL, body, QUEUE_ERROR_ADDRESS, 48 + 8);
    body = copy_of(4, 8);
    body.src = top - 127;
    body.index_rows = 5; // one row more than fits
    expect_error(DMA_GATHER, body, QUEUE_ERROR_ADDRESS, 48);
    body = copy_of(4, 8);
    body.index = top - 11; // room for three indices
    expect_error(DMA_GATHER, body, QUEUE_ERROR_ADDRESS, 48 + 16);
    body = copy_of(8, 4);
    body.mode = DMA_TRANSPOSE; // the destination is [4, 8]
    body.dst_pitch = 32;
    body.dst = top - 127;
    EXPECT_FALSE(dma_check(DMA_COPY, body));
}

TEST(DmaPlan, MergesGaplessRowsIntoBursts) {
    DmaPlan plan(DMA_COPY, copy_of(10, 16), 256); // ten rows of 64 bytes are 640 bytes: 256 + 256 + 128
    const auto steps = steps_of(plan);
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[0].elements, 64u);
    EXPECT_EQ(steps[1].read, 0x1100u);
    EXPECT_EQ(steps[1].write, 0x8100u);
    EXPECT_EQ(steps[2].elements, 32u);
}

TEST(DmaPlan, KeepsRowsApartWhenEitherSideHasGaps) {
    dma_body body = copy_of(3, 16);
    body.dst_pitch = 128;
    DmaPlan plan(DMA_COPY, body, 256);
    const auto steps = steps_of(plan);
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[2].read, 0x1080u);
    EXPECT_EQ(steps[2].write, 0x8100u);
}

TEST(DmaPlan, SplitsByTheWiderOfTheTwoFormats) {
    dma_body body = copy_of(1, 128);
    body.dst_format = FORMAT_BF16;
    body.dst_pitch = 256;
    DmaPlan plan(DMA_COPY, body, 256);
    const auto steps = steps_of(plan); // 512 bytes to read, 256 to write: two bursts on both sides
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[1].read, 0x1100u);
    EXPECT_EQ(steps[1].write, 0x8080u);
}

TEST(DmaPlan, ABurstHoldsAtLeastAnElement) {
    DmaPlan plan(DMA_COPY, copy_of(1, 3), 1);
    EXPECT_EQ(steps_of(plan).size(), 3u);
}

TEST(DmaPlan, IsMadeLazilyHoweverLargeTheCommand) {
    DmaPlan fill(DMA_FILL, copy_of(0xffff'ffff, 0x3fff'ffff), 256);
    EXPECT_EQ(steps_of(fill, 5).size(), 5u);
    dma_body body = copy_of(0xffff'ffff, 1);
    DmaPlan gather(DMA_GATHER, body, 256);
    EXPECT_EQ(gather.next().elements, 64u);
    body.mode = DMA_TRANSPOSE;
    body.cols = 0xffff'ffff;
    DmaPlan transposition(DMA_COPY, body, 256);
    EXPECT_EQ(steps_of(transposition, 200).size(), 200u);
}

TEST(DmaPlan, GatherReadsABurstOfIndicesAndThenItsRows) {
    dma_body body = copy_of(3, 8);
    DmaPlan plan(DMA_GATHER, body, 8); // bursts of two elements, or of two indices
    EXPECT_TRUE(plan.next_needs_quiet());
    const DmaStep first = plan.next();
    EXPECT_EQ(first.kind, DmaStep::Kind::read_indices);
    EXPECT_EQ(first.read, 0x400u);
    EXPECT_EQ(first.elements, 2u);
    plan.indices()[0] = 7;
    plan.indices()[1] = 99;
    EXPECT_TRUE(plan.next_needs_quiet()) << "the rows wait for their indices";
    EXPECT_EQ(plan.next().read, 0x1000u + 7 * 32);
    EXPECT_FALSE(plan.next_needs_quiet()) << "the rows do not wait for each other";
    for (int i = 0; i < 3; ++i)
        plan.next();
    const DmaStep row = plan.next();
    EXPECT_EQ(row.read, 0x1000u + 99 * 32);
    EXPECT_EQ(row.write, 0x8020u);
    for (int i = 0; i < 3; ++i)
        plan.next();
    const DmaStep second = plan.next();
    EXPECT_EQ(second.kind, DmaStep::Kind::read_indices);
    EXPECT_EQ(second.read, 0x408u);
    EXPECT_EQ(second.elements, 1u);
    plan.indices()[0] = 100;
    EXPECT_EQ(plan.next().kind, DmaStep::Kind::bad_index);
    EXPECT_TRUE(plan.done());
}

TEST(DmaPlan, AccumulationGoesOneBurstAtATime) {
    dma_body body = copy_of(2, 64);
    body.mode = DMA_ACCUMULATE;
    DmaPlan plan(DMA_COPY, body, 256);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(plan.next_needs_quiet());
        EXPECT_EQ(plan.next().kind, DmaStep::Kind::accumulate);
    }
    EXPECT_TRUE(plan.done());
}

TEST(DmaPlan, TransposesBlockByBlock) {
    dma_body body = copy_of(70, 3);
    body.mode = DMA_TRANSPOSE;
    body.dst_pitch = 280;
    DmaPlan plan(DMA_COPY, body, 256);
    const auto steps = steps_of(plan);
    // Block 0: 64 rows of 3 in, 3 rows of 64 out. Block 1: 6 rows of 3 in, 3 rows of 6 out.
    ASSERT_EQ(steps.size(), 64u + 3 + 6 + 3);
    EXPECT_EQ(steps[63].kind, DmaStep::Kind::read_block_row);
    EXPECT_EQ(steps[64].kind, DmaStep::Kind::write_block_row);
    EXPECT_EQ(steps[64].elements, 64u);
    EXPECT_EQ(steps[66].write, 0x8000u + 2 * 280);
    EXPECT_EQ(steps[67].read, 0x1000u + 64 * 12);
    EXPECT_EQ(steps[75].write, 0x8000u + 2 * 280 + 64 * 4);
    EXPECT_EQ(steps[75].elements, 6u);
}

TEST(DmaPlan, SplitsRowsOfABlockAtBoundaries) {
    dma_body body = copy_of(2, 24);
    body.mode = DMA_TRANSPOSE;
    body.src = 0x1030; // the first row crosses 0x1040 and 0x1080, the second 0x10c0
    body.src_pitch = 96;
    body.dst = 0x803c; // every row of two elements crosses a boundary
    body.dst_pitch = 64;
    DmaPlan plan(DMA_COPY, body, 256, 64);
    const auto steps = steps_of(plan);
    ASSERT_EQ(steps.size(), 3u + 2 + 24 * 2);
    const std::uint32_t lengths[] = {4, 16, 4, 12, 12};
    const std::uint32_t offsets[] = {0, 4, 20, 0, 12};
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(steps[i].elements, lengths[i]) << i;
        EXPECT_EQ(steps[i].block_offset, offsets[i]) << i;
    }
    EXPECT_EQ(steps[5].write, 0x803cu);
    EXPECT_EQ(steps[6].write, 0x8040u);
    EXPECT_EQ(steps[6].block_offset, 1u);
    EXPECT_EQ(steps[7].block_row, 1u);
}

TEST(DmaPlan, SaysWhichStepsBeginARow) {
    dma_body body = copy_of(3, 100);
    body.src_pitch = 1000;
    DmaPlan plan(DMA_COPY, body, 256);
    std::vector<bool> begins;
    for (const DmaStep& step : steps_of(plan))
        begins.push_back(step.new_row);
    EXPECT_THAT(begins, ::testing::ElementsAre(false, false, true, false, true, false)) << "the setup is for the first";
}

TEST(DmaFootprint, DependsOnWhatIsWrittenThere) {
    const DmaFootprint copy(DMA_COPY, copy_of(4, 8)); // 0x1000 to 0x107f, to 0x8000 and on
    dma_body body = copy_of(1, 1);
    const auto depends = [&](std::uint8_t opcode, std::uint64_t src, std::uint64_t dst) {
        body.src = src;
        body.dst = dst;
        return DmaFootprint(opcode, body).depends_on(copy);
    };
    EXPECT_TRUE(depends(DMA_COPY, 0x807c, 0x9000)) << "it reads the last element that is written";
    EXPECT_FALSE(depends(DMA_COPY, 0x8080, 0x9000));
    EXPECT_FALSE(depends(DMA_COPY, 0x1000, 0x9000)) << "both read it";
    EXPECT_TRUE(depends(DMA_COPY, 0x2000, 0x107c)) << "it writes the last element that is read";
    EXPECT_FALSE(depends(DMA_COPY, 0x2000, 0x1080));
    EXPECT_TRUE(depends(DMA_COPY, 0x2000, 0x8000)) << "both write it";
    EXPECT_FALSE(depends(DMA_FILL, 0x8000, 0x9000)) << "a fill has no source";
    body.index = 0x8000;
    EXPECT_TRUE(depends(DMA_GATHER, 0x2000, 0x9000)) << "it reads its indices there";
    body.index = 0x400;
    EXPECT_TRUE(depends(DMA_GATHER, 0x8000 - 99 * 4, 0x9000)) << "the last row that an index may name";
    EXPECT_FALSE(depends(DMA_GATHER, 0x8000 - 100 * 4, 0x9000));
}

TEST(DmaFootprint, HoldsUpToTheEndOfTheAddressSpace) {
    dma_body top = copy_of(1, 1);
    top.dst = ~std::uint64_t{0} - 3;
    const DmaFootprint footprint(DMA_COPY, top);
    EXPECT_EQ(footprint.destination.last, ~std::uint64_t{0});
    EXPECT_TRUE(footprint.depends_on(footprint));
}

TEST(DmaPlan, TouchesEveryElementExactlyOnceOnBothSidesWithinBurstsAndBoundaries) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 300; ++round) {
        dma_body body = copy_of(1 + random() % 90, 1 + random() % 90);
        body.src_format = random() % 2;
        body.dst_format = random() % 2;
        body.mode = random() % 2 ? DMA_TRANSPOSE : 0;
        const Bytes in = element_bytes(body.src_format), out = element_bytes(body.dst_format);
        body.src_pitch = static_cast<std::uint32_t>(in * (body.cols + random() % 2 * 3));
        body.dst_pitch = static_cast<std::uint32_t>(out * ((body.mode ? body.rows : body.cols) + random() % 2 * 5));
        const Bytes burst = 1 + random() % 300;
        std::multiset<std::uint64_t> reads, writes, all_reads, all_writes;
        for (std::uint64_t row = 0; row < body.rows; ++row)
            for (std::uint64_t col = 0; col < body.cols; ++col) {
                all_reads.insert(body.src + row * body.src_pitch + col * in);
                all_writes.insert(body.dst + (body.mode ? col : row) * body.dst_pitch + (body.mode ? row : col) * out);
            }
        const Bytes align = random() % 2 ? Bytes{4} << random() % 7 : 0;
        const auto crosses = [align](std::uint64_t address, Bytes bytes) {
            return align && address / align != (address + bytes - 1) / align;
        };
        DmaPlan plan(DMA_COPY, body, burst, align);
        while (!plan.done()) {
            const DmaStep step = plan.next();
            ASSERT_GE(step.elements, 1u);
            if (step.elements > 1) {
                ASSERT_LE(step.elements * std::max(in, out), burst);
            }
            ASSERT_FALSE(step.kind != DmaStep::Kind::write_block_row && crosses(step.read, step.elements * in));
            ASSERT_FALSE(step.kind != DmaStep::Kind::read_block_row && crosses(step.write, step.elements * out));
            for (std::uint32_t i = 0; i < step.elements; ++i) {
                if (step.kind != DmaStep::Kind::write_block_row) reads.insert(step.read + i * in);
                if (step.kind != DmaStep::Kind::read_block_row) writes.insert(step.write + i * out);
            }
        }
        ASSERT_EQ(reads, all_reads) << "round " << round;
        ASSERT_EQ(writes, all_writes) << "round " << round;
    }
}

TEST(DmaData, NarrowingRoundsToNearestEvenAndWideningIsExact) {
    // 1 + 2^-8 lies halfway between two bf16 numbers and goes to the even one, 1; 1 + 3 * 2^-8 goes up to 1 + 2^-6.
    const float values[] = {1.00390625f, 1.01171875f, -2.5f, std::numeric_limits<float>::infinity()};
    std::uint8_t narrow[8];
    float wide[4];
    convert(reinterpret_cast<const std::uint8_t*>(values), FORMAT_FP32, narrow, FORMAT_BF16, 4);
    convert(narrow, FORMAT_BF16, reinterpret_cast<std::uint8_t*>(wide), FORMAT_FP32, 4);
    EXPECT_THAT(wide, ::testing::ElementsAre(1.0f, 1.015625f, -2.5f, std::numeric_limits<float>::infinity()));
}

TEST(DmaData, EqualFormatsAreCopiedBitForBit) {
    const std::uint32_t signalling_nan = 0x7f80'0001;
    std::uint32_t copied = 0;
    convert(reinterpret_cast<const std::uint8_t*>(&signalling_nan), FORMAT_FP32,
            reinterpret_cast<std::uint8_t*>(&copied), FORMAT_FP32, 1);
    EXPECT_EQ(copied, signalling_nan);
}

TEST(DmaData, CopiesAColumnOutOfABlock) {
    const std::uint16_t block[] = {1, 2, 3, 4, 5, 6};
    std::uint16_t column[2];
    copy_column(reinterpret_cast<const std::uint8_t*>(block), 3, 1, 2, reinterpret_cast<std::uint8_t*>(column), 2);
    EXPECT_THAT(column, ::testing::ElementsAre(2, 5));
}

} // namespace
} // namespace gradus::ip::dma_core_test
