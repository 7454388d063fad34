// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <stdexcept>
#include <vector>

#include "ip/interconnect/data_fabric_core.h"

namespace gradus::ip::fabric_core_test {
namespace {

using ::testing::ElementsAre;

constexpr Clock clock_1ghz{1000};

DataFabricCore fabric() { return {FabricParameters{16, 3}, clock_1ghz}; }

FabricPort port(FabricArbitration arbitration, unsigned queue_depth = 16) {
    return {{0, 0x1000}, 16, {16, 3, arbitration, queue_depth}, clock_1ghz};
}

TEST(DataFabricCore, FindsTheOnePortThatHoldsAllOfAnAccess) {
    DataFabricCore core = fabric();
    core.map({0x1000, 0x100});
    core.map({0x1100, 0x100});
    EXPECT_EQ(core.find(0x1000, 16), 0u);
    EXPECT_EQ(core.find(0x11f0, 16), 1u);
    EXPECT_FALSE(core.find(0x10f8, 16)); // half in each, so in neither
    EXPECT_FALSE(core.find(0x0fff, 1));
    EXPECT_FALSE(core.find(0x1200, 1));
    EXPECT_FALSE(core.find(0x1000, ~Bytes{0}));
}

TEST(DataFabricCore, RefusesRangesThatOverlapWrapOrAreEmpty) {
    DataFabricCore core = fabric();
    core.map({0x1000, 0x100});
    EXPECT_THROW(core.map({0x10ff, 1}), std::invalid_argument);
    EXPECT_THROW(core.map({0, 0x2000}), std::invalid_argument);
    EXPECT_THROW(core.map({0x2000, 0}), std::invalid_argument);
    EXPECT_THROW(core.map({~std::uint64_t{0}, 2}), std::invalid_argument);
    core.map({~std::uint64_t{0} - 0xff, 0x100}); // up to the last byte of the address space is fine
    EXPECT_EQ(core.ports(), 2u);
}

TEST(DataFabricCore, APortHasItsOwnWidthOrThatOfAll) {
    DataFabricCore core = fabric();
    core.map({0, 0x1000});
    core.map({0x1000, 0x1000}, 64);
    EXPECT_EQ(core.port(0).beats(0, 256), 16'000u);
    EXPECT_EQ(core.port(1).beats(0, 256), 4000u);
}

TEST(FabricPort, ABeatIsAnAlignedWord) {
    const FabricPort sixteen_wide = port(FabricArbitration::first_come);
    EXPECT_EQ(sixteen_wide.beats(0, 16), 1000u);
    EXPECT_EQ(sixteen_wide.beats(0, 17), 2000u);
    EXPECT_EQ(sixteen_wide.beats(8, 8), 1000u);
    EXPECT_EQ(sixteen_wide.beats(8, 16), 2000u) << "half of two words";
    EXPECT_EQ(sixteen_wide.beats(15, 2), 2000u);
}

/// Who passes, one after the other, when requests of these initiators wait, each made in an instant of its own.
std::vector<unsigned> order_of(FabricPort& port, const std::vector<unsigned>& initiators, Picoseconds begin = 0) {
    std::vector<FabricRequest> requests;
    for (const unsigned initiator : initiators)
        requests.push_back({initiator, begin + 100 * requests.size(), 0, 1000});
    for (FabricRequest& request : requests)
        port.enqueue(request);
    std::vector<unsigned> order;
    while (port.anyone_waits())
        order.push_back(port.pass_next(1, begin + 1000 * (order.size() + 1)).initiator);
    return order;
}

TEST(FabricPort, RoundRobinGoesAroundTheInitiatorsFromTheOneThatWentLast) {
    FabricPort shared = port(FabricArbitration::round_robin);
    EXPECT_THAT(order_of(shared, {2, 2, 2, 0, 1, 0}), ElementsAre(0, 1, 2, 0, 2, 2));
    EXPECT_THAT(order_of(shared, {0, 2, 3}), ElementsAre(3, 0, 2)) << "2 went last";
    shared.pass({0, 0, 0, 1000}, 20'000); // one that had not to wait counts as well
    EXPECT_THAT(order_of(shared, {0, 1}), ElementsAre(1, 0));
}

TEST(FabricPort, PriorityServesTheLowestInitiatorAndStarvesTheOthers) {
    FabricPort shared = port(FabricArbitration::priority);
    EXPECT_THAT(order_of(shared, {2, 1, 2, 0, 1, 0}), ElementsAre(0, 0, 1, 1, 2, 2));
    EXPECT_THAT(order_of(shared, {2, 0}), ElementsAre(0, 2)) << "it has no memory";
}

TEST(FabricPort, FirstComeServesTheLongestWaiting) {
    FabricPort shared = port(FabricArbitration::first_come);
    EXPECT_THAT(order_of(shared, {2, 1, 2, 0, 1, 0}), ElementsAre(2, 1, 2, 0, 1, 0));
    FabricRequest third{3, 50'000, 0, 1000}, first{1, 50'000, 0, 1000};
    shared.enqueue(third);
    shared.enqueue(first);
    EXPECT_EQ(&shared.pass_next(1, 51'000), &first) << "of the same instant the lower initiator is first";
}

TEST(FabricPort, APortThatWasIdleDecidesAmongTheRequestsOfEarlierRoundsOfTheInstant) {
    FabricPort idle = port(FabricArbitration::priority);
    FabricRequest low{5, 0, 7, 1000}, high{3, 0, 7, 1000}, late{0, 0, 8, 1000};
    for (FabricRequest* request : {&low, &high, &late})
        idle.enqueue(*request);
    EXPECT_EQ(&idle.pass_next(8, 0), &high) << "the highest of all has come in the round of the decision";
    EXPECT_EQ(&idle.pass_next(9, 1000), &late);
}

TEST(FabricPort, APortThatWasTakenDecidesAmongTheRequestsThatCameBefore) {
    FabricPort taken = port(FabricArbitration::priority);
    FabricRequest low{5, 3000, 7, 1000}, high{0, 4000, 8, 1000};
    taken.enqueue(low);
    taken.enqueue(high);
    EXPECT_EQ(&taken.pass_next(9, 4000), &low) << "the other one has come only as the port became free";
    EXPECT_EQ(&taken.pass_next(9, 5000), &high);
}

TEST(FabricPort, IsReadyWhenTheLastBeatHasPassedAndAPlaceIsFree) {
    FabricPort two_places = port(FabricArbitration::first_come, 2);
    EXPECT_EQ(two_places.ready(0), 0u);
    two_places.pass({0, 0, 0, 4000}, 0);
    EXPECT_EQ(two_places.ready(0), 4000u) << "four beats";
    two_places.pass({1, 0, 0, 4000}, 4000);
    EXPECT_EQ(two_places.ready(4000), FabricPort::unknown) << "both places are taken, for nobody knows how long";
    two_places.answered(30'000);
    EXPECT_EQ(two_places.ready(4000), 30'000u);
    two_places.answered(20'000);
    EXPECT_EQ(two_places.ready(4000), 20'000u) << "the first that ends makes a place";
    EXPECT_EQ(two_places.ready(20'000), 8000u) << "a place is free, and the beats have long passed";
    two_places.pass({0, 0, 0, 4000}, 20'000);
    EXPECT_EQ(two_places.ready(20'000), 30'000u);
}

TEST(FabricPort, RoundRobinLetsNobodyWaitForMoreThanOneTurnOfEachOther) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    constexpr unsigned initiators = 5;
    FabricPort shared = port(FabricArbitration::round_robin, 1000);
    std::vector<FabricRequest> requests(initiators);
    std::vector<int> overtaken(initiators, -1); // -1: does not wait
    Picoseconds time = 0;
    for (std::uint64_t round = 1; round <= 5000; ++round) {
        for (unsigned initiator = 0; initiator < initiators; ++initiator)
            if (overtaken[initiator] < 0 && random() % 3 == 0) {
                requests[initiator] = {initiator, time, round, 1000 + random() % 4 * 1000};
                shared.enqueue(requests[initiator]);
                overtaken[initiator] = 0;
            }
        time = std::max(time + 1000, shared.ready(time));
        if (!shared.anyone_waits()) continue;
        overtaken[shared.pass_next(round + 1, time).initiator] = -1;
        shared.answered(time + 1000);
        for (int& count : overtaken) {
            if (count < 0) continue;
            ASSERT_LT(++count, static_cast<int>(initiators));
        }
    }
}

TEST(FabricPort, NeverHasMoreUnderWayThanItsPlacesNorTwoOnItsWires) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (const unsigned places : {1u, 3u, 16u}) {
        FabricPort shared = port(FabricArbitration::first_come, places);
        std::vector<Picoseconds> ends;
        Picoseconds now = 0, wires_free = 0, busy = 0;
        for (int i = 0; i < 2000; ++i) {
            now = std::max(now + random() % 3000, shared.ready(now));
            ASSERT_GE(now, wires_free);
            ASSERT_LT(std::count_if(ends.begin(), ends.end(), [now](Picoseconds end) { return end > now; }), places);
            const Picoseconds beats = shared.beats(random() % 64, 1 + random() % 300);
            shared.pass({0, now, 0, beats}, now);
            wires_free = now + beats;
            busy += beats;
            ends.push_back(now + beats + random() % 50'000);
            shared.answered(ends.back());
        }
        EXPECT_EQ(shared.counters().busy, busy);
    }
}

} // namespace
} // namespace gradus::ip::fabric_core_test
