// SPDX-License-Identifier: Apache-2.0
// Gradients of a scaled loss on whole chips.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/names_result.h"

namespace gradus::test::loss_scale_test {
namespace {

using nlohmann::json;

json result_of(const std::vector<std::string>& settings, const std::string& scale) {
    return names_result(joined({"run.steps=3", "run.generate=0"}, joined(settings, {"run.loss_scale=" + scale})));
}

class LossScale : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(LossScale, OfAPowerOfTwoChangesNoLoss) {
    EXPECT_EQ(losses_of(result_of(GetParam(), "65536")), losses_of(result_of(GetParam(), "1")));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, LossScale,
    ::testing::Values(std::vector<std::string>{}, std::vector<std::string>{"run.clip=0.5", "run.accumulate=2"},
                      std::vector<std::string>{"run.optimizer=sgd", "run.momentum=0.9", "model.recompute=full"},
                      std::vector<std::string>{"model.precision=mixed", "model.format=bf16",
                                               "run.record_commands=false"}));

void expect_rounding_alone(const std::vector<std::string>& settings, const std::string& scale) {
    const std::vector<double> plain = losses_of(result_of(settings, "1")),
                              scaled = losses_of(result_of(settings, scale));
    ASSERT_EQ(scaled.size(), plain.size());
    for (std::size_t step = 0; step < plain.size(); ++step)
        EXPECT_NEAR(scaled[step], plain[step], 1e-4) << step;
}

TEST(ScaledLoss, OfAnyNumberChangesLossesByRoundingAlone) { expect_rounding_alone({}, "1000"); }

// A fused head takes weights into an exponent, by their logarithm, which a power of two rounds anew.
TEST(ScaledLoss, ChangesAFusedHeadByRoundingAlone) { expect_rounding_alone({"model.head=fused"}, "65536"); }

// To take the scale out of gradients is work of the vector unit.
TEST(ScaledLoss, TakesTheSameTimeWithAndWithoutNumbers) {
    const json full = result_of({}, "1024").at("steady"), none = result_of({"run.data=none"}, "1024").at("steady");
    EXPECT_EQ(full.at("time_ps"), none.at("time_ps"));
    EXPECT_GT(full.at("commands"), result_of({"run.data=none"}, "1").at("steady").at("commands"));
}

} // namespace
} // namespace gradus::test::loss_scale_test
