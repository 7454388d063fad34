// SPDX-License-Identifier: Apache-2.0
// links: gradus_firmware_runtime gradus_ip_engine_core gradus_ip_dma_core
// The firmware's kernels on a functional chip that executes commands in every order their waits allow
// (firmware_mock_chip.h), held against plain double-precision arithmetic: random shapes, pitches, chips and
// scratchpads.
#include <algorithm>
#include <gtest/gtest.h>

#include "tests/unit/firmware_operators.h"

namespace gradus::test {
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

INSTANTIATE_TEST_SUITE_P(Operators, FirmwareKernel, testing::ValuesIn(builders),
                         [](const auto& info) { return info.param.first; });

TEST(FirmwareRuntime, OperatorsOfAllKindsInARowShareTheScratchpadWithoutHarm) {
    for (unsigned seed = 1; seed <= 40 && !HasFatalFailure(); ++seed) {
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
        std::vector<std::uint16_t> touched(6, IMAGE_NO_OP), written(6, IMAGE_NO_OP);
        for (int i = 0; i < 6; ++i) {
            pool.push_back(p.matrix(size, size));
            values.push_back(pool.back().values());
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t y = p.number(0, 5), a = (y + p.number(1, 5)) % 6, b = (y + p.number(1, 5)) % 6;
            const std::uint32_t kind = p.number(0, 2);
            const Numbers x = values[a], z = values[b];
            if (kind == 0) {
                image_op& op = p.op(OP_MATMUL, {pool[y], pool[a], pool[b]}, size, size);
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
            image_op& op = p.ops.back();
            op.operand[0].after = touched[y];
            op.operand[1].after = written[a];
            op.operand[2].after = kind == 2 ? std::uint16_t{IMAGE_NO_OP} : written[b];
            touched[y] = touched[a] = written[y] = static_cast<std::uint16_t>(i);
            if (kind != 2) touched[b] = static_cast<std::uint16_t>(i);
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

TEST(FirmwareRuntime, ProductsThatShareTheirResultAreRefused) {
    Program p(1, {});
    const Matrix x = p.matrix(4, 4);
    image_op& op = p.op(OP_MATMUL, {x, x, x}, 4, 4);
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
} // namespace gradus::test
