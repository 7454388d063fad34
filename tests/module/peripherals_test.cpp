// SPDX-License-Identifier: Apache-2.0
// Devices behind their registers. 10 ns clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <tlm_utils/simple_initiator_socket.h>

#include "ip/common/protocol_checker.h"
#include "ip/peripherals/clint_device.h"
#include "ip/peripherals/info_block_device.h"
#include "ip/peripherals/mailbox_device.h"
#include "ip/peripherals/performance_monitor.h"
#include "ip/peripherals/plic_device.h"
#include "ip/peripherals/uart_device.h"

namespace gradus::test::peripherals_test {
namespace {

using ip::Picoseconds;

constexpr ip::Clock chip_clock{10'000};
constexpr auto ok = tlm::TLM_OK_RESPONSE;
constexpr auto no_register = tlm::TLM_ADDRESS_ERROR_RESPONSE;
constexpr auto wrong_width = tlm::TLM_BURST_ERROR_RESPONSE;
constexpr auto wrong_direction = tlm::TLM_COMMAND_ERROR_RESPONSE;
constexpr auto wrong_value = tlm::TLM_GENERIC_ERROR_RESPONSE;

/// Drives a device's registers through a protocol checker.
struct Driver : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<Driver> socket;
    ip::ProtocolChecker checker;
    template <class Socket>
    Driver(sc_core::sc_module_name name, Socket& registers)
        : sc_module(name), socket("socket"),
          checker("checker", [](const std::string& text) { ADD_FAILURE() << text; }) {
        socket.bind(checker.in);
        checker.out.bind(registers);
    }
    tlm::tlm_response_status access(tlm::tlm_generic_payload& payload) {
        sc_core::sc_time delay;
        socket->b_transport(payload, delay);
        EXPECT_EQ(ip::to_picoseconds(delay), 10'000u) << "every access takes a cycle";
        return payload.get_response_status();
    }
    tlm::tlm_response_status write(std::uint64_t offset, std::uint64_t value, unsigned bytes) {
        return access(payload.write(offset, &value, bytes));
    }
    tlm::tlm_response_status read(std::uint64_t offset, unsigned bytes) {
        value = 0;
        return access(payload.read(offset, &value, bytes));
    }
    std::uint64_t get(std::uint64_t offset, unsigned bytes) {
        EXPECT_EQ(read(offset, bytes), ok);
        return value;
    }
    ip::Access payload;
    std::uint64_t value = 0;
};

void settle() { sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_PS)); }

TEST(Peripherals, UartPassesCharactersOnAndIsAlwaysReady) {
    std::string text;
    ip::Uart uart("uart", chip_clock, [&](char c) { text += c; });
    Driver driver("driver", uart.registers);
    settle();
    EXPECT_EQ(driver.write(UART_TRANSMIT, 'h', 1), ok);
    EXPECT_EQ(driver.write(UART_TRANSMIT, 'i', 1), ok);
    EXPECT_EQ(text, "hi");
    EXPECT_EQ(driver.get(UART_LINE_STATUS, 1), UART_LINE_READY);
    EXPECT_EQ(driver.write(UART_TRANSMIT, 'x', 4), wrong_width);
    EXPECT_EQ(driver.read(UART_TRANSMIT, 1), wrong_direction);
    EXPECT_EQ(driver.write(UART_LINE_STATUS, 0, 1), wrong_direction);
    EXPECT_EQ(driver.read(1, 1), no_register);
    EXPECT_EQ(text, "hi");
}

TEST(Peripherals, MailboxSendsItsArgumentsWithTheKind) {
    std::vector<std::array<std::uint64_t, 3>> messages;
    ip::Mailbox mailbox("mailbox", chip_clock, [&](auto kind, auto first, auto second) {
        messages.push_back({kind, first, second});
    });
    Driver driver("driver", mailbox.registers);
    settle();
    EXPECT_EQ(driver.write(MAILBOX_ARGUMENT0, 5, 8), ok);
    EXPECT_EQ(driver.write(MAILBOX_ARGUMENT1, 6, 8), ok);
    EXPECT_EQ(driver.write(MAILBOX_SEND, MAILBOX_STEP_DONE, 8), ok);
    EXPECT_THAT(messages, ::testing::ElementsAre(std::array<std::uint64_t, 3>{MAILBOX_STEP_DONE, 5, 6}));
    EXPECT_EQ(driver.write(MAILBOX_SEND, 0, 8), wrong_value);
    EXPECT_EQ(driver.write(MAILBOX_SEND, 99, 8), wrong_value);
    EXPECT_EQ(driver.read(MAILBOX_ARGUMENT0, 8), wrong_direction);
    EXPECT_EQ(driver.write(MAILBOX_SEND, 1, 4), wrong_width);
    EXPECT_EQ(driver.write(MAILBOX_SEND + 8, 1, 8), no_register);
    EXPECT_EQ(messages.size(), 1u);
}

TEST(Peripherals, AMisalignedOrMaskedRegisterAccessIsRefused) {
    ip::Mailbox mailbox("mailbox", chip_clock, [](auto, auto, auto) { ADD_FAILURE(); });
    Driver driver("driver", mailbox.registers);
    settle();
    EXPECT_EQ(driver.write(MAILBOX_SEND + 4, 1, 8), wrong_width);
    EXPECT_EQ(driver.write(MAILBOX_SEND, 1, 3), wrong_width);
    EXPECT_EQ(driver.access(driver.payload.write(MAILBOX_SEND, nullptr, 8)), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
}

struct ClintSystem {
    ClintSystem() {
        clint.software_interrupt(software);
        clint.timer_interrupt(timer);
        settle();
    }
    ip::Clint clint{"clint", chip_clock};
    Driver driver{"driver", clint.registers};
    sc_core::sc_signal<bool> software, timer;
};

TEST(Peripherals, ClintTimerRisesInExactlyTheCycleOfItsCompareRegister) {
    ClintSystem system;
    EXPECT_EQ(system.driver.write(CLINT_MTIMECMP, 25, 8), ok);
    sc_core::sc_start(sc_core::sc_time(249'998, sc_core::SC_PS)); // now at 249.999 ns
    EXPECT_FALSE(system.timer.read());
    EXPECT_EQ(system.driver.get(CLINT_MTIME, 8), 24u);
    sc_core::sc_start(sc_core::sc_time(2, sc_core::SC_PS));
    EXPECT_TRUE(system.timer.read());
    EXPECT_EQ(system.driver.get(CLINT_MTIME, 8), 25u);
    EXPECT_EQ(system.driver.write(CLINT_MTIMECMP, 1000, 8), ok);
    settle();
    EXPECT_FALSE(system.timer.read()) << "the level follows the comparison";
}

TEST(Peripherals, ClintTimerMovesBothWaysWhenItIsSetAgain) {
    ClintSystem system;
    system.driver.write(CLINT_MTIMECMP, 100, 8);
    settle();
    system.driver.write(CLINT_MTIMECMP, 10, 8);
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_NS));
    EXPECT_TRUE(system.timer.read()) << "earlier than first said";
    system.driver.write(CLINT_MTIMECMP, 200, 8);
    sc_core::sc_start(sc_core::sc_time(1200, sc_core::SC_NS));
    EXPECT_FALSE(system.timer.read()) << "not when it was first said";
    sc_core::sc_start(sc_core::sc_time(1000, sc_core::SC_NS));
    EXPECT_TRUE(system.timer.read());
}

TEST(Peripherals, ClintTimerBeyondTheEndOfSimulatedTimeNeverComes) {
    ClintSystem system;
    EXPECT_EQ(system.driver.get(CLINT_MTIMECMP, 8), ~std::uint64_t{0}) << "after reset";
    EXPECT_EQ(system.driver.write(CLINT_MTIMECMP, ~std::uint64_t{0} / 10'000 + 1, 8), ok);
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_SEC));
    EXPECT_FALSE(system.timer.read());
}

TEST(Peripherals, ClintTakesHalvesOfItsWideRegisters) {
    ClintSystem system;
    EXPECT_EQ(system.driver.write(CLINT_MTIMECMP, 0x11111111, 4), ok);
    EXPECT_EQ(system.driver.write(CLINT_MTIMECMP + 4, 0x22222222, 4), ok);
    EXPECT_EQ(system.driver.get(CLINT_MTIMECMP, 8), 0x2222222211111111u);
    EXPECT_EQ(system.driver.get(CLINT_MTIMECMP + 4, 4), 0x22222222u);
    EXPECT_EQ(system.driver.read(CLINT_MTIMECMP, 2), wrong_width);
    EXPECT_EQ(system.driver.write(CLINT_MTIME, 0, 8), wrong_direction);
    EXPECT_EQ(system.driver.read(CLINT_MSIP, 8), wrong_width);
    EXPECT_EQ(system.driver.read(CLINT_MSIP + 4, 4), no_register);
}

TEST(Peripherals, ClintRaisesAndClearsTheSoftwareInterrupt) {
    ClintSystem system;
    system.driver.write(CLINT_MSIP, 0xfffffffe, 4);
    settle();
    EXPECT_FALSE(system.software.read()) << "only bit 0 counts";
    system.driver.write(CLINT_MSIP, 1, 4);
    settle();
    EXPECT_TRUE(system.software.read());
    EXPECT_EQ(system.driver.get(CLINT_MSIP, 4), 1u);
    system.driver.write(CLINT_MSIP, 0, 4);
    settle();
    EXPECT_FALSE(system.software.read());
}

struct PlicSystem {
    explicit PlicSystem(unsigned sources = 40)
        : plic("plic", chip_clock, sources), driver("driver", plic.registers), lines("lines", sources) {
        for (unsigned i = 0; i < sources; ++i)
            plic.sources[i](lines[i]);
        plic.external_interrupt(external);
        settle();
    }
    void set_priority(unsigned source, unsigned priority) {
        EXPECT_EQ(driver.write(PLIC_PRIORITY + 4 * source, priority, 4), ok);
    }
    void enable(std::uint64_t sources) {
        EXPECT_EQ(driver.write(PLIC_ENABLE, sources & 0xffffffff, 4), ok);
        EXPECT_EQ(driver.write(PLIC_ENABLE + 4, sources >> 32, 4), ok);
        settle();
    }
    void line(unsigned source, bool level) {
        lines[source - 1].write(level);
        settle();
    }
    std::uint64_t claim() {
        const std::uint64_t source = driver.get(PLIC_CLAIM, 4);
        settle();
        return source;
    }
    void complete(unsigned source) {
        EXPECT_EQ(driver.write(PLIC_CLAIM, source, 4), ok);
        settle();
    }
    ip::Plic plic;
    Driver driver;
    sc_core::sc_vector<sc_core::sc_signal<bool>> lines;
    sc_core::sc_signal<bool> external;
};

TEST(Peripherals, PlicServesTheHighestPriorityThenTheLowestNumber) {
    PlicSystem system;
    for (unsigned source : {3, 5, 36}) {
        system.set_priority(source, source == 36 ? 4 : 2);
        system.line(source, true);
    }
    EXPECT_FALSE(system.external.read()) << "nothing is enabled";
    system.enable(std::uint64_t{1} << 3 | std::uint64_t{1} << 5 | std::uint64_t{1} << 36);
    EXPECT_TRUE(system.external.read());
    EXPECT_EQ(system.driver.get(PLIC_PENDING, 4), 0x28u);
    EXPECT_EQ(system.driver.get(PLIC_PENDING + 4, 4), 0x10u);
    EXPECT_EQ(system.claim(), 36u);
    EXPECT_EQ(system.claim(), 3u);
    EXPECT_TRUE(system.external.read());
    EXPECT_EQ(system.claim(), 5u);
    EXPECT_FALSE(system.external.read());
    EXPECT_EQ(system.claim(), 0u) << "nothing is left";
}

TEST(Peripherals, PlicForwardsALevelAgainOnlyAfterCompletion) {
    PlicSystem system;
    system.set_priority(1, 1);
    system.enable(2);
    system.line(1, true);
    EXPECT_EQ(system.claim(), 1u);
    EXPECT_FALSE(system.external.read()) << "still high, but in service";
    system.line(1, false);
    system.line(1, true);
    EXPECT_EQ(system.claim(), 0u);
    system.complete(1);
    EXPECT_TRUE(system.external.read()) << "completed with the level high";
    EXPECT_EQ(system.claim(), 1u);
    system.line(1, false);
    system.complete(1);
    EXPECT_FALSE(system.external.read());
}

TEST(Peripherals, PlicKeepsARequestWhoseLevelDropped) {
    PlicSystem system;
    system.set_priority(1, 1);
    system.enable(2);
    system.line(1, true);
    system.line(1, false);
    EXPECT_TRUE(system.external.read());
    EXPECT_EQ(system.claim(), 1u);
}

TEST(Peripherals, PlicThresholdMasksTheLineButNotTheClaim) {
    PlicSystem system;
    system.set_priority(2, 3);
    system.enable(4);
    EXPECT_EQ(system.driver.write(PLIC_THRESHOLD, 3, 4), ok);
    system.line(2, true);
    EXPECT_FALSE(system.external.read()) << "not above the threshold";
    EXPECT_EQ(system.driver.write(PLIC_THRESHOLD, 2, 4), ok);
    settle();
    EXPECT_TRUE(system.external.read());
    EXPECT_EQ(system.driver.write(PLIC_THRESHOLD, 7, 4), ok);
    EXPECT_EQ(system.claim(), 2u);
}

TEST(Peripherals, PlicNeverInterruptsForPriorityZero) {
    PlicSystem system;
    system.enable(2);
    system.line(1, true);
    EXPECT_FALSE(system.external.read());
    EXPECT_EQ(system.claim(), 0u);
}

TEST(Peripherals, PlicIgnoresCompletionOfADisabledOrUnknownSource) {
    PlicSystem system;
    system.set_priority(1, 1);
    system.enable(2);
    system.line(1, true);
    EXPECT_EQ(system.claim(), 1u);
    system.enable(0);
    system.complete(1);
    system.complete(0);
    system.complete(4'000'000'000u);
    system.enable(2);
    EXPECT_EQ(system.claim(), 0u) << "still in service";
}

TEST(Peripherals, PlicRegistersAreWordsAndKeepWhatTheyCanHold) {
    PlicSystem system;
    system.set_priority(1, 0xffff);
    EXPECT_EQ(system.driver.get(PLIC_PRIORITY + 4, 4), 7u);
    system.set_priority(0, 5);
    EXPECT_EQ(system.driver.get(PLIC_PRIORITY, 4), 0u) << "there is no source 0";
    system.enable(~std::uint64_t{0});
    EXPECT_EQ(system.driver.get(PLIC_ENABLE, 4), 0xfffffffeu);
    EXPECT_EQ(system.driver.read(PLIC_PRIORITY, 8), wrong_width);
    EXPECT_EQ(system.driver.write(PLIC_PENDING, 1, 4), wrong_direction);
    EXPECT_EQ(system.driver.read(PLIC_PRIORITY + 4 * PLIC_SOURCES, 4), no_register);
    EXPECT_EQ(system.driver.read(PLIC_CLAIM + 4, 4), no_register);
}

TEST(Peripherals, PlicHasAtMost63Sources) { EXPECT_THROW(ip::Plic("plic", chip_clock, 64), std::invalid_argument); }

TEST(Peripherals, InfoBlockIsAReadOnlyPage) {
    info_block contents{};
    contents.magic = INFO_MAGIC;
    contents.dram_bytes = 0x123456789;
    ip::InfoBlockDevice device("info", chip_clock, contents);
    Driver driver("driver", device.registers);
    settle();
    EXPECT_EQ(driver.get(offsetof(info_block, magic), 4), INFO_MAGIC);
    EXPECT_EQ(driver.get(offsetof(info_block, dram_bytes), 8), 0x123456789u);
    EXPECT_EQ(driver.get(INFO_BLOCK_BYTES - 8, 8), 0u) << "zeros behind the block";
    EXPECT_EQ(driver.read(INFO_BLOCK_BYTES - 4, 8), no_register);
    EXPECT_EQ(driver.write(0, 0, 4), wrong_direction);
    EXPECT_EQ(driver.get(offsetof(info_block, magic), 4), INFO_MAGIC);
    std::uint32_t magic = 0;
    EXPECT_EQ(driver.socket->transport_dbg(driver.payload.read(0, &magic, 4)), 4u);
    EXPECT_EQ(magic, INFO_MAGIC);
    EXPECT_EQ(driver.socket->transport_dbg(driver.payload.write(0, &magic, 4)), 0u);
}

TEST(Peripherals, PerformanceMonitorCountsInCycles) {
    ip::QueueState state;
    state.retired = 3;
    state.busy = 70'000;
    state.stalled = 25'000;
    state.work = 1'000'000;
    ip::PerformanceMonitor monitor("perfmon", chip_clock, 2, [&](unsigned queue) {
        ip::QueueState answer = state;
        answer.retired += queue;
        return answer;
    });
    Driver driver("driver", monitor.registers);
    sc_core::sc_start(sc_core::sc_time(129, sc_core::SC_NS));
    EXPECT_EQ(driver.get(PERFMON_CYCLES, 8), 12u);
    const std::uint64_t second = PERFMON_QUEUE + PERFMON_QUEUE_BYTES;
    EXPECT_EQ(driver.get(second + PERFMON_QUEUE_RETIRED, 8), 4u);
    EXPECT_EQ(driver.get(second + PERFMON_QUEUE_BUSY, 8), 7u);
    EXPECT_EQ(driver.get(second + PERFMON_QUEUE_STALLED, 8), 2u);
    EXPECT_EQ(driver.get(second + PERFMON_QUEUE_WORK, 8), 1'000'000u);
    EXPECT_EQ(driver.read(PERFMON_QUEUE + 2 * PERFMON_QUEUE_BYTES, 8), no_register);
    EXPECT_EQ(driver.read(PERFMON_CYCLES + 8, 8), no_register);
    EXPECT_EQ(driver.read(PERFMON_CYCLES, 4), wrong_width);
    EXPECT_EQ(driver.write(PERFMON_CYCLES, 0, 8), wrong_direction);
}

} // namespace
} // namespace gradus::test::peripherals_test
