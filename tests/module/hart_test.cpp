// SPDX-License-Identifier: Apache-2.0
// The hart in a small chip: 10 ns clock, bus latency 2 cycles, devices answer in 1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ip/common/protocol_checker.h"
#include "tests/firmware/hart_system.h"

namespace gradus::test::hart_test {
namespace {

using ip::Picoseconds;
using ::testing::HasSubstr;

constexpr std::uint64_t sram = HartSystem::sram_base;
constexpr Picoseconds cycle_time = HartSystem::period;

Assembler program() {
    Assembler p(sram);
    p.label("begin");
    return p;
}

void install_handler(Assembler& p) {
    p.la(t0, "handler");
    p.csrw(mtvec, t0);
}

void enable_timer(Assembler& p, std::uint64_t cycle_number) {
    p.li(t1, HartSystem::clint_base + CLINT_MTIMECMP);
    p.li(t0, cycle_number);
    p.sd(t0, 0, t1);
    p.li(t0, 1 << 7);
    p.csrw(mie, t0);
}

void enable_interrupts(Assembler& p) {
    p.li(t0, 8);
    p.csrw(mstatus, t0);
}

TEST(Hart, ExitsThroughTheExitAddressAtTheEndOfTheStore) {
    HartSystem system("system");
    Assembler p = program();
    p.addi(a0, x0, 7); // 1 cycle, as the next four
    exit_with_a0(p);   // slli, addi, li (a lui and an addiw and a shift), sd
    system.load(p);
    system.run();
    EXPECT_EQ(system.exit_code, 7);
    const std::uint64_t instructions = system.hart.state().instructions;
    EXPECT_EQ(ip::now(), instructions * cycle_time) << "every instruction of this program takes one cycle";
    EXPECT_EQ(system.hart.state().instructions_by_class[static_cast<unsigned>(ip::InstructionClass::store)], 1u);
}

TEST(Hart, DeviceAccessTakesTheLoadPlusBusPlusDeviceAndIsReportedAsAStall) {
    HartSystem system("system");
    Assembler p = program();
    p.li(s0, HartSystem::clint_base + CLINT_MTIME); // lui, addi(w): 0x200bff8
    p.csrr(s1, cycle);
    p.ld(a1, 0, s0); // 2 cycles of the load, 2 of the bus, 1 of the device
    p.csrr(s2, cycle);
    exit_with_a0(p);
    system.load(p);
    system.run();
    const ip::HartCore& core = system.hart.core();
    EXPECT_EQ(core.register_value(s2) - core.register_value(s1), 2u + 5u) << "a csr read, then the load";
    EXPECT_EQ(core.register_value(a1), core.register_value(s1) + 2) << "mtime as the load starts";
    EXPECT_EQ(system.observer.total(ip::Activity::stall_bus), 3 * cycle_time);
    EXPECT_EQ(system.observer.total(ip::Activity::busy), ip::now() - 3 * cycle_time);
}

TEST(Hart, TimerInterruptIsTakenAtTheFirstInstructionBoundaryNotBeforeItsCycle) {
    HartSystem system("system");
    Assembler p = program();
    install_handler(p);
    enable_timer(p, 100);
    enable_interrupts(p);
    p.li(a1, 0);
    p.label("loop"); // a two-cycle loop: an addi (1 cycle) and a taken jump (2 cycles)
    p.addi(a1, a1, 1);
    p.j("loop");
    p.label("handler");
    p.csrr(a2, mepc);
    exit_with_a0(p);
    system.load(p);
    system.run();
    ASSERT_EQ(system.traps.size(), 1u);
    const ip::TrapRecord& trap = system.traps[0];
    EXPECT_EQ(trap.cause, ip::cause_timer_interrupt);
    // The loop takes three cycles; entry takes four after the boundary, which comes at most one cycle late.
    const ip::Cycles boundary = trap.time / cycle_time - 4;
    EXPECT_GE(boundary, 100u);
    EXPECT_LE(boundary, 101u);
    const bool at_jump = trap.pc == p.address("loop") + 4;
    EXPECT_TRUE(at_jump || trap.pc == p.address("loop"));
    EXPECT_EQ(trap.pc, system.hart.core().register_value(a2));
}

TEST(Hart, WfiSleepsUntilTheVeryCycleOfTheTimerAndIsIdleMeanwhile) {
    HartSystem system("system");
    Assembler p = program();
    install_handler(p);
    enable_timer(p, 5000);
    p.wfi(); // mstatus.MIE is off: it goes on behind the wfi
    p.csrr(a1, cycle);
    exit_with_a0(p);
    p.label("handler");
    p.j("handler");
    system.load(p);
    system.run();
    EXPECT_EQ(system.exit_code, 0);
    EXPECT_TRUE(system.traps.empty());
    EXPECT_EQ(system.hart.core().register_value(a1), 5000u);
    const Picoseconds reported =
        system.observer.total(ip::Activity::busy) + system.observer.total(ip::Activity::stall_bus);
    EXPECT_LT(reported, 100 * cycle_time);
    for (const ip::Span& span : system.observer.spans) {
        const bool before_sleep = span.end < 100 * cycle_time, after = span.begin >= 5000 * cycle_time;
        EXPECT_TRUE(before_sleep || after) << span.begin;
    }
}

TEST(Hart, WfiDoesNotSleepWhenAnInterruptIsPendingAlready) {
    HartSystem system("system");
    Assembler p = program();
    p.li(t1, HartSystem::clint_base + CLINT_MSIP);
    p.li(t0, 1);
    p.sw(t0, 0, t1);
    p.li(t0, 1 << 3);
    p.csrw(mie, t0);
    p.csrr(a1, cycle);
    p.wfi();
    p.csrr(a2, cycle);
    exit_with_a0(p);
    system.load(p);
    system.run();
    EXPECT_EQ(system.hart.core().register_value(a2) - system.hart.core().register_value(a1), 3u)
        << "a csr read and a wfi of one cycle";
}

TEST(Hart, ASleepingHartSaysSo) {
    HartSystem system("system");
    Assembler p = program();
    p.wfi();
    system.load(p);
    system.run();
    EXPECT_FALSE(system.exit_code.has_value());
    EXPECT_TRUE(system.hart.state().waiting_for_interrupt);
    EXPECT_EQ(system.hart.state().pc, sram + 4);
    EXPECT_EQ(system.observer.total(ip::Activity::busy), cycle_time);
}

TEST(Hart, AnUnhandledBadAccessStopsTheSimulationAndNamesEverything) {
    HartSystem system("system");
    Assembler p = program();
    p.li(t0, 0x40000000);
    p.label("culprit");
    p.lw(a0, 4, t0);
    system.load(p);
    system.hart.set_symbols(ip::SymbolTable({{sram, 64, "dma_start"}}));
    system.run();
    ASSERT_TRUE(system.fault.has_value());
    EXPECT_EQ(system.fault->kind, ip::HartFault::Kind::unhandled_trap);
    EXPECT_EQ(system.fault->cause, ip::cause_load_access);
    EXPECT_EQ(system.fault->pc, p.address("culprit"));
    EXPECT_EQ(system.fault->tval, 0x40000004u);
    EXPECT_EQ(system.fault->description,
              "load access fault at pc 0x80000004 (dma_start+0x4): address 0x40000004: nothing answers there; "
              "no trap handler is installed (mtvec is 0)");
    EXPECT_EQ(ip::now(), 3 * cycle_time) << "a lui, then the bus takes two cycles to refuse";
}

TEST(Hart, ADeviceThatRefusesIsNamed) {
    HartSystem system("system");
    Assembler p = program();
    p.li(t0, HartSystem::clint_base + CLINT_MTIME);
    p.sd(a0, 0, t0);
    system.load(p);
    system.run();
    ASSERT_TRUE(system.fault.has_value());
    EXPECT_THAT(system.fault->description, HasSubstr("clint+0xbff8 cannot be written"));
    EXPECT_THAT(system.hart.last_exception(), HasSubstr("store access fault"));
}

TEST(Hart, AnAccessOfAWrongWidthIsNamed) {
    HartSystem system("system");
    Assembler p = program();
    p.li(t0, HartSystem::clint_base);
    p.lbu(a0, 0, t0);
    system.load(p);
    system.run();
    ASSERT_TRUE(system.fault.has_value());
    EXPECT_THAT(system.fault->description, HasSubstr("clint does not take an access of 1 bytes"));
}

TEST(Hart, AHandlerThatTrapsAtOnceIsADoubleFault) {
    HartSystem system("system");
    Assembler p = program();
    install_handler(p);
    p.ecall();
    p.label("handler");
    p.word(0xffffffff);
    system.load(p);
    system.run();
    ASSERT_TRUE(system.fault.has_value());
    EXPECT_EQ(system.fault->kind, ip::HartFault::Kind::double_fault);
    EXPECT_EQ(system.fault->pc, p.address("handler"));
    EXPECT_EQ(system.traps.size(), 1u);
}

TEST(Hart, ReportsAHangAtExactlyTheSameInstructionWhateverTheQuantum) {
    ip::HartOptions options;
    options.quantum = 777'777;
    options.hang_instructions = 1001;
    HartSystem system("system", options);
    Assembler p = program();
    p.label("loop");
    p.nop();
    p.j("loop");
    system.load(p);
    system.run();
    ASSERT_TRUE(system.fault.has_value());
    EXPECT_EQ(system.fault->kind, ip::HartFault::Kind::hang);
    EXPECT_EQ(system.hart.state().instructions, 1001u);
    EXPECT_EQ(system.fault->pc, sram + 4) << "the 1002nd instruction";
    EXPECT_THAT(system.fault->description, HasSubstr("no progress for 1001 instructions"));
}

TEST(Hart, ProgressPostponesTheHang) {
    ip::HartOptions options;
    options.hang_instructions = 1000;
    HartSystem system("system", options);
    Assembler p = program();
    p.label("loop");
    p.j("loop");
    system.load(p);
    for (int i = 0; i < 20; ++i) { // a thousand jumps take 20 us
        sc_core::sc_start(sc_core::sc_time(15, sc_core::SC_US));
        system.hart.note_progress();
    }
    EXPECT_FALSE(system.fault.has_value());
    system.run();
    EXPECT_TRUE(system.fault.has_value());
}

TEST(Hart, UsesDirectMemoryWhenItIsFree) {
    HartSystem system("system");
    Assembler p = program();
    p.li(s0, sram + 0x10000);
    p.sd(s0, 0, s0);
    p.ld(a1, 0, s0);
    exit_with_a0(p);
    system.load(p);
    system.run();
    EXPECT_EQ(system.memory.transactions, 0u);
    EXPECT_EQ(system.hart.core().register_value(a1), sram + 0x10000);
}

TEST(Hart, DoesNotUseDirectMemoryThatHasALatency) {
    HartSystem system("system");
    system.memory.dmi_latency = sc_core::sc_time(1, sc_core::SC_NS);
    Assembler p = program();
    p.li(s0, sram + 0x10000);
    p.ld(a1, 0, s0);
    exit_with_a0(p);
    system.load(p);
    system.run();
    EXPECT_EQ(system.memory.transactions, 2u) << "the load and the store that exits";
}

TEST(Hart, GivesDirectMemoryUpWhenToldAndTakesItBackOnAHint) {
    HartSystem system("system");
    Assembler p = program();
    p.li(t0, 1);
    p.li(t1, HartSystem::plic_base + PLIC_PRIORITY);
    p.sw(t0, 4, t1);
    p.li(t0, 1 << 1);
    p.li(t1, HartSystem::plic_base + PLIC_ENABLE);
    p.sw(t0, 0, t1);
    p.li(t0, 1 << 11);
    p.csrw(mie, t0);
    p.li(s0, sram + 0x10000);
    p.wfi(); // until source 1 rises, below
    for (int i = 0; i < 3; ++i)
        p.ld(a1, 0, s0);
    exit_with_a0(p);
    system.load(p);
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
    ASSERT_TRUE(system.hart.state().waiting_for_interrupt);
    system.memory.port[0]->invalidate_direct_mem_ptr(0, 15);
    system.memory.hint = true;
    system.lines[0].write(true);
    system.run();
    EXPECT_EQ(system.exit_code, 0);
    EXPECT_EQ(system.memory.transactions, 1u) << "the first load; its hint brought direct memory back";
    EXPECT_EQ(system.memory.requests, 2u);
}

TEST(Hart, StopsAtOnceWhenTheWorldEndsInsideItsAccess) {
    HartSystem system("system");
    Assembler p = program();
    p.li(t1, HartSystem::clint_base + CLINT_MSIP);
    p.li(t0, 1);
    p.sw(t0, 0, t1);
    p.label("loop");
    p.addi(a0, a0, 1);
    p.j("loop");
    system.load(p);
    sc_core::sc_spawn([&] {
        sc_core::wait(system.software.posedge_event());
        system.hart.stop();
        sc_core::sc_stop();
    });
    system.run();
    // The line rises in the instant of the store: the hart, last in each instant, does not get to its next instruction.
    EXPECT_EQ(system.hart.core().register_value(a0), 0u);
    EXPECT_LE(system.observer.spans.back().end, ip::now());
}

TEST(Hart, SpeaksTheBaseProtocol) {
    std::vector<std::string> violations;
    ip::ProtocolChecker checker("checker", [&](const std::string& text) { violations.push_back(text); });
    ip::HartOptions options;
    options.dmi = false;
    options.sram = {0, 1 << 16};
    SpanLog observer;
    BusMemory memory("memory", 1 << 16);
    ip::Hart hart("hart", ip::HartParameters{}, ip::Clock{cycle_time}, options, 0, observer);
    sc_core::sc_signal<bool> lines[3];
    hart.software_interrupt(lines[0]);
    hart.timer_interrupt(lines[1]);
    hart.external_interrupt(lines[2]);
    hart.bus.bind(checker.in);
    checker.out.bind(memory.port);
    Assembler p(0x100);
    p.label("begin");
    p.li(s0, 0x1000);
    p.sd(s0, 3, s0);
    p.lw(a0, 3, s0);
    p.amo(0, 3, a1, a0, s0);
    p.sd(s0, 16, s0);
    memory.load(0x100, p.code());
    hart.set_pc(0x100);
    hart.set_exit_address(0x1010);
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
    EXPECT_EQ(memory.transactions, 5u) << "a store, a load, an atomic read and write, a store";
    EXPECT_THAT(violations, ::testing::IsEmpty());
}

} // namespace
} // namespace gradus::test::hart_test
