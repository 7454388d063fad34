// SPDX-License-Identifier: Apache-2.0
// A list of operators for the firmware to run on a mock chip, with what must come out of them.
#pragma once

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <map>

#include "tests/support/op_record.h"
#include "tests/unit/firmware_mock_chip.h"

extern "C" {
#include "firmware/kernels/kernels.h"
#include "firmware/runtime/runtime.h"
}

namespace gradus::test {

using Numbers = std::vector<double>;

/// [rows, cols] fp32 in the mock's DRAM.
struct Matrix {
    std::uint64_t address = 0;
    std::uint32_t rows = 0, cols = 0, pitch = 0;

    float& at(std::uint32_t r, std::uint32_t c) const {
        return *reinterpret_cast<float*>(address + std::uint64_t{r} * pitch + c * 4);
    }
    std::uint32_t& word(std::uint32_t c) const { return reinterpret_cast<std::uint32_t*>(address)[c]; }
    std::uint16_t& half(std::uint32_t r, std::uint32_t c) const {
        return *reinterpret_cast<std::uint16_t*>(address + std::uint64_t{r} * pitch + c * 2);
    }
    Numbers values() const {
        Numbers values;
        for (std::uint32_t r = 0; r < rows; ++r)
            for (std::uint32_t c = 0; c < cols; ++c)
                values.push_back(at(r, c));
        return values;
    }
};

/// A list of operators on a random chip, and what must come out of them.
class Program {
public:
    explicit Program(unsigned seed, MockParameters parameters) : random(seed), chip(parameters) {}

    static MockParameters random_chip(unsigned seed) {
        std::mt19937 random(seed);
        const auto pick = [&](auto... values) {
            const std::array list{std::uint64_t(values)...};
            return list[random() % list.size()];
        };
        MockParameters parameters;
        parameters.seed = seed;
        parameters.scratchpad_bytes = pick(4096, 4096, 6144, 8192, 16384, 65536, 262144);
        parameters.array_rows = static_cast<unsigned>(pick(1, 2, 4, 8, 16, 256));
        parameters.array_cols = static_cast<unsigned>(pick(1, 3, 4, 8, 16, 256));
        parameters.channels = static_cast<unsigned>(pick(1, 2, 3, 4, 8));
        parameters.ring_entries = static_cast<unsigned>(pick(4, 8, 64));
        parameters.bf16 = random() % 4 != 0;
        parameters.dram_bytes = 4 << 20;
        return parameters;
    }

    std::uint32_t number(std::uint32_t low, std::uint32_t high) { return low + random() % (high - low + 1); }
    bool coin() { return random() % 2; }
    float real();

    /// Random values; sometimes with a gap between rows.
    Matrix matrix(std::uint32_t rows, std::uint32_t cols);

    Matrix indices(std::uint32_t count, std::uint32_t limit) {
        const Matrix m{chip.allocate_dram(count * 4), 1, count, count * 4};
        for (std::uint32_t i = 0; i < count; ++i)
            m.word(i) = number(0, limit - 1);
        return m;
    }

    OpRecord& op(unsigned kind, const std::vector<Matrix>& operands, std::uint32_t rows, std::uint32_t cols) {
        OpRecord op{};
        op.kind = static_cast<std::uint16_t>(kind);
        op.dims[0] = rows;
        op.dims[1] = cols;
        op.outer_count = op.inner_count = 1;
        op.operand_count = operator_operands(kind);
        for (std::size_t i = 0; i < operands.size(); ++i)
            op.operand[i] = {operands[i].address, operands[i].pitch, 0, 0, 0, IMAGE_NO_OP, FORMAT_FP32, 0, {}};
        ops.push_back(op);
        matrices.push_back(operands);
        return ops.back();
    }

    void expect(const char* what, const Matrix& result, Numbers expected, double tolerance = 2e-5) {
        checks.push_back([=] {
            double scale = 1e-3;
            for (double value : expected)
                scale = std::max(scale, std::abs(value));
            const auto narrowed = narrow.find(result.address);
            const bool rounded = narrowed != narrow.end();
            const Numbers values = rounded ? halves(result, narrowed->second.pitch) : result.values();
            for (std::size_t i = 0; i < values.size(); ++i)
                ASSERT_NEAR(values[i], expected[i], tolerance * scale + (rounded ? std::abs(expected[i]) / 256 : 0))
                    << what << " [" << i / result.cols << ", " << i % result.cols << "] of [" << result.rows << ", "
                    << result.cols << "]";
        });
    }

    /// From now on values are such that bf16 holds them, and narrow_some() may be called.
    void hold_bf16() { holds_bf16 = true; }
    /// Some operands that may be bf16 are, from now on.
    void narrow_some();

    void run() {
        runtime_init();
        runtime.commands_are_cheap = coin();
        runtime_begin_step(&update, 0);
        for (std::size_t i = 0; i < ops.size(); ++i) {
            kernel_check(&ops[i], static_cast<std::uint32_t>(i), sizeof ops[i]);
            runtime_begin_op(&ops[i], static_cast<std::uint32_t>(i), COMMAND_PHASE_FORWARD);
            kernel_run(&ops[i]);
            runtime_end_op();
        }
        runtime_drain();
        for (const auto& check : checks)
            check();
    }

    static Numbers halves(const Matrix& matrix, std::uint32_t pitch);

    std::mt19937 random;
    MockChip chip;
    image_update update{};
    std::vector<OpRecord> ops;
    std::vector<std::vector<Matrix>> matrices; ///< operands of ops
    bool holds_bf16 = false;
    std::map<std::uint64_t, Matrix> narrow; ///< by address, matrices that are bf16
    std::vector<std::function<void()>> checks;
};

/// value(r, c) for all of [rows, cols].
inline Numbers tabulate(std::uint32_t rows, std::uint32_t cols,
                        const std::function<double(std::uint32_t, std::uint32_t)>& value) {
    Numbers numbers;
    for (std::uint32_t r = 0; r < rows; ++r)
        for (std::uint32_t c = 0; c < cols; ++c)
            numbers.push_back(value(r, c));
    return numbers;
}

inline double sum_over(std::uint32_t count, const std::function<double(std::uint32_t)>& value) {
    double sum = 0;
    for (std::uint32_t i = 0; i < count; ++i)
        sum += value(i);
    return sum;
}

/// Lets an operator add to its result number `operand`, or not. Returns whether it does.
inline bool maybe_accumulates(Program& p, OpRecord& op, unsigned operand) {
    const bool accumulates = p.coin();
    op.operand[operand].flags = accumulates ? OPERAND_ACCUMULATE : 0;
    return accumulates;
}

inline std::uint32_t row_length(Program& p) { return p.number(0, 2) ? p.number(1, 60) : p.number(100, 900); }

} // namespace gradus::test
