// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_data_fabric gradus_ip_memory
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "ip/interconnect/data_fabric.h"
#include "ip/memory/dram.h"
#include "ip/memory/scratchpad.h"
#include "tests/support/initiator.h"
#include "tests/support/stub_memory.h"

namespace gradus::ip {
namespace {

using ::testing::ElementsAre;
using testing::Initiator;
using testing::StubMemory;

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
    EXPECT_EQ(chip.high.seen()[0].arrival, 3000u) << "the head arrives after the fabric's latency";
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

TEST(DataFabric, InitiatorsShareATargetsPortFirstComeFirstServed) {
    TwoMemories chip;
    std::vector<Picoseconds> done(3);
    // Three initiators read 64 bytes, four beats, at once: the port passes them in cycles 0, 4 and 8, and each is
    // complete 3 + 10 cycles after its start.
    std::vector<std::unique_ptr<Initiator>> initiators;
    for (int i = 0; i < 3; ++i) {
        initiators.push_back(
            std::make_unique<Initiator>(("initiator" + std::to_string(i)).c_str(), [&done, i](Initiator& self) {
                done[i] = self.read(0x1000 + 64 * i, nullptr, 64);
            }));
        initiators.back()->socket.bind(chip.fabric.in);
    }
    sc_core::sc_start();
    EXPECT_THAT(done, ElementsAre(13'000, 17'000, 21'000));
    ASSERT_EQ(chip.low.seen().size(), 3u);
    EXPECT_EQ(chip.low.seen()[2].arrival, 11'000u);
    EXPECT_EQ(chip.fabric.counters(0).busy, 12'000u);
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
    // The bulk read holds the banks in cycles 3 to 18; the queued one passes the port in cycle 16 and reaches the banks
    // in cycle 19. The engine, which has its own way to the banks, comes in cycle 4 and is in front of the queued one.
    Initiator engine("engine", [&](Initiator& self) {
        self.wait_until(4000);
        engine_done = self.read(0, nullptr, 16);
    });
    bulk.socket.bind(fabric.in);
    queued.socket.bind(fabric.in);
    engine.socket.bind(scratchpad.ports);
    sc_core::sc_start();
    EXPECT_EQ(engine_done, 21'000u) << "cycle 19, and one of latency";
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

TEST(DataFabric, FeedsTheChannelsOfADramInParallel) {
    DataFabric fabric("fabric", parameters, clock_1ghz);
    DramParameters dram_parameters;
    dram_parameters.bytes = 1 << 20;
    dram_parameters.channels = 2;
    dram_parameters.efficiency = 1.0; // 625 ps a byte and channel
    Dram dram("dram", dram_parameters);
    fabric.out.bind(dram.ports);
    fabric.map({0, 1 << 20});
    std::vector<Picoseconds> done(3);
    // 256 bytes, 16 beats at the port and 160 ns on a channel's data bus. The first starts at 0 and is complete after
    // 3 + 50 + 160 ns. The second passes the port at 16 ns and goes to the other channel: 16 + 213. The third passes
    // the port at 32 ns, but its channel is taken until 163 ns: 163 + 50 + 160.
    const std::uint64_t address[] = {0, 256, 512};
    std::vector<std::unique_ptr<Initiator>> initiators;
    for (int i = 0; i < 3; ++i) {
        initiators.push_back(
            std::make_unique<Initiator>(("initiator" + std::to_string(i)).c_str(),
                                        [&, i](Initiator& self) { done[i] = self.read(address[i], nullptr, 256); }));
        initiators.back()->socket.bind(fabric.in);
    }
    sc_core::sc_start();
    EXPECT_THAT(done, ElementsAre(213'000, 229'000, 373'000));
}

} // namespace
} // namespace gradus::ip
