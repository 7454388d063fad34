// SPDX-License-Identifier: Apache-2.0
// The plans of the training firmware's kernels on the host, against the same kernels that run all of an operator.
#include <optional>

#include <gtest/gtest.h>

#include "platform/planning/planning.h"
#include "tests/unit/firmware_operators.h"

namespace gradus::test::planning_test {
namespace {

struct Ran {
    schedule::Schedule schedule;
    std::optional<std::string> refused;
};

schedule::Op scheduled(const OpRecord& record) {
    schedule::Op op;
    op.image = record;
    op.operands.assign(record.operand.begin(), record.operand.begin() + record.operand_count);
    return op;
}

/// An operator on the mock chip, all of its commands.
Ran run_all(unsigned seed, const MockParameters& parameters, Builder builder) {
    Program program(seed, parameters);
    builder(program);
    Ran ran;
    for (const OpRecord& op : program.ops) {
        ran.schedule.ops.push_back(scheduled(op));
    }
    program.checks.clear();
    try {
        program.run();
    } catch (const FirmwareFailure& failure) {
        ran.refused = std::string("firmware: ") + failure.what();
    }
    return ran;
}

std::optional<std::string> planned(const MockParameters& parameters, const schedule::Schedule& schedule) {
    scenario::ChipParameters chip;
    chip.scratchpad.bytes = parameters.scratchpad_bytes;
    chip.matrix.rows = parameters.array_rows;
    chip.matrix.cols = parameters.array_cols;
    chip.dma.channels = parameters.channels;
    try {
        planning::plan(chip, schedule);
        return std::nullopt;
    } catch (const chip::Refused& refusal) {
        return refusal.what();
    }
}

// Scratchpads far smaller than a scenario may have, so that some operators fit and some do not. A plan that ended
// before a kernel has all of its tiles would accept what the kernel refuses later.
TEST(Planning, RefusesWhatAKernelRefusesThatRunsToItsEndAndWithItsWords) {
    unsigned refused = 0, accepted = 0;
    for (const auto& [name, builder] : builders)
        for (unsigned seed = 1; seed <= 3; ++seed) {
            SCOPED_TRACE(std::string(name) + ", seed " + std::to_string(seed));
            MockParameters parameters = Program::random_chip(seed);
            parameters.scratchpad_bytes = 128u << seed % 3;
            parameters.bf16 = true;
            const Ran ran = run_all(seed, parameters, builder);
            EXPECT_EQ(planned(parameters, ran.schedule), ran.refused);
            ++(ran.refused ? refused : accepted);
        }
    EXPECT_GT(refused, 10U);
    EXPECT_GT(accepted, 10U);
}

// The smallest scratchpad of a scenario is 1 KiB: no operator is too large for it, because all can be cut. Fused ones
// alone need all the columns of a head of attention, or of a token.
TEST(Planning, TheSmallestScratchpadOfAScenarioHoldsEveryOperatorThatCanBeCut) {
    for (const auto& [name, builder] : builders)
        for (unsigned seed = 1; seed <= 5; ++seed) {
            SCOPED_TRACE(std::string(name) + ", seed " + std::to_string(seed));
            if (std::string(name).find("Attention") == 0 || std::string(name).find("HeadLoss") == 0) continue;
            MockParameters parameters = Program::random_chip(seed);
            parameters.scratchpad_bytes = 1024;
            Program program(seed, parameters);
            builder(program);
            schedule::Schedule schedule;
            schedule.ops.push_back(scheduled(program.ops.back()));
            EXPECT_EQ(planned(parameters, schedule), std::nullopt);
        }
}

} // namespace
} // namespace gradus::test::planning_test
