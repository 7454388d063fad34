// SPDX-License-Identifier: Apache-2.0
// What commands wrote, and what they made of an operator's results, whatever the chip's memory holds by then.
#include <cstring>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "ip/dma/dma_command.h"
#include "platform/verify/comparison.h"
#include "platform/verify/results.h"
#include "platform/verify/written.h"

namespace gradus::verify_results_test {
namespace {

constexpr ip::AddressRange dram{0x1000, 0x1000};

/// Floats from the DRAM's first byte on.
class Memory {
public:
    Memory() : values_(dram.bytes / sizeof(float)) { std::iota(values_.begin(), values_.end(), 0.0F); }

    verify::ReadMemory reader() const {
        return [this](std::uint64_t address, void* data, std::uint64_t bytes) {
            ASSERT_TRUE(dram.contains(address, bytes));
            std::memcpy(data, reinterpret_cast<const char*>(values_.data()) + (address - dram.base), bytes);
        };
    }
    float& at(std::uint64_t address) { return values_.at((address - dram.base) / sizeof(float)); }
    void put_word(std::uint64_t address, std::uint32_t word) { std::memcpy(&at(address), &word, sizeof word); }

private:
    std::vector<float> values_;
};

command copy_to(std::uint64_t dst, std::uint32_t rows, std::uint32_t cols, std::uint32_t pitch,
                std::uint8_t opcode = DMA_COPY, std::uint8_t mode = 0, std::uint64_t index = 0) {
    command descriptor{};
    descriptor.header.opcode = opcode;
    dma_body body{};
    body.dst = dst;
    body.rows = rows;
    body.cols = cols;
    body.dst_pitch = pitch;
    body.mode = mode;
    body.index = index;
    std::memcpy(descriptor.body, &body, sizeof body);
    return descriptor;
}

std::vector<float> numbers(const verify::Written& written) {
    std::vector<float> values(written.data.size() / sizeof(float));
    std::memcpy(values.data(), written.data.data(), written.data.size());
    return values;
}

TEST(Written, ACopyIsItsRows) {
    const Memory memory;
    const auto written = verify::written_by(copy_to(0x1010, 2, 3, 32), dram, memory.reader());
    ASSERT_TRUE(written);
    EXPECT_EQ(written->rows, (std::vector<std::uint64_t>{0x1010, 0x1030}));
    EXPECT_EQ(numbers(*written), (std::vector<float>{4, 5, 6, 12, 13, 14}));
}

TEST(Written, ATransposedCopyHasTheRowsOfItsColumns) {
    const Memory memory;
    const auto written = verify::written_by(copy_to(0x1010, 2, 3, 32, DMA_COPY, DMA_TRANSPOSE), dram, memory.reader());
    ASSERT_TRUE(written);
    EXPECT_EQ(written->rows, (std::vector<std::uint64_t>{0x1010, 0x1030, 0x1050}));
    EXPECT_EQ(numbers(*written), (std::vector<float>{4, 5, 12, 13, 20, 21}));
}

TEST(Written, AScatterIsTheRowsThatItsIndexNames) {
    Memory memory;
    memory.put_word(0x1800, 5);
    memory.put_word(0x1804, 1);
    const auto written =
        verify::written_by(copy_to(0x1000, 2, 1, 16, DMA_SCATTER, DMA_ACCUMULATE, 0x1800), dram, memory.reader());
    ASSERT_TRUE(written);
    EXPECT_EQ(written->rows, (std::vector<std::uint64_t>{0x1050, 0x1010}));
    EXPECT_EQ(numbers(*written), (std::vector<float>{20, 4}));
}

TEST(Written, WhatGoesElsewhereIsNothing) {
    const Memory memory;
    EXPECT_FALSE(verify::written_by(copy_to(0x4000, 2, 3, 32), dram, memory.reader()));
}

/// y = a + b at 0x1000, 0x1100 and 0x1200, [2, 3] with a gap of one element between rows.
schedule::Op addition() {
    schedule::Op op;
    op.image.kind = OP_ADD;
    op.image.operand_count = 3;
    op.image.dims[0] = 2;
    op.image.dims[1] = 3;
    op.image.outer_count = op.image.inner_count = 1;
    for (std::uint64_t i = 0; i < 3; ++i) {
        image_operand operand{};
        operand.address = 0x1000 + 0x100 * i;
        operand.pitch = 16;
        op.operands.push_back(operand);
    }
    return op;
}

/// The chip's memory before an addition, and the chip as it computes it.
struct Addition {
    Addition() : before(dram, memory.reader()), results(op, before) {}

    void compute(std::uint64_t row, std::uint64_t col) {
        const std::uint64_t offset = 16 * row + 4 * col;
        memory.at(0x1000 + offset) = memory.at(0x1100 + offset) + memory.at(0x1200 + offset);
    }
    bool apply(std::uint64_t row, std::uint64_t col, std::uint32_t rows, std::uint32_t cols) {
        return results.apply(
            *verify::written_by(copy_to(0x1000 + 16 * row + 4 * col, rows, cols, 16), dram, memory.reader()));
    }
    verify::Comparison compare() const { return verify::compare(op, {}, before, results, {}, 0); }

    Memory memory;
    schedule::Op op = addition();
    verify::TensorMemory before;
    verify::Results results;
};

TEST(Comparison, WhatIsRightIsAsFarAsNothing) {
    Addition addition;
    for (std::uint64_t row = 0; row < 2; ++row)
        for (std::uint64_t col = 0; col < 3; ++col)
            addition.compute(row, col);
    EXPECT_TRUE(addition.apply(0, 0, 2, 3));
    const verify::Comparison comparison = addition.compare();
    EXPECT_EQ(comparison.worst.ratio, 0);
    EXPECT_EQ(comparison.beyond, 0u);
    EXPECT_TRUE(comparison.from_finite);
}

TEST(Comparison, WhatNoCommandWroteIsWhatItWasBefore) {
    Addition addition;
    for (std::uint64_t row = 0; row < 2; ++row)
        for (std::uint64_t col = 0; col < 3; ++col)
            addition.compute(row, col);
    EXPECT_TRUE(addition.apply(0, 0, 2, 2)); // two columns of three
    const verify::Comparison comparison = addition.compare();
    EXPECT_EQ(comparison.beyond, 2u);
    EXPECT_EQ(comparison.worst.value, comparison.worst.address == 0x1008 ? 2 : 6);
}

// The memory has gone on since: what the operator reads is as it was before, what it wrote as its command left it.
TEST(Comparison, LooksAtNothingThatCameLater) {
    Addition addition;
    for (std::uint64_t row = 0; row < 2; ++row)
        for (std::uint64_t col = 0; col < 3; ++col)
            addition.compute(row, col);
    EXPECT_TRUE(addition.apply(0, 0, 2, 3));
    for (std::uint64_t address = dram.base; address < dram.end(); address += 4)
        addition.memory.at(address) = -1;
    EXPECT_EQ(addition.compare().worst.ratio, 0);
}

TEST(Comparison, ACommandThatWritesBesideTheResultIsNoticed) {
    Addition addition;
    EXPECT_FALSE(addition.apply(0, 0, 3, 3)) << "the third row is no row of y";
    EXPECT_TRUE(addition.apply(1, 0, 1, 3));
}

} // namespace
} // namespace gradus::verify_results_test
