// SPDX-License-Identifier: Apache-2.0
// Chips on which it is plain what bounds them: tests/scenarios/bounds/ample.toml has more than enough of everything,
// and each test takes one thing away. The sensitivity has to find that thing, everything else has to do nothing, and
// the run's own account has to say the same.
#include <cmath>

#include <gmock/gmock.h>

#include "platform/explore/pool.h"
#include "platform/explore/sensitivity.h"
#include "platform/scenario/load.h"
#include "tests/support/chip_run.h"

namespace gradus::explore::sensitivity_test {
namespace {

using testing::StartsWith;

Sensitivity sensitivity_with(const std::vector<std::string>& taken_away) {
    const SensitivityStudy study(prepared(scenario::load("tests/scenarios/bounds/ample.toml", taken_away)));
    PoolOptions options;
    options.progress = report::Progress::Mode::silent;
    return study.evaluate(run_points(study.points(), test::firmware_path("train"), options));
}

struct Expected {
    std::vector<std::string> taken_away;
    std::string knob;
    std::string bound; ///< in both sentences
    double at_least;   ///< what half or twice of it gives
    double others;     ///< what no other knob reaches, in either direction
};

void expect_bound(const Expected& expected) {
    const Sensitivity sensitivity = sensitivity_with(expected.taken_away);
    SCOPED_TRACE(as_text(sensitivity));
    ASSERT_TRUE(sensitivity.bound);
    const Effect& top = *sensitivity.bound;
    EXPECT_EQ(top.knob->name, expected.knob);
    const Knob& first = *sensitivity.effects.front().knob;
    EXPECT_TRUE(&first == top.knob || first.contains(*top.knob)) << first.name;
    ASSERT_TRUE(top.better().measured);
    EXPECT_GE(top.better().speedup, expected.at_least);
    EXPECT_GE(std::abs(top.elasticity.value()), std::log2(expected.at_least));
    EXPECT_THAT(sensitivity.sentence, testing::EndsWith("bound by " + expected.bound + "."));
    EXPECT_THAT(sensitivity.base.bound, StartsWith("bound by " + expected.bound));
    for (const Effect& effect : sensitivity.effects) {
        const bool yardstick = effect.knob->bound.empty();
        if (&effect != &top && !yardstick && !effect.knob->contains(*top.knob)) {
            EXPECT_LT(effect.swing(), std::log(expected.others)) << effect.knob->name;
        }
    }
}

TEST(Sensitivity, AnArrayOfFourMultipliersIsBoundByCompute) {
    // Twice the rows and columns are four times the multipliers.
    expect_bound(
        {{"chip.engine.matrix.rows=2", "chip.engine.matrix.cols=2"}, "array and port", "compute (matrix)", 3.5, 1.05});
}

TEST(Sensitivity, AnArrayOnANarrowPortIsBoundByItsOperands) {
    expect_bound({{"chip.engine.matrix.port_bytes=4"}, "array port", "operand bandwidth (matrix)", 1.8, 1.06});
}

TEST(Sensitivity, LanesOnANarrowPortAreBoundByTheirOperands) {
    expect_bound({{"chip.engine.vector.port_bytes=8"}, "vector port", "operand bandwidth (vector)", 1.9, 1.05});
}

TEST(Sensitivity, OneLaneIsBoundByTheVectorUnit) {
    expect_bound({{"chip.engine.vector.lanes=1"}, "lanes and port", "compute (vector)", 1.9, 1.05});
}

TEST(Sensitivity, ADramOfOneNarrowChannelIsBoundByItsBandwidth) {
    expect_bound(
        {{"chip.dram.base=scenarios/dram/ddr3-800.toml", "chip.dram.channels=1", "chip.dram.mapping=row,bank,column"},
         "DRAM bandwidth",
         "DRAM bandwidth",
         1.9,
         1.05});
}

TEST(Sensitivity, AScratchpadOfOneBankIsBoundByIt) {
    // A smaller array asks for the same operands more often.
    expect_bound({{"chip.scratchpad.banks=1", "chip.scratchpad.bank_bytes=4"},
                  "scratchpad bandwidth",
                  "scratchpad bandwidth",
                  1.9,
                  1.2});
}

TEST(Sensitivity, AFabricOfFourBytesIsBoundByIt) {
    expect_bound({{"chip.fabric.port_bytes=4"}, "fabric width", "fabric bandwidth", 1.9, 1.05});
}

TEST(Sensitivity, ASlowHartIsBoundByCpuIssue) {
    expect_bound({{"chip.clock_mhz=100", "run.record_commands=false"}, "control clock", "CPU issue", 1.95, 1.1});
}

TEST(Sensitivity, DescriptorsThatTakeLongToDecodeAreBoundByLatency) {
    // One microsecond a descriptor, during which its unit is not busy. More channels decode side by side.
    expect_bound({{"chip.queue.issue_cycles=10000"}, "descriptor decode", "latency and dependencies", 1.9, 1.6});
}

} // namespace
} // namespace gradus::explore::sensitivity_test
