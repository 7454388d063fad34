// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>
#include <vector>

#include "ip/memory/scratchpad.h"
#include "ip/memory/sram.h"
#include "tests/support/initiator.h"

namespace gradus::ip::memory_test {
namespace {

using test::Initiator;

constexpr Clock clock_1ghz{1000};
constexpr SramParameters sram_parameters{4096, 16, 1};
constexpr ScratchpadParameters scratchpad_parameters{4096, 4, 4, 1};

TEST(Sram, TheHartsPortTakesNoTimeAndTheFabricsPortDoes) {
    Sram sram("sram", sram_parameters, clock_1ghz);
    std::vector<Picoseconds> times;
    Initiator hart("hart", [&](Initiator& self) {
        self.write_value<std::uint32_t>(0x100, 0x12345678);
        times.push_back(now());
    });
    Initiator fabric("fabric", [&](Initiator& self) {
        self.wait_until(10'000);
        EXPECT_EQ(self.read_value<std::uint32_t>(0x100), 0x12345678u) << "both ports see the same bytes";
        times.push_back(now());                      // one beat and one cycle of latency
        times.push_back(self.read(0, nullptr, 128)); // eight beats and one cycle of latency
    });
    hart.socket.bind(sram.hart_port);
    fabric.socket.bind(sram.fabric_port);
    sc_core::sc_start();
    EXPECT_THAT(times, ::testing::ElementsAre(0, 12'000, 21'000));
    const MemoryCounters counters = sram.counters();
    EXPECT_EQ(counters.reads, 2u) << "only those of the fabric's port";
    EXPECT_EQ(counters.writes, 0u);
    EXPECT_EQ(counters.bytes_read, 132u);
    EXPECT_EQ(counters.busy, 9000u);
}

TEST(Sram, GrantsDmiToTheHartForAllOfItWithoutLatency) {
    Sram sram("sram", sram_parameters, clock_1ghz);
    Initiator hart("hart", [&](Initiator& self) {
        Access access;
        std::uint32_t value = 7;
        tlm::tlm_generic_payload& payload = access.write(0x40, &value, 4);
        self.complete(payload);
        EXPECT_TRUE(payload.is_dmi_allowed());
        tlm::tlm_dmi dmi;
        ASSERT_TRUE(self.socket->get_direct_mem_ptr(payload, dmi));
        EXPECT_EQ(dmi.get_start_address(), 0u);
        EXPECT_EQ(dmi.get_end_address(), 4095u);
        EXPECT_TRUE(dmi.is_read_write_allowed());
        EXPECT_EQ(dmi.get_read_latency(), sc_core::SC_ZERO_TIME);
        EXPECT_EQ(dmi.get_write_latency(), sc_core::SC_ZERO_TIME);
        EXPECT_EQ(dmi.get_dmi_ptr()[0x40], 7);
        payload.set_address(4096);
        EXPECT_FALSE(self.socket->get_direct_mem_ptr(payload, dmi));
    });
    Initiator fabric("fabric", [](Initiator& self) {
        Access access;
        std::uint32_t value = 0;
        tlm::tlm_generic_payload& payload = access.read(0x40, &value, 4);
        self.complete(payload);
        EXPECT_FALSE(payload.is_dmi_allowed()) << "accesses of the fabric are timed";
    });
    hart.socket.bind(sram.hart_port);
    fabric.socket.bind(sram.fabric_port);
    sc_core::sc_start();
}

TEST(Memory, AnswersBadAccessesWithTheStandardsErrors) {
    Scratchpad scratchpad("scratchpad", scratchpad_parameters, clock_1ghz);
    Initiator initiator("initiator", [&](Initiator& self) {
        std::uint8_t bytes[16] = {};
        self.read(4090, bytes, 16); // six bytes inside, ten outside
        EXPECT_EQ(self.response(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        self.write(~std::uint64_t{0} - 3, bytes, 16); // wraps around
        EXPECT_EQ(self.response(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        Access access;
        self.complete(access.read(0, bytes, 16));
        EXPECT_EQ(self.response(), tlm::TLM_OK_RESPONSE);
        tlm::tlm_generic_payload& streaming = access.read(0, bytes, 16);
        streaming.set_streaming_width(4);
        self.complete(streaming);
        EXPECT_EQ(self.response(), tlm::TLM_BURST_ERROR_RESPONSE);
        self.complete(access.read(0, bytes, 0));
        EXPECT_EQ(self.response(), tlm::TLM_BURST_ERROR_RESPONSE);
        tlm::tlm_generic_payload& enables = access.read(0, bytes, 16);
        enables.set_byte_enable_ptr(bytes);
        enables.set_byte_enable_length(0);
        self.complete(enables);
        EXPECT_EQ(self.response(), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        tlm::tlm_generic_payload& no_data = access.read(0, bytes, 16);
        no_data.set_data_ptr(nullptr);
        self.complete(no_data);
        EXPECT_EQ(self.response(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(now(), 2000u) << "only the one good access took time: a cycle in each bank, and the latency";
    });
    initiator.socket.bind(scratchpad.ports);
    sc_core::sc_start();
    EXPECT_EQ(scratchpad.counters().reads, 1u);
}

TEST(Memory, HonoursByteEnables) {
    Scratchpad scratchpad("scratchpad", scratchpad_parameters, clock_1ghz);
    Initiator initiator("initiator", [&](Initiator& self) {
        self.write_value<std::uint64_t>(0, 0x1111'1111'1111'1111);
        std::uint64_t value = 0x2222'2222'2222'2222;
        std::uint8_t every_other[2] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
        Access access;
        tlm::tlm_generic_payload& payload = access.write(0, &value, 8);
        payload.set_byte_enable_ptr(every_other);
        payload.set_byte_enable_length(2);
        self.complete(payload);
        EXPECT_EQ(self.read_value<std::uint64_t>(0), 0x1122'1122'1122'1122u);
    });
    initiator.socket.bind(scratchpad.ports);
    sc_core::sc_start();
}

TEST(Memory, ATimingOnlyAccessTakesTheSameTimeAndTouchesNothing) {
    Scratchpad scratchpad("scratchpad", scratchpad_parameters, clock_1ghz);
    std::vector<std::uint8_t> bytes(64, 0xab);
    std::vector<Picoseconds> durations;
    Initiator initiator("initiator", [&](Initiator& self) {
        for (const bool real : {false, true}) {
            const Picoseconds begin = now();
            self.write(0, real ? bytes.data() : nullptr, 64);
            durations.push_back(now() - begin);
            EXPECT_EQ(scratchpad.storage().data()[5], real ? 0xab : 0);
        }
    });
    initiator.socket.bind(scratchpad.ports);
    sc_core::sc_start();
    EXPECT_THAT(durations, ::testing::ElementsAre(5000, 5000));
}

TEST(Memory, DebugAccessesTakeNoTimeAndAreCutOffAtTheEnd) {
    Scratchpad scratchpad("scratchpad", scratchpad_parameters, clock_1ghz);
    Initiator initiator("initiator", [&](Initiator& self) {
        std::uint32_t value = 0xcafe;
        Access access;
        EXPECT_EQ(self.socket->transport_dbg(access.write(4092, &value, 4)), 4u);
        std::uint64_t read = 0;
        EXPECT_EQ(self.socket->transport_dbg(access.read(4092, &read, 8)), 4u);
        EXPECT_EQ(read, 0xcafeu);
        EXPECT_EQ(self.socket->transport_dbg(access.read(4096, &read, 8)), 0u);
        EXPECT_EQ(now(), 0u);
    });
    initiator.socket.bind(scratchpad.ports);
    sc_core::sc_start();
    EXPECT_EQ(scratchpad.counters().reads, 0u);
}

TEST(Scratchpad, PortsShareTheBanks) {
    Scratchpad scratchpad("scratchpad", scratchpad_parameters, clock_1ghz);
    // Both read four rows of 16 bytes, one access in every bank, each as soon as the one before is complete. A row
    // takes a cycle in the banks and a cycle of latency: the two take turns, and neither is slowed down but for the
    // first cycle, which the second of them loses.
    std::vector<Picoseconds> first_done, second_done;
    Initiator first("first", [&](Initiator& self) {
        for (int i = 0; i < 4; ++i)
            first_done.push_back(self.read(16 * i, nullptr, 16));
    });
    Initiator second("second", [&](Initiator& self) {
        for (int i = 0; i < 4; ++i)
            second_done.push_back(self.read(1024 + 16 * i, nullptr, 16));
    });
    first.socket.bind(scratchpad.ports);
    second.socket.bind(scratchpad.ports);
    sc_core::sc_start();
    EXPECT_THAT(first_done, ::testing::ElementsAre(2000, 4000, 6000, 8000));
    EXPECT_THAT(second_done, ::testing::ElementsAre(3000, 5000, 7000, 9000));
    EXPECT_EQ(scratchpad.counters().busy, 8000u);
    EXPECT_EQ(scratchpad.counters().bytes_read, 128u);
}

} // namespace
} // namespace gradus::ip::memory_test
