// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ip/common/address_range.h"
#include "ip/common/timeline.h"

namespace gradus::ip::timeline_test {
namespace {

TEST(Timeline, StartsAtArrivalWhenFreeAndQueuesWhenNot) {
    Timeline port;
    EXPECT_EQ(port.reserve(1000, 300), 1000u); // free: starts at once, holds the port until 1300
    EXPECT_EQ(port.reserve(1100, 200), 1300u); // arrives while it is held: starts when it is free
    EXPECT_EQ(port.reserve(2000, 100), 2000u); // arrives long after 1500: starts at once
    EXPECT_EQ(port.free(), 2100u);
    EXPECT_EQ(port.busy(), 600u); // the gaps between are not busy time
}

TEST(Timeline, AnEmptyReservationHoldsNothing) {
    Timeline port;
    EXPECT_EQ(port.reserve(500, 0), 500u);
    EXPECT_EQ(port.reserve(500, 10), 500u);
}

TEST(Clock, RoundsUpToTheNextEdge) {
    const Clock clock = Clock::from_hertz(100e6);
    EXPECT_EQ(clock.period, 10'000u);
    EXPECT_EQ(clock(3), 30'000u);
    EXPECT_EQ(clock.edge(20'000), 20'000u);
    EXPECT_EQ(clock.edge(20'001), 30'000u);
    EXPECT_EQ(clock.ceil_cycles(1), 1u);
}

// 3 GHz is no whole number of picoseconds.
TEST(Clock, CountsCyclesByItsPeriodWhateverFrequencyWasAskedFor) {
    const Clock clock = Clock::from_megahertz(3000);
    EXPECT_EQ(clock.period, 333u);
    EXPECT_EQ(clock.hertz(), 1e12 / 333);
    EXPECT_EQ(clock.cycles(clock(1'000'000)), 1e6);
    EXPECT_EQ(clock.cycles(500), 500.0 / 333);
    EXPECT_EQ(clock.floor_cycles(665), 1u);
    EXPECT_EQ(clock.ceil_cycles(665), 2u);
}

TEST(AddressRange, HoldsWhatLiesInItEntirelyEvenAtTheEndOfTheAddressSpace) {
    const AddressRange top{0xffff'ffff'ffff'f000, 0x1000};
    EXPECT_TRUE(top.contains(0xffff'ffff'ffff'fff0, 16));
    EXPECT_FALSE(top.contains(0xffff'ffff'ffff'fff0, 17));
    EXPECT_FALSE(top.contains(0, 1));
    EXPECT_FALSE(top.contains(0xffff'ffff'ffff'efff, 1));
    EXPECT_FALSE(top.contains(0xffff'ffff'ffff'f000, ~std::uint64_t{0}));
}

} // namespace
} // namespace gradus::ip::timeline_test
