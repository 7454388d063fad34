// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <tlm_utils/simple_initiator_socket.h>

#include "ip/common/protocol_checker.h"
#include "ip/interconnect/control_bus.h"
#include "tests/firmware/stub_memory.h"

namespace gradus::test::control_bus_test {
namespace {

using ip::Picoseconds;

struct Initiator : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<Initiator> socket;
    explicit Initiator(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
        socket.register_invalidate_direct_mem_ptr(this, &Initiator::invalidate);
    }
    void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) { invalidated.emplace_back(first, last); }
    /// The delay of a read, with its response.
    std::pair<Picoseconds, tlm::tlm_response_status> read(std::uint64_t address, unsigned bytes = 4) {
        std::uint8_t data[16];
        sc_core::sc_time delay;
        auto& payload = access.read(address, data, bytes);
        socket->b_transport(payload, delay);
        EXPECT_EQ(payload.get_address(), address) << "the address is put back";
        return {ip::to_picoseconds(delay), payload.get_response_status()};
    }
    ip::Access access;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> invalidated;
};

/// A chip with an SRAM at 0x8000_0000, a device at 0x1000 and a memory of 4 KiB at 0x2000 that sees global addresses.
struct System {
    System() {
        initiator.socket.bind(checker.in);
        checker.out.bind(bus.initiators);
        second.socket.bind(bus.initiators);
        bus.map({0x80000000, 0x10000}, "sram", sram.port, ip::BusAddress::offset, ip::BusLatency::none);
        bus.map({0x1000, 0x100}, "device", device.port);
        bus.map({0x2000, 0x1000}, "global", global.port, ip::BusAddress::global);
        device.grant = false;
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    ip::ControlBus bus{"bus", ip::BusParameters{3}, ip::Clock{10'000}};
    ip::ProtocolChecker checker{"checker", [this](const std::string& text) { violations.push_back(text); }};
    Initiator initiator{"initiator"}, second{"second"};
    BusMemory sram{"sram", 0x10000}, device{"device", 0x100}, global{"global", 0x4000};
    std::vector<std::string> violations;
};

using Result = std::pair<Picoseconds, tlm::tlm_response_status>;

TEST(ControlBus, ChargesItsLatencyOnTopOfTheDevices) {
    System system;
    system.device.extra = sc_core::sc_time(10, sc_core::SC_NS);
    EXPECT_EQ(system.initiator.read(0x1000), (Result{40'000, tlm::TLM_OK_RESPONSE}))
        << "three cycles of the bus, one of the device";
    EXPECT_EQ(system.initiator.read(0x80000000), (Result{0, tlm::TLM_OK_RESPONSE})) << "SRAM is free of it";
    EXPECT_THAT(system.violations, ::testing::IsEmpty());
}

TEST(ControlBus, TranslatesToOffsetsOrLeavesGlobalAddresses) {
    System system;
    system.device.storage.data()[0xfc] = 1;
    system.global.storage.data()[0x2ffc] = 2;
    std::uint32_t value = 0;
    sc_core::sc_time delay;
    system.initiator.socket->b_transport(system.initiator.access.read(0x10fc, &value, 4), delay);
    EXPECT_EQ(value, 1u);
    system.initiator.socket->b_transport(system.initiator.access.read(0x2ffc, &value, 4), delay);
    EXPECT_EQ(value, 2u);
    system.second.socket->b_transport(system.second.access.read(0x2ffc, &value, 4), delay);
    EXPECT_EQ(value, 2u) << "for every initiator";
}

TEST(ControlBus, AnswersWithAnAddressErrorWhereNothingIsMapped) {
    System system;
    const Result nothing{30'000, tlm::TLM_ADDRESS_ERROR_RESPONSE};
    for (std::uint64_t address : {std::uint64_t{0}, std::uint64_t{0xffc}, std::uint64_t{0x1100}, std::uint64_t{0x3000},
                                  std::uint64_t{0x7ffffffc}, ~std::uint64_t{0} - 3})
        EXPECT_EQ(system.initiator.read(address), nothing) << std::hex << address;
}

TEST(ControlBus, AnAccessThatLeavesItsRangeIsAnAddressError) {
    System system;
    EXPECT_EQ(system.initiator.read(0x10fe, 4).second, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(system.initiator.read(0x1ffe, 4).second, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(system.initiator.read(0x10fc, 4).second, tlm::TLM_OK_RESPONSE);
}

TEST(ControlBus, RefusesRangesThatCannotBe) {
    System system;
    for (const ip::AddressRange range :
         {ip::AddressRange{0x5000, 0}, ip::AddressRange{~std::uint64_t{0} - 4, 16}, ip::AddressRange{0x10ff, 2},
          ip::AddressRange{0xff0, 0x20}, ip::AddressRange{0x1010, 4}, ip::AddressRange{0, 0x5000}})
        EXPECT_THROW(system.bus.map(range, "other", system.device.port), std::invalid_argument)
            << std::hex << range.base;
}

TEST(ControlBus, NamesWhatLiesAtAnAddress) {
    System system;
    EXPECT_EQ(system.bus.name_at(0x1000), "device");
    EXPECT_EQ(system.bus.name_at(0x1010), "device+0x10");
    EXPECT_EQ(system.bus.name_at(0x1100), "");
}

TEST(ControlBus, DirectMemoryIsTranslatedBackAndItsLatencyIncludesTheBus) {
    System system;
    tlm::tlm_dmi dmi;
    std::uint8_t byte;
    ASSERT_TRUE(system.initiator.socket->get_direct_mem_ptr(system.initiator.access.read(0x80001000, &byte, 1), dmi));
    EXPECT_EQ(dmi.get_start_address(), 0x80000000u);
    EXPECT_EQ(dmi.get_end_address(), 0x8000ffffu);
    EXPECT_EQ(dmi.get_dmi_ptr(), system.sram.storage.data());
    EXPECT_EQ(dmi.get_read_latency(), sc_core::SC_ZERO_TIME);
    // The memory behind "global" grants [0, 0x3fff]; only [0x2000, 0x2fff] is mapped.
    ASSERT_TRUE(system.initiator.socket->get_direct_mem_ptr(system.initiator.access.read(0x2800, &byte, 1), dmi));
    EXPECT_EQ(dmi.get_start_address(), 0x2000u);
    EXPECT_EQ(dmi.get_end_address(), 0x2fffu);
    EXPECT_EQ(dmi.get_dmi_ptr(), system.global.storage.data() + 0x2000);
    EXPECT_EQ(dmi.get_write_latency(), sc_core::sc_time(30, sc_core::SC_NS));
    EXPECT_FALSE(system.initiator.socket->get_direct_mem_ptr(system.initiator.access.read(0x1000, &byte, 1), dmi))
        << "the device grants none";
    EXPECT_FALSE(system.initiator.socket->get_direct_mem_ptr(system.initiator.access.read(0x9000, &byte, 1), dmi))
        << "nothing there";
    EXPECT_THAT(system.violations, ::testing::IsEmpty());
}

TEST(ControlBus, InvalidationsReachEveryInitiatorTranslated) {
    System system;
    system.sram.port[0]->invalidate_direct_mem_ptr(0x100, 0x1ff);
    system.global.port[0]->invalidate_direct_mem_ptr(0, 0x2fff);
    system.global.port[0]->invalidate_direct_mem_ptr(0x3000, 0x3fff); // not mapped
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{{0x80000100, 0x800001ff}, {0x2000, 0x2fff}};
    EXPECT_EQ(system.initiator.invalidated, expected);
    EXPECT_EQ(system.second.invalidated, expected);
}

TEST(ControlBus, DebugAccessIsCutOffAtTheEndOfTheRangeAndTakesNoTime) {
    System system;
    system.sram.storage.data()[0xfffe] = 7;
    std::uint8_t data[8] = {};
    EXPECT_EQ(system.initiator.socket->transport_dbg(system.initiator.access.read(0x8000fffe, data, 8)), 2u);
    EXPECT_EQ(data[0], 7);
    EXPECT_EQ(system.initiator.socket->transport_dbg(system.initiator.access.read(0x9000, data, 8)), 0u);
    EXPECT_EQ(ip::now(), 0u);
    EXPECT_THAT(system.violations, ::testing::IsEmpty());
}

} // namespace
} // namespace gradus::test::control_bus_test
