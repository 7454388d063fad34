// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/firmware/program_machine.h"

namespace gradus::test::hart_traps_test {
namespace {

using ip::HartCore;
using ip::InstructionClass;

TEST(HartTraps, MisalignedAccessesElsewhereTrapPrecisely) {
    Machine machine;
    machine.program.lw(a0, 2, s0);
    machine.core.set_register(s0, FlatMachine::device_base);
    machine.core.set_register(a0, 77);
    machine.load_with_handler();
    const std::uint64_t pc = machine.core.pc();
    machine.step();
    EXPECT_EQ(machine.core.pc(), handler);
    EXPECT_EQ(machine.csr(mcause), ip::cause_load_misaligned);
    EXPECT_EQ(machine.csr(mepc), pc);
    EXPECT_EQ(machine.csr(mtval), FlatMachine::device_base + 2);
    EXPECT_EQ(machine.x(a0), 77u);
    EXPECT_TRUE(machine.requests.empty());
}

TEST(HartTraps, AnAccessToNowhereIsAPreciseTrapThatSaysWhy) {
    Machine machine;
    machine.program.sd(a0, 8, s0);
    machine.core.set_register(s0, nowhere);
    machine.load_with_handler();
    const std::uint64_t pc = machine.core.pc();
    EXPECT_EQ(machine.step(), 7u + 4u) << "the refusal of the bus, then trap entry";
    EXPECT_EQ(machine.csr(mcause), ip::cause_store_access);
    EXPECT_EQ(machine.csr(mepc), pc);
    EXPECT_EQ(machine.csr(mtval), nowhere + 8);
    EXPECT_EQ(machine.core.retired(InstructionClass::store), 0u);
    const ip::SymbolTable symbols({{pc - 0x12, 0x20, "dma_start"}});
    EXPECT_EQ(describe(*machine.core.last_exception(), symbols),
              "store access fault at pc 0x80000010 (dma_start+0x12): address 0x40000008: nothing answers there");
}

TEST(HartTraps, ALastAccessThatReachesBeyondSramTraps) {
    Machine machine;
    machine.program.lw(a0, 0, s0);
    machine.program.ld(a0, 0, s0);
    machine.core.set_register(s0, base + FlatMachine::sram_bytes - 4);
    machine.load_with_handler();
    EXPECT_EQ(machine.step(), 2u) << "the last word itself is fine";
    machine.step();
    EXPECT_EQ(machine.csr(mcause), ip::cause_load_misaligned);
}

TEST(HartTraps, JumpingOutOfSramIsAnInstructionAccessFaultAtTheTarget) {
    Machine machine;
    machine.program.jalr(ra, s0);
    machine.core.set_register(s0, nowhere);
    machine.load_with_handler();
    machine.steps(2);
    EXPECT_EQ(machine.csr(mcause), ip::cause_instruction_access);
    EXPECT_EQ(machine.csr(mepc), nowhere);
    EXPECT_EQ(machine.csr(mtval), nowhere);
}

TEST(HartTraps, AnInstructionHalfOutsideOfSramFaultsAtItsSecondHalf) {
    Machine machine;
    const std::uint64_t last = base + FlatMachine::sram_bytes - 2;
    machine.set_memory<std::uint16_t>(last, 0x0013); // the lower half of a nop
    machine.program.jalr(x0, s0);
    machine.core.set_register(s0, last);
    machine.load_with_handler();
    machine.steps(2);
    EXPECT_EQ(machine.csr(mcause), ip::cause_instruction_access);
    EXPECT_EQ(machine.csr(mepc), last);
    EXPECT_EQ(machine.csr(mtval), last + 2);
}

TEST(HartTraps, IllegalInstructionsTrapWithTheirBits) {
    for (std::uint32_t bits : {0xffffffffu, 0x0000u, 0xc0001073u /* csrrw x0, cycle, x0 */,
                               0x12345073u /* no such CSR */, 0x00053507u /* fld */, 0x10200073u /* sret */}) {
        Machine machine;
        machine.program.word(bits);
        machine.load_with_handler();
        machine.step();
        EXPECT_EQ(machine.csr(mcause), ip::cause_illegal_instruction) << std::hex << bits;
        EXPECT_EQ(machine.csr(mtval), bits);
    }
}

TEST(HartTraps, TrapsSaveAndDisableInterruptsAndMretRestoresThem) {
    Machine machine;
    machine.program.ecall();
    machine.load_with_handler();
    Assembler at_handler(handler);
    at_handler.mret();
    machine.write(handler, at_handler.code());
    Assembler enable(base + 0x4000);
    enable.li(t0, 8);
    enable.csrw(mstatus, t0);
    enable.ecall();
    machine.write(base + 0x4000, enable.code());
    machine.core.set_pc(base + 0x4000);
    machine.steps(2);
    EXPECT_EQ(machine.csr(mstatus), 0x1808u);
    EXPECT_EQ(machine.step(), 4u);
    EXPECT_EQ(machine.csr(mstatus), 0x1880u) << "MIE moved to MPIE";
    EXPECT_EQ(machine.step(), 4u) << "mret";
    EXPECT_EQ(machine.csr(mstatus), 0x1888u);
    EXPECT_EQ(machine.core.pc(), base + 0x4000 + 8) << "back at the ecall";
}

TEST(HartTraps, VectoredInterruptsGoToTheirOwnEntryAndExceptionsToTheBase) {
    Machine machine;
    Assembler& p = machine.program;
    p.li(t0, 1 << 7 | 1 << 11);
    p.csrw(mie, t0);
    p.li(t0, 8);
    p.csrw(mstatus, t0);
    p.nop();
    machine.core.set_line(ip::InterruptLine::timer, true);
    machine.core.set_line(ip::InterruptLine::external, true);
    machine.load_with_handler(1);
    while (machine.csr(mstatus) != 0x1808)
        machine.step();
    machine.step();
    EXPECT_EQ(machine.core.pc(), handler + 4 * 11) << "external goes before timer";
    EXPECT_EQ(machine.csr(mcause), ip::cause_external_interrupt);
    EXPECT_EQ(machine.csr(mip), 1u << 7 | 1u << 11);
}

TEST(HartTraps, InterruptsWaitUntilTheyAreEnabled) {
    Machine machine;
    machine.program.nop();
    machine.program.nop();
    machine.core.set_line(ip::InterruptLine::software, true);
    machine.load_with_handler();
    const std::uint64_t pc = machine.core.pc();
    machine.step();
    EXPECT_EQ(machine.core.pc(), pc + 4);
    EXPECT_FALSE(machine.core.wakes());
}

TEST(HartTraps, AtomicsMustBeAlignedAndInSram) {
    for (const auto& [address, cause] : {std::pair{data + 4, ip::cause_store_misaligned},
                                         std::pair{FlatMachine::device_base, ip::cause_store_access}}) {
        Machine machine;
        machine.program.amo(0, 3, a0, a1, s0);
        machine.core.set_register(s0, address);
        machine.load_with_handler();
        machine.step();
        EXPECT_EQ(machine.csr(mcause), cause);
        EXPECT_EQ(machine.csr(mtval), address);
        EXPECT_TRUE(machine.requests.empty());
    }
}

TEST(HartTraps, ATrapWithoutAHandlerIsAFault) {
    Machine machine;
    machine.program.ebreak();
    machine.load();
    machine.step();
    EXPECT_EQ(machine.pause, HartCore::Pause::fault);
    EXPECT_TRUE(machine.core.handler_missing());
    EXPECT_EQ(machine.core.last_exception()->cause, ip::cause_breakpoint);
    EXPECT_EQ(machine.core.last_exception()->pc, base);
}

TEST(HartTraps, AHandlerThatTrapsAtItsFirstInstructionIsAFault) {
    Machine machine;
    machine.program.ecall();
    machine.load_with_handler();
    machine.set_memory<std::uint32_t>(handler, 0); // illegal
    machine.step();
    EXPECT_EQ(machine.core.pc(), handler) << "the first trap goes to the handler";
    EXPECT_EQ(machine.pause, HartCore::Pause::none);
    machine.step();
    EXPECT_EQ(machine.pause, HartCore::Pause::fault);
    EXPECT_FALSE(machine.core.handler_missing());
    EXPECT_EQ(machine.core.last_exception()->pc, handler);
}

} // namespace
} // namespace gradus::test::hart_traps_test
