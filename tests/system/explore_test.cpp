// SPDX-License-Identifier: Apache-2.0
// sanitized
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/explore/pool.h"
#include "tests/support/chip_run.h"

namespace gradus::test::explore_test {
namespace {

scenario::Scenario tiny(const std::vector<std::string>& more) {
    std::vector<std::string> overrides{"run.steps=1", "run.data=none", "run.generate=0", "run.trace=false"};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return shipped_scenario("names", overrides);
}

TEST(Explore, EveryPointHasItsResultWhereItStoodAndAFailureStaysAlone) {
    explore::PoolOptions options;
    options.jobs = 2;
    options.progress = report::Progress::Mode::silent;
    const auto outcomes =
        explore::run_points({tiny({"chip.engine.matrix.rows=2"}), tiny({"model.width=4096", "model.mlp_width=16384"}),
                             tiny({"chip.engine.matrix.rows=8"})},
                            firmware_path("train"), options);
    ASSERT_EQ(outcomes.size(), 3);
    const auto rows = [&](std::size_t point) {
        const auto result = nlohmann::json::parse(outcomes[point].answer);
        EXPECT_EQ(result["steps"].size(), 1);
        return result["scenario"]["chip"]["engine"]["matrix"]["rows"].get<int>();
    };
    EXPECT_EQ(rows(0), 2) << outcomes[0].failure.value_or("");
    EXPECT_EQ(rows(2), 8) << outcomes[2].failure.value_or("");
    EXPECT_THAT(outcomes[1].failure.value_or(""), testing::HasSubstr("DRAM"));
    EXPECT_THAT(outcomes[0].log, testing::HasSubstr("1 steps of"));
}

} // namespace
} // namespace gradus::test::explore_test
