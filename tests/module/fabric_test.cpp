// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

#include "ip/interconnect/data_fabric.h"
#include "ip/memory/scratchpad.h"
#include "tests/support/initiator.h"
#include "tests/support/stub_memory.h"

namespace gradus::ip::fabric_test {
namespace {

using test::Initiator;
using test::StubMemory;
using ::testing::ElementsAre;

constexpr Clock clock_1ghz{1000};
constexpr FabricParameters parameters{16, 3};

struct TwoMemories {
    DataFabric fabric{"fabric", parameters, clock_1ghz};
    StubMemory low{"low", 0x1000, 10'000};
    StubMemory high{"high", 0x1000, 10'000};

    TwoMemories() {
        fabric.out.bind(low.socket);
        fabric.map({0x1000, 0x1000});
        fabric.out.bind(high.socket);
        fabric.map({0x8000, 0x1000});
    }
};

TEST(DataFabric, AddsItsLatencyToTheTargetsAndTranslatesAddresses) {
    TwoMemories chip;
    Initiator initiator("initiator", [&](Initiator& self) {
        Access access;
        std::uint32_t value = 0x55;
        tlm::tlm_generic_payload& payload = access.write(0x8010, &value, 4);
        // Three cycles of fabric and ten of the target; the one beat passes while the target is at work.
        EXPECT_EQ(self.complete(payload), 13'000u);
        EXPECT_EQ(payload.get_address(), 0x8010u) << "the initiator gets its address back";
        EXPECT_EQ(self.read_value<std::uint32_t>(0x8010), 0x55u);
    });
    initiator.socket.bind(chip.fabric.in);
    sc_core::sc_start();
    ASSERT_EQ(chip.high.seen().size(), 2u);
    EXPECT_EQ(chip.high.seen()[0].address, 0x10u);
    EXPECT_EQ(chip.high.seen()[0].arrival, 2000u) << "the last cycle of the fabric's latency is the answer's";
    EXPECT_TRUE(chip.low.seen().empty());
    EXPECT_EQ(chip.fabric.counters(1).bytes_written, 4u);
    EXPECT_EQ(chip.fabric.counters(1).bytes_read, 4u);
    EXPECT_EQ(chip.fabric.counters(1).busy, 2000u);
    EXPECT_EQ(chip.fabric.counters(0).busy, 0u);
}

TEST(DataFabric, OccupancyIsWhatTheSlowestResourceTakes) {
    TwoMemories chip;
    Initiator initiator("initiator", [&](Initiator& self) {
        // 256 bytes are 16 beats. The target answers after 3 + 10 cycles, the last beat passes after 3 + 16.
        EXPECT_EQ(self.read(0x1000, nullptr, 256), 19'000u);
    });
    initiator.socket.bind(chip.fabric.in);
    sc_core::sc_start();
}

/// Initiators that each do one read of `bytes` at `begin`, and when it is complete. They are bound in the order of
/// their numbers, but the kernel runs them in the opposite order.
struct Crowd {
    struct Member {
        Picoseconds begin;
        std::uint64_t address;
        Bytes bytes;
    };
    std::vector<Picoseconds> done;
    std::vector<std::unique_ptr<Initiator>> initiators;

    Crowd(DataFabric& fabric, const std::vector<Member>& members) : done(members.size()), initiators(members.size()) {
        for (std::size_t i = members.size(); i-- > 0;)
            initiators[i] = std::make_unique<Initiator>(("initiator" + std::to_string(i)).c_str(),
                                                        [this, i, member = members[i]](Initiator& self) {
                                                            self.wait_until(member.begin);
                                                            done[i] = self.read(member.address, nullptr, member.bytes);
                                                        });
        for (auto& initiator : initiators)
            initiator->socket.bind(fabric.in);
    }
};

/// One memory that answers after ten cycles, behind a port of 16 bytes a cycle.
struct OneMemory {
    DataFabric fabric;
    StubMemory memory{"memory", 0x1000, 10'000};

    explicit OneMemory(FabricArbitration arbitration, unsigned queue_depth = 16, Cycles latency = 3)
        : fabric("fabric", {16, latency, arbitration, queue_depth}, clock_1ghz) {
        fabric.out.bind(memory.socket);
        fabric.map({0, 0x1000});
    }
};

TEST(DataFabric, InitiatorsThatComeTogetherPassInTheOrderOfBinding) {
    OneMemory chip(FabricArbitration::round_robin);
    // Three initiators read 64 bytes, four beats, at once: the port passes them in cycles 0, 4 and 8, and each is
    // complete 3 + 10 cycles after its start.
    Crowd crowd(chip.fabric, {{0, 0, 64}, {0, 64, 64}, {0, 128, 64}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(13'000, 17'000, 21'000));
    ASSERT_EQ(chip.memory.seen().size(), 3u);
    EXPECT_EQ(chip.memory.seen()[2].arrival, 8000u + 2000);
    EXPECT_EQ(chip.fabric.counters(0).busy, 12'000u);
}

TEST(DataFabric, RoundRobinTakesTurnsBeginningBehindTheOneThatWentLast) {
    OneMemory chip(FabricArbitration::round_robin);
    // Initiator 1 passes in cycles 0 to 15. Of those that came meanwhile 2 is next, in spite of coming last, then 3,
    // then 0, each for four beats.
    Crowd crowd(chip.fabric, {{5000, 0, 64}, {0, 0, 256}, {9000, 0, 64}, {7000, 0, 64}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(24'000 + 13'000, 19'000, 16'000 + 13'000, 20'000 + 13'000));
}

TEST(DataFabric, PriorityIsTheOrderOfBinding) {
    OneMemory chip(FabricArbitration::priority);
    // Initiator 3 passes in cycles 0 to 15; 2 came first of the others, but 0 and 1 go before it.
    Crowd crowd(chip.fabric, {{9000, 0, 64}, {7000, 0, 64}, {5000, 0, 64}, {0, 0, 256}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(16'000 + 13'000, 20'000 + 13'000, 24'000 + 13'000, 19'000));
}

TEST(DataFabric, ATransactionThatPassesIsNotInterruptedByOneOfHigherPriority) {
    OneMemory chip(FabricArbitration::priority);
    Crowd crowd(chip.fabric, {{1000, 0, 16}, {0, 0, 256}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(16'000 + 13'000, 19'000));
}

TEST(DataFabric, FirstComeIsTheOrderOfArrivalAndOfBindingWithinAnInstant) {
    OneMemory chip(FabricArbitration::first_come);
    Crowd crowd(chip.fabric, {{9000, 0, 64}, {0, 0, 256}, {5000, 0, 64}, {5000, 0, 64}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(24'000 + 13'000, 19'000, 16'000 + 13'000, 20'000 + 13'000));
}

TEST(DataFabric, ARequestThatComesAsThePortBecomesFreeIsTooLateForTheDecision) {
    OneMemory chip(FabricArbitration::priority);
    // Initiator 1 passes in cycles 0 to 15; 2 waits since cycle 15; 0 comes in cycle 16 itself, and 3 with it.
    Crowd crowd(chip.fabric, {{16'000, 0, 64}, {0, 0, 256}, {15'000, 0, 64}, {16'000, 0, 64}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(20'000 + 13'000, 19'000, 16'000 + 13'000, 24'000 + 13'000));
}

TEST(DataFabric, RequestsBetweenTwoEdgesAreTakenOverAtTheNext) {
    OneMemory chip(FabricArbitration::priority);
    Crowd crowd(chip.fabric, {{900, 0, 16}, {300, 0, 16}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(1000 + 13'000, 2000 + 13'000)) << "both are there at the edge of cycle 1";
}

TEST(DataFabric, AFullPortHoldsItsInitiatorsBackUntilAnAnswer) {
    OneMemory chip(FabricArbitration::first_come, 2);
    // Each read passes in one beat and is under way for 3 + 10 cycles. Two places: 0 and 1 pass in cycles 0 and 1, 2
    // and 3 when those are complete, in cycles 13 and 14, and 4 in cycle 26.
    Crowd crowd(chip.fabric, {{0, 0, 16}, {0, 0, 16}, {0, 0, 16}, {0, 0, 16}, {0, 0, 16}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(13'000, 14'000, 26'000, 27'000, 39'000));
}

TEST(DataFabric, BackPressureIsTheSameBeforeATargetThatWaits) {
    DataFabric fabric("fabric", {16, 3, FabricArbitration::first_come, 2}, clock_1ghz);
    StubMemory waits("waits", 0x1000, 10'000, true);
    fabric.out.bind(waits.socket);
    fabric.map({0, 0x1000});
    Crowd crowd(fabric, {{0, 0, 16}, {0, 0, 16}, {0, 0, 16}, {0, 0, 16}, {0, 0, 16}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(13'000, 14'000, 26'000, 27'000, 39'000));
}

TEST(DataFabric, AFullPortDoesNotHoldBackTransactionsToOthers) {
    DataFabric fabric("fabric", {16, 3, FabricArbitration::first_come, 1}, clock_1ghz);
    StubMemory low("low", 0x1000, 10'000), high("high", 0x1000, 10'000);
    fabric.out.bind(low.socket);
    fabric.map({0, 0x1000});
    fabric.out.bind(high.socket);
    fabric.map({0x1000, 0x1000});
    Crowd crowd(fabric, {{0, 0, 16}, {0, 0, 16}, {1000, 0x1000, 16}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(13'000, 26'000, 14'000));
}

TEST(DataFabric, AWiderPortPassesTheSameBytesInFewerBeats) {
    DataFabric fabric("fabric", parameters, clock_1ghz);
    StubMemory narrow("narrow", 0x1000, 0), wide("wide", 0x1000, 0);
    fabric.out.bind(narrow.socket);
    fabric.map({0, 0x1000});
    fabric.out.bind(wide.socket);
    fabric.map({0x1000, 0x1000}, 64);
    Crowd crowd(fabric, {{0, 0, 256}, {0, 0x1000, 256}});
    sc_core::sc_start();
    EXPECT_THAT(crowd.done, ElementsAre(3000 + 16'000, 3000 + 4000));
}

TEST(DataFabric, PassesEveryTransactionOnceWhateverTheRule) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const FabricArbitration rules[] = {FabricArbitration::round_robin, FabricArbitration::priority,
                                       FabricArbitration::first_come};
    const unsigned depth = 1 + random() % 6;
    OneMemory chip(rules[random() % 3], depth, random() % 4);
    std::vector<std::unique_ptr<Initiator>> initiators;
    std::vector<std::mt19937> streams;
    for (int i = 0; i < 6; ++i)
        streams.emplace_back(random());
    Bytes bytes_read = 0;
    for (int i = 0; i < 6; ++i) {
        initiators.push_back(
            std::make_unique<Initiator>(("initiator" + std::to_string(i)).c_str(), [&, i](Initiator& self) {
                for (int n = 0; n < 300; ++n) {
                    self.wait_for(streams[i]() % 40 * 500);
                    const Bytes bytes = 1 + streams[i]() % 200;
                    const Picoseconds begin = now();
                    EXPECT_GE(self.read(streams[i]() % 0x800, nullptr, bytes), begin + 10'000);
                    bytes_read += bytes;
                }
            }));
        initiators.back()->socket.bind(chip.fabric.in);
    }
    sc_core::sc_start();
    EXPECT_EQ(chip.fabric.counters(0).bytes_read, bytes_read);
    const auto& seen = chip.memory.seen();
    ASSERT_EQ(seen.size(), 6u * 300);
    Picoseconds busy = 0;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const Picoseconds beats = (seen[i].address % 16 + seen[i].bytes + 15) / 16 * 1000;
        busy += beats;
        if (i + 1 == seen.size()) break;
        ASSERT_GE(seen[i + 1].arrival, seen[i].arrival + beats) << "one at a time";
        if (i + depth >= seen.size()) continue;
        // It is under way until ten cycles after its arrival at least; the one `depth` later can only come then.
        ASSERT_GE(seen[i + depth].arrival, seen[i].arrival + 10'000);
    }
    EXPECT_EQ(chip.fabric.counters(0).busy, busy);
}

TEST(DataFabric, PortsOfDifferentTargetsAreIndependent) {
    TwoMemories chip;
    Picoseconds to_low = 0, to_high = 0;
    Initiator first("first", [&](Initiator& self) { to_low = self.read(0x1000, nullptr, 256); });
    Initiator second("second", [&](Initiator& self) { to_high = self.read(0x8000, nullptr, 256); });
    first.socket.bind(chip.fabric.in);
    second.socket.bind(chip.fabric.in);
    sc_core::sc_start();
    EXPECT_EQ(to_low, 19'000u);
    EXPECT_EQ(to_high, 19'000u);
}

TEST(DataFabric, ARequestHeldAtThePortDoesNotReserveTheTargetAheadOfTime) {
    DataFabric fabric("fabric", parameters, clock_1ghz);
    Scratchpad scratchpad("scratchpad", {4096, 4, 4, 1}, clock_1ghz);
    fabric.out.bind(scratchpad.ports);
    fabric.map({0, 4096});
    Initiator bulk("bulk", [](Initiator& self) { self.read(0, nullptr, 256); });
    Initiator queued("queued", [](Initiator& self) { self.read(0, nullptr, 256); });
    Picoseconds engine_done = 0;
    // The bulk read holds the banks in cycles 2 to 17; the queued one passes the port in cycle 16 and reaches the banks
    // in cycle 18. The engine, which has its own way to the banks, comes in cycle 4 and is in front of the queued one.
    Initiator engine("engine", [&](Initiator& self) {
        self.wait_until(4000);
        engine_done = self.read(0, nullptr, 16);
    });
    bulk.socket.bind(fabric.in);
    queued.socket.bind(fabric.in);
    engine.socket.bind(scratchpad.ports);
    sc_core::sc_start();
    EXPECT_EQ(engine_done, 20'000u) << "cycle 18, and one of latency";
}

TEST(DataFabric, ATargetThatWaitsTakesTheSameTimeAsOneThatAnnotates) {
    DataFabric fabric("fabric", parameters, clock_1ghz);
    StubMemory annotates("annotates", 0x1000, 10'000);
    StubMemory waits("waits", 0x1000, 10'000, true);
    fabric.out.bind(annotates.socket);
    fabric.map({0, 0x1000});
    fabric.out.bind(waits.socket);
    fabric.map({0x1000, 0x1000});
    std::vector<Picoseconds> done(4);
    std::vector<std::unique_ptr<Initiator>> initiators;
    for (int i = 0; i < 4; ++i) {
        initiators.push_back(
            std::make_unique<Initiator>(("initiator" + std::to_string(i)).c_str(), [&done, i](Initiator& self) {
                done[i] = self.read(0x1000 * (i % 2), nullptr, 64);
            }));
        initiators.back()->socket.bind(fabric.in);
    }
    sc_core::sc_start();
    EXPECT_THAT(done, ElementsAre(13'000, 13'000, 17'000, 17'000));
}

TEST(DataFabric, AnswersComeAtEdgesOfItsClock) {
    DataFabric fabric("fabric", parameters, clock_1ghz);
    StubMemory odd("odd", 0x1000, 10'001);
    fabric.out.bind(odd.socket);
    fabric.map({0, 0x1000});
    Initiator initiator("initiator", [](Initiator& self) { EXPECT_EQ(self.read(0, nullptr, 4), 14'000u); });
    initiator.socket.bind(fabric.in);
    sc_core::sc_start();
}

TEST(DataFabric, RefusesAccessesThatNoTargetHoldsEntirely) {
    TwoMemories chip;
    Initiator initiator("initiator", [&](Initiator& self) {
        std::uint64_t value = 0;
        EXPECT_EQ(self.read(0x4000, &value, 8), 3000u) << "the refusal takes the fabric's latency";
        EXPECT_EQ(self.response(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        self.read(0x1ffc, &value, 8); // the last four bytes of `low` and four of nothing
        EXPECT_EQ(self.response(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        self.write(~std::uint64_t{0} - 3, &value, 8);
        EXPECT_EQ(self.response(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    });
    initiator.socket.bind(chip.fabric.in);
    sc_core::sc_start();
    EXPECT_TRUE(chip.low.seen().empty());
    EXPECT_EQ(chip.fabric.counters(0).busy, 0u);
}

TEST(DataFabric, ForwardsDebugAccessesAndDeniesDmi) {
    TwoMemories chip;
    Initiator initiator("initiator", [&](Initiator& self) {
        Access access;
        std::uint32_t value = 0xbeef;
        EXPECT_EQ(self.socket->transport_dbg(access.write(0x8004, &value, 4)), 4u);
        EXPECT_EQ(chip.high.data()[4], 0xef);
        tlm::tlm_generic_payload& outside = access.read(0x4000, &value, 4);
        EXPECT_EQ(self.socket->transport_dbg(outside), 0u);
        tlm::tlm_dmi dmi;
        EXPECT_FALSE(self.socket->get_direct_mem_ptr(access.read(0x8000, &value, 4), dmi));
        EXPECT_EQ(now(), 0u);
    });
    initiator.socket.bind(chip.fabric.in);
    sc_core::sc_start();
}

} // namespace
} // namespace gradus::ip::fabric_test
