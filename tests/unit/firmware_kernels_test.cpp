// SPDX-License-Identifier: Apache-2.0
// The firmware's kernels on a functional chip that executes commands in every order their waits allow
// (firmware_mock_chip.h), held against plain double-precision arithmetic: random shapes, pitches, chips and
// scratchpads.
#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <utility>
#include <vector>

#include "tests/unit/firmware_operators.h"

namespace gradus::test::firmware_kernels_test {
namespace {

class FirmwareKernel : public testing::TestWithParam<std::pair<const char*, Builder>> {};

TEST_P(FirmwareKernel, MatchesDoublePrecisionForAnyShapeChipAndOrderOfExecution) {
    for (unsigned seed = 1; seed <= 60 && !HasFatalFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Program program(seed, Program::random_chip(seed));
        for (int i = 0; i < 4; ++i)
            GetParam().second(program);
        ASSERT_NO_THROW(program.run());
    }
}

TEST_P(FirmwareKernel, TakesMatricesInEitherFormat) {
    for (unsigned seed = 1; seed <= 30 && !HasFatalFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Program program(seed, Program::random_chip(seed));
        program.hold_bf16();
        for (int i = 0; i < 4; ++i)
            GetParam().second(program);
        program.narrow_some();
        ASSERT_NO_THROW(program.run());
    }
}

TEST_P(FirmwareKernel, HasHazardsThatTheMockFindsWhenWaitsAreIgnored) {
    unsigned found = 0;
    for (unsigned seed = 1; seed <= 10; ++seed) {
        MockParameters parameters = Program::random_chip(seed);
        parameters.ignore_waits = true;
        parameters.channels = 3;
        Program program(seed, parameters);
        GetParam().second(program);
        program.checks.clear();
        try {
            program.run();
        } catch (const HardwareError&) {
            ++found;
        }
    }
    EXPECT_EQ(found, 10U) << "an operator of several commands on several queues races without waits";
}

/// Every fourth operator: each of the four is a test of its own, and they run side by side.
std::vector<std::pair<const char*, Builder>> every_fourth(std::size_t first) {
    std::vector<std::pair<const char*, Builder>> some;
    for (std::size_t i = first; i < builders.size(); i += 4)
        some.push_back(builders[i]);
    return some;
}

std::string name_of(const testing::TestParamInfo<std::pair<const char*, Builder>>& info) { return info.param.first; }

INSTANTIATE_TEST_SUITE_P(FirstOperators, FirmwareKernel, testing::ValuesIn(every_fourth(0)), name_of);
INSTANTIATE_TEST_SUITE_P(SecondOperators, FirmwareKernel, testing::ValuesIn(every_fourth(1)), name_of);
INSTANTIATE_TEST_SUITE_P(ThirdOperators, FirmwareKernel, testing::ValuesIn(every_fourth(2)), name_of);
INSTANTIATE_TEST_SUITE_P(FourthOperators, FirmwareKernel, testing::ValuesIn(every_fourth(3)), name_of);

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float no_number = std::numeric_limits<float>::quiet_NaN();

/// A causal softmax whose hidden scores are infinite or no numbers, on a scratchpad of 4 KiB: rows of more than 200
/// columns come in pieces. `visible(r, c)` is a score that counts.
template <class Visible>
std::pair<Matrix, Matrix> add_softmax_with_odd_hidden_scores(Program& p, std::uint32_t rows, std::uint32_t cols,
                                                             float scale, Visible visible) {
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols);
    for (std::uint32_t r = 0; r < rows; ++r)
        for (std::uint32_t c = 0; c < cols; ++c)
            x.at(r, c) = c <= r ? visible(r, c) : std::array{infinity, -infinity, no_number}[p.number(0, 2)];
    OpRecord& op = p.op(OP_SOFTMAX, {y, x}, rows, cols);
    op.scalar[0] = scale;
    op.flags = OP_FLAG_CAUSAL;
    op.dims[2] = rows;
    return {y, x};
}

/// What the fused command makes of the same rows.
std::vector<float> fused_softmax(const Matrix& x, float scale) {
    std::vector<float> scores, result(std::size_t{x.rows} * x.cols);
    for (const double value : x.values())
        scores.push_back(static_cast<float>(value));
    vector_body body{};
    body.rows = x.rows;
    body.cols = x.cols;
    body.dst_pitch = body.a_pitch = x.cols * 4;
    body.u.softmax.scale = scale;
    body.u.softmax.period = x.rows;
    ip::VectorData data;
    data.a = scores.data();
    data.dst = result.data();
    ip::compute_vector(VECTOR_SOFTMAX, body, data);
    return result;
}

TEST(FirmwareSoftmax, HiddenScoresThatAreNotFiniteLeaveNoTraceHoweverARowIsCut) {
    for (unsigned seed = 1; seed <= 20 && !HasFatalFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        MockParameters parameters = Program::random_chip(seed);
        parameters.scratchpad_bytes = 4096;
        Program p(seed, parameters);
        const std::uint32_t rows = p.number(1, 40), cols = p.number(1, 900);
        const float scale = p.coin() ? 1.0F : 0.25F;
        const auto [y, x] =
            add_softmax_with_odd_hidden_scores(p, rows, cols, scale, [&](auto, auto) { return p.real(); });
        const std::vector<float> fused = fused_softmax(x, scale);
        p.expect("the fused command's", y, Numbers(fused.begin(), fused.end()));
        p.expect("softmax", y, softmax(x, scale, rows));
        ASSERT_NO_THROW(p.run());
    }
}

// Equal scores have sums that are exact in any order.
TEST(FirmwareSoftmax, PiecesOfARowGiveTheBitsOfTheFusedCommandWhereNothingIsRounded) {
    MockParameters parameters;
    parameters.scratchpad_bytes = 4096;
    Program p(1, parameters);
    const auto [y, x] = add_softmax_with_odd_hidden_scores(p, 32, 900, 1.0F, [](auto r, auto) { return float(r); });
    const std::vector<float> fused = fused_softmax(x, 1.0F);
    ASSERT_NO_THROW(p.run());
    for (std::uint32_t r = 0; r < y.rows; ++r)
        for (std::uint32_t c = 0; c < y.cols; ++c)
            ASSERT_EQ(y.at(r, c), fused[std::size_t{r} * y.cols + c]) << r << ", " << c;
}

TEST(FirmwareRuntime, OperatorsOfAllKindsInARowShareTheScratchpadWithoutHarm) {
    for (unsigned seed = 1; seed <= 70 && !HasFatalFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Program program(seed, Program::random_chip(seed));
        for (int i = 0; i < 14; ++i) {
            const Builder builder = builders[program.number(0, builders.size() - 1)].second;
            (program.number(0, 3) ? builder : add_matmul)(program);
        }
        ASSERT_NO_THROW(program.run());
    }
}

/// Operators that read each other's results, with `after` as a schedule would set it.
TEST(FirmwareRuntime, OperandsWaitForTheOperatorTheyDependOnThroughDram) {
    for (unsigned seed = 1; seed <= 40 && !HasFatalFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Program p(seed, Program::random_chip(seed));
        const std::uint32_t size = p.number(1, 40), count = p.number(5, 200);
        std::vector<Matrix> pool;
        std::vector<Numbers> values;
        std::vector<std::uint32_t> touched(6, IMAGE_NO_OP), written(6, IMAGE_NO_OP);
        for (int i = 0; i < 6; ++i) {
            pool.push_back(p.matrix(size, size));
            values.push_back(pool.back().values());
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t y = p.number(0, 5), a = (y + p.number(1, 5)) % 6, b = (y + p.number(1, 5)) % 6;
            const std::uint32_t kind = p.number(0, 2);
            const Numbers x = values[a], z = values[b];
            if (kind == 0) {
                OpRecord& op = p.op(OP_MATMUL, {pool[y], pool[a], pool[b]}, size, size);
                op.dims[2] = size;
                values[y] = tabulate(size, size, [&](auto r, auto c) {
                    return sum_over(size, [&](auto k) { return x[r * size + k] * z[k * size + c]; });
                });
            } else if (kind == 1) {
                p.op(OP_ADD, {pool[y], pool[a], pool[b]}, size, size);
                for (std::size_t j = 0; j < x.size(); ++j)
                    values[y][j] = x[j] + z[j];
            } else {
                p.op(OP_ACTIVATION, {pool[y], pool[a]}, size, size).dims[2] = ACTIVATION_RELU;
                for (std::size_t j = 0; j < x.size(); ++j)
                    values[y][j] = std::max(x[j], 0.0);
            }
            OpRecord& op = p.ops.back();
            op.operand[0].after = touched[y];
            op.operand[1].after = written[a];
            op.operand[2].after = kind == 2 ? IMAGE_NO_OP : written[b];
            touched[y] = touched[a] = written[y] = i;
            if (kind != 2) touched[b] = i;
        }
        // Values may grow beyond fp32 in long chains; then only the order of accesses is checked.
        for (int i = 0; i < 6; ++i)
            if (std::all_of(values[i].begin(), values[i].end(), [](double v) { return std::abs(v) < 1e6; }))
                p.expect("pool", pool[i], values[i], 1e-2);
        ASSERT_NO_THROW(p.run());
    }
}

TEST(FirmwareRuntime, AForgottenDependencyThroughDramIsARace) {
    unsigned found = 0;
    for (unsigned seed = 1; seed <= 10; ++seed) {
        Program p(seed, Program::random_chip(seed));
        const Matrix x = p.matrix(8, 8), y = p.matrix(8, 8), z = p.matrix(8, 8);
        p.op(OP_ACTIVATION, {y, x}, 8, 8);
        p.op(OP_ACTIVATION, {z, y}, 8, 8);
        MockParameters parameters = Program::random_chip(seed);
        try {
            p.run();
        } catch (const HardwareError&) {
            ++found;
        }
        if (parameters.channels == 1) ++found; // one channel does everything in order
    }
    EXPECT_EQ(found, 10U);
}

TEST(FirmwareRuntime, AScratchpadThatIsTooSmallEndsWithAMessageNotWithWrongNumbers) {
    MockParameters parameters;
    parameters.scratchpad_bytes = 256;
    Program p(1, parameters);
    const Matrix x = p.matrix(4, 300), g = p.matrix(1, 300), r = p.matrix(1, 4);
    p.op(OP_RMSNORM_BACKWARD, {x, x, x, r, g, g}, 4, 300);
    try {
        p.run();
        FAIL() << "the operator cannot fit 128 bytes";
    } catch (const FirmwareFailure& failure) {
        EXPECT_EQ(failure.code, EXIT_SHAPE);
        EXPECT_NE(std::string(failure.what()).find("scratchpad"), std::string::npos);
    }
}

TEST(FirmwareAttention, AWindowIsForQueriesThatSeeNoKeyBehindThem) {
    for (const bool causal : {true, false}) {
        Program p(1, {});
        const Matrix y = p.matrix(4, 4), lse = p.matrix(1, 4), q = p.matrix(4, 4), k = p.matrix(4, 4),
                     v = p.matrix(4, 4);
        OpRecord& op = p.op(OP_ATTENTION, {y, lse, q, k, v}, 4, 4);
        op.dims[2] = 4;
        op.dims[3] = 1;
        op.dims[4] = 4;
        op.dims[5] = 2;
        op.flags = causal ? OP_FLAG_CAUSAL : 0;
        try {
            p.run();
            EXPECT_TRUE(causal);
        } catch (const FirmwareFailure& failure) {
            EXPECT_FALSE(causal);
            EXPECT_EQ(failure.code, EXIT_IMAGE);
            EXPECT_NE(std::string(failure.what()).find("window of 2"), std::string::npos) << failure.what();
        }
    }
}

TEST(FirmwareRuntime, UpdatesWithoutWhatTheyNeedAreRefused) {
    struct Update {
        std::uint16_t kind;
        std::size_t needed, operands;
    };
    for (const Update& update :
         {Update{OP_ADAM, 4, 4}, Update{OP_ADAM_MIXED, 4, 6}, Update{OP_SGD, 2, 3}, Update{OP_SGD_MIXED, 2, 5}})
        for (std::size_t missing = 0; missing < update.needed; ++missing) {
            SCOPED_TRACE(testing::Message() << "kind " << update.kind << ", operand " << missing);
            Program p(1, {});
            std::vector<Matrix> operands(update.operands);
            for (std::size_t i = 0; i < update.needed; ++i)
                if (i != missing) operands[i] = p.matrix(4, 4);
            p.op(update.kind, operands, 4, 4);
            try {
                p.run();
                FAIL() << "it was done without";
            } catch (const FirmwareFailure& failure) {
                EXPECT_EQ(failure.code, EXIT_IMAGE);
                EXPECT_NE(std::string(failure.what()).find("is missing"), std::string::npos) << failure.what();
            }
        }
}

TEST(FirmwareRuntime, ProductsThatShareTheirResultAreRefused) {
    Program p(1, {});
    const Matrix x = p.matrix(4, 4);
    OpRecord& op = p.op(OP_MATMUL, {x, x, x}, 4, 4);
    op.dims[2] = 4;
    op.inner_count = 2;
    try {
        p.run();
        FAIL();
    } catch (const FirmwareFailure& failure) {
        EXPECT_EQ(failure.code, EXIT_IMAGE);
    }
}

} // namespace
} // namespace gradus::test::firmware_kernels_test
