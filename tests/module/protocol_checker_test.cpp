// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "ip/common/protocol_checker.h"
#include "tests/support/initiator.h"
#include "tests/support/stub_memory.h"

namespace gradus::ip::protocol_checker_test {
namespace {

using test::Initiator;
using test::StubMemory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A target that does whatever a test wants it to do wrong.
class Misbehaving : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<Misbehaving> socket;
    std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> on_transport;
    std::function<unsigned(tlm::tlm_generic_payload&)> on_debug;
    std::function<bool(tlm::tlm_generic_payload&, tlm::tlm_dmi&)> on_dmi;

    explicit Misbehaving(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
        socket.register_b_transport(this, &Misbehaving::transport);
        socket.register_transport_dbg(this, &Misbehaving::transport_debug);
        socket.register_get_direct_mem_ptr(this, &Misbehaving::direct_memory);
    }

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        on_transport(payload, delay);
    }
    unsigned transport_debug(tlm::tlm_generic_payload& payload) { return on_debug(payload); }
    bool direct_memory(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) { return on_dmi(payload, dmi); }
};

struct CheckedTarget {
    std::vector<std::string> violations;
    ProtocolChecker checker{"dma0_data", [this](const std::string& message) { violations.push_back(message); }};
    Misbehaving target{"target"};

    /// Lets an initiator do `script` and returns what the checker said.
    std::vector<std::string> run(std::function<void(Initiator&)> script) {
        Initiator initiator("initiator", std::move(script));
        initiator.socket.bind(checker.in);
        checker.out.bind(target.socket);
        sc_core::sc_start();
        return violations;
    }
};

TEST(ProtocolChecker, TakesNoTimeAndSaysNothingAboutGoodTraffic) {
    std::vector<std::string> violations;
    ProtocolChecker checker("checker", [&](const std::string& message) { violations.push_back(message); });
    StubMemory memory("memory", 0x1000, 10'000);
    Initiator initiator("initiator", [&](Initiator& self) {
        self.write_value<std::uint32_t>(0x10, 42);
        EXPECT_EQ(self.read_value<std::uint32_t>(0x10), 42u);
        self.read(0x2000, nullptr, 16); // refused, but in good form
        EXPECT_EQ(self.response(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        Access access;
        std::uint32_t value = 0;
        EXPECT_EQ(self.socket->transport_dbg(access.read(0x10, &value, 4)), 4u);
        EXPECT_EQ(value, 42u);
        EXPECT_EQ(now(), 30'000u) << "three accesses of the target's 10 ns, and nothing of the checker's";
    });
    initiator.socket.bind(checker.in);
    checker.out.bind(memory.socket);
    sc_core::sc_start();
    EXPECT_THAT(violations, IsEmpty());
}

TEST(ProtocolChecker, NamesWhatTheInitiatorSetUpWrong) {
    CheckedTarget checked;
    checked.target.on_transport = [](auto&, auto&) {};
    const auto violations = checked.run([](Initiator& self) {
        std::uint8_t bytes[16] = {};
        Access access;
        const auto spoil = [&](const std::function<void(tlm::tlm_generic_payload&)>& how) {
            tlm::tlm_generic_payload& payload = access.read(0x40, bytes, 16);
            how(payload);
            self.complete(payload);
        };
        spoil([](auto& payload) { payload.set_data_ptr(nullptr); });
        spoil([](auto& payload) { payload.set_data_length(0); });
        spoil([](auto& payload) { payload.set_streaming_width(0); });
        spoil([&](auto& payload) { payload.set_byte_enable_ptr(bytes); });
        spoil([](auto& payload) { payload.set_response_status(tlm::TLM_OK_RESPONSE); });
        spoil([](auto& payload) { payload.set_dmi_allowed(true); });
    });
    EXPECT_THAT(violations,
                ElementsAre(HasSubstr("dma0_data: null data pointer (read of 16 bytes at 0x40)"),
                            HasSubstr("data length"), HasSubstr("streaming width"), HasSubstr("byte enable length"),
                            HasSubstr("TLM_INCOMPLETE_RESPONSE"), HasSubstr("DMI hint")));
}

TEST(ProtocolChecker, NamesWhatTheTargetDidWrong) {
    CheckedTarget checked;
    std::vector<std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)>> wrongs = {
        [](auto& payload, auto&) { payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE); },
        [](auto& payload, auto&) { payload.set_address(0); },
        [](auto& payload, auto&) { payload.set_command(tlm::TLM_WRITE_COMMAND); },
        [](auto& payload, auto&) { payload.set_data_length(8); },
        [](auto&, auto& delay) { delay = sc_core::SC_ZERO_TIME; },
    };
    std::size_t next = 0;
    checked.target.on_transport = [&](auto& payload, auto& delay) { wrongs[next++](payload, delay); };
    const auto violations = checked.run([&](Initiator& self) {
        std::uint8_t bytes[16];
        Access access;
        for (std::size_t i = 0; i < wrongs.size(); ++i) {
            sc_core::sc_time delay = to_time(5000);
            self.socket->b_transport(access.read(0x40, bytes, 16), delay);
        }
    });
    EXPECT_THAT(violations,
                ElementsAre(HasSubstr("no response status"), HasSubstr("address changed"), HasSubstr("command changed"),
                            HasSubstr("length"), HasSubstr("time went backwards")));
}

TEST(ProtocolChecker, ATargetMayTradeItsDelayForWaiting) {
    CheckedTarget checked;
    checked.target.on_transport = [](auto&, auto& delay) {
        sc_core::wait(delay);
        delay = sc_core::SC_ZERO_TIME;
    };
    const auto violations = checked.run([](Initiator& self) {
        std::uint8_t bytes[16];
        Access access;
        sc_core::sc_time delay = to_time(5000);
        self.socket->b_transport(access.read(0x40, bytes, 16), delay);
        EXPECT_EQ(now(), 5000u);
    });
    EXPECT_THAT(violations, IsEmpty());
}

TEST(ProtocolChecker, DebugAndDmiTakeNoTime) {
    CheckedTarget checked;
    checked.target.on_debug = [](auto& payload) {
        sc_core::wait(sc_core::SC_ZERO_TIME);
        return payload.get_data_length() + 1;
    };
    checked.target.on_dmi = [](auto&, auto& dmi) {
        dmi.set_start_address(0x100);
        return true;
    };
    const auto violations = checked.run([](Initiator& self) {
        std::uint8_t bytes[16];
        Access access;
        self.socket->transport_dbg(access.read(0x40, bytes, 16));
        tlm::tlm_dmi dmi;
        EXPECT_TRUE(self.socket->get_direct_mem_ptr(access.read(0x40, bytes, 16), dmi));
    });
    EXPECT_THAT(violations, ElementsAre(HasSubstr("time advanced in a debug access"), HasSubstr("more than its length"),
                                        HasSubstr("does not hold the address"), HasSubstr("without a pointer"),
                                        HasSubstr("neither for reads nor for writes")));
}

TEST(ProtocolChecker, WithoutACallbackAViolationIsAnError) {
    ProtocolChecker checker("checker");
    StubMemory memory("memory", 0x1000, 10'000);
    std::string message;
    Initiator initiator("initiator", [&](Initiator& self) {
        std::uint8_t bytes[16];
        Access access;
        tlm::tlm_generic_payload& payload = access.read(0, bytes, 16);
        payload.set_streaming_width(0);
        try {
            self.complete(payload);
        } catch (const sc_core::sc_report& report) {
            message = report.get_msg();
        }
    });
    initiator.socket.bind(checker.in);
    checker.out.bind(memory.socket);
    sc_core::sc_start();
    EXPECT_THAT(message, HasSubstr("checker: streaming width of zero"));
}

} // namespace
} // namespace gradus::ip::protocol_checker_test
