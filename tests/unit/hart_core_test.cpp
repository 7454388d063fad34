// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <stdexcept>

#include "tests/firmware/program_machine.h"

namespace gradus::test::hart_core_test {
namespace {

using ip::HartCore;
using ip::InstructionClass;

std::uint64_t evaluate(unsigned opcode, unsigned f3, unsigned f7, std::uint64_t a, std::uint64_t b) {
    Machine machine;
    machine.program.r(opcode, f3, f7, a0, a1, a2);
    machine.load();
    machine.core.set_register(a1, a);
    machine.core.set_register(a2, b);
    machine.step();
    return machine.x(a0);
}

constexpr std::uint64_t ones = ~std::uint64_t{0}, most_negative = std::uint64_t{1} << 63;

TEST(HartCore, DividesByZeroAsTheManualSays) {
    EXPECT_EQ(evaluate(0x33, 4, 1, 7, 0), ones);                // div
    EXPECT_EQ(evaluate(0x33, 5, 1, 7, 0), ones);                // divu
    EXPECT_EQ(evaluate(0x33, 6, 1, 7, 0), 7u);                  // rem
    EXPECT_EQ(evaluate(0x33, 7, 1, 7, 0), 7u);                  // remu
    EXPECT_EQ(evaluate(0x3b, 4, 1, 7, 0), ones);                // divw
    EXPECT_EQ(evaluate(0x3b, 5, 1, 7, 0), ones);                // divuw: all ones of 32 bits, sign-extended
    EXPECT_EQ(evaluate(0x3b, 7, 1, 0x80000000, 0), ones << 31); // remuw: the dividend, sign-extended
}

TEST(HartCore, DivisionOverflowGivesTheDividendAndNoRemainder) {
    EXPECT_EQ(evaluate(0x33, 4, 1, most_negative, ones), most_negative);
    EXPECT_EQ(evaluate(0x33, 6, 1, most_negative, ones), 0u);
    EXPECT_EQ(evaluate(0x3b, 4, 1, 0x80000000, ones), ones << 31);
    EXPECT_EQ(evaluate(0x3b, 6, 1, 0x80000000, ones), 0u);
}

TEST(HartCore, MultipliesHighHalvesWithEverySignedness) {
    EXPECT_EQ(evaluate(0x33, 1, 1, ones, ones), 0u);       // mulh: -1 * -1
    EXPECT_EQ(evaluate(0x33, 2, 1, ones, ones), ones);     // mulhsu: -1 * (2^64 - 1)
    EXPECT_EQ(evaluate(0x33, 2, 1, 5, ones), 4u);          // mulhsu: the second operand is unsigned
    EXPECT_EQ(evaluate(0x33, 3, 1, ones, ones), ones - 1); // mulhu
    EXPECT_EQ(evaluate(0x33, 1, 1, most_negative, most_negative), std::uint64_t{1} << 62);
    EXPECT_EQ(evaluate(0x3b, 0, 1, 0x10000, 0x8000), ones << 31); // mulw sign-extends
}

TEST(HartCore, ShiftsUseTheLowBitsOfTheAmount) {
    EXPECT_EQ(evaluate(0x33, 1, 0, 1, 64 + 3), 8u);              // sll: six bits
    EXPECT_EQ(evaluate(0x3b, 1, 0, 1, 32 + 3), 8u);              // sllw: five bits
    EXPECT_EQ(evaluate(0x33, 5, 0x20, most_negative, 63), ones); // sra
    EXPECT_EQ(evaluate(0x3b, 5, 0, ones, 0), ones);              // srlw by 0 still sign-extends
    EXPECT_EQ(evaluate(0x3b, 5, 0, ones, 1), 0x7fffffffu);
}

TEST(HartCore, RegisterZeroStaysZero) {
    Machine machine;
    machine.program.addi(x0, x0, 5);
    machine.program.addi(a0, x0, 1);
    machine.load();
    machine.steps(2);
    EXPECT_EQ(machine.x(0), 0u);
    EXPECT_EQ(machine.x(a0), 1u);
}

TEST(HartCore, EveryClassTakesItsCycles) {
    ip::HartParameters cycles;
    cycles = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
    Machine machine(true, cycles);
    Assembler& p = machine.program;
    p.addi(a0, x0, 1);
    p.mul(a0, a0, a0);
    p.divu(a0, a0, a0);
    p.ld(a1, 0, s0);
    p.sd(a1, 0, s0);
    p.beq(a0, x0, "skip"); // not taken
    p.bne(a0, x0, "skip"); // taken
    p.nop();
    p.label("skip");
    p.jal(ra, "jumped");
    p.label("jumped");
    p.amo(0, 3, a2, a0, s0);
    p.csrr(a3, mscratch);
    p.ecall();
    machine.core.set_register(s0, data);
    machine.load_with_handler();
    for (ip::Cycles expected : {2, 3, 5, 7, 11, 13, 17, 17, 19, 23, 29})
        EXPECT_EQ(machine.step(), expected);
    EXPECT_EQ(machine.csr(mcause), ip::cause_environment_call);
}

TEST(HartCore, CountsInstructionsByClass) {
    Machine machine;
    Assembler& p = machine.program;
    p.li(a0, 3);
    p.label("loop");
    p.addi(a0, a0, -1);
    p.sd(a0, 0, s0);
    p.bne(a0, x0, "loop");
    machine.core.set_register(s0, data);
    machine.load();
    machine.steps(10);
    EXPECT_EQ(machine.core.retired(), 10u);
    EXPECT_EQ(machine.core.retired(InstructionClass::alu), 4u);
    EXPECT_EQ(machine.core.retired(InstructionClass::store), 3u);
    EXPECT_EQ(machine.core.retired(InstructionClass::branch), 3u);
}

TEST(HartCore, AnInstructionClassWithoutCyclesIsRefused) {
    ip::HartParameters parameters;
    parameters.store = 0;
    EXPECT_THROW(FlatMachine(true, parameters), std::invalid_argument);
}

TEST(HartCore, RunsNoMoreInstructionsThanAllowed) {
    Machine machine;
    machine.program.label("loop");
    machine.program.j("loop");
    machine.load();
    for (std::uint64_t allowed : {1, 2, 7, 1000}) {
        const std::uint64_t before = machine.core.retired();
        machine.core.run(~std::uint64_t{0} / 2, allowed);
        EXPECT_GT(machine.core.retired(), before);
        EXPECT_LE(machine.core.retired(), before + allowed);
    }
}

TEST(HartCore, DeviceAccessTakesItsClassPlusTheDelayOfTheBus) {
    Machine machine;
    machine.program.ld(a0, 0, s0);
    machine.program.sw(a0, 8, s0);
    machine.core.set_register(s0, FlatMachine::device_base);
    machine.device_value = 0x1234;
    machine.load();
    // The device answers after 7 cycles; a load takes 2 cycles and a store 1 on top.
    EXPECT_EQ(machine.step(), 9u);
    EXPECT_EQ(machine.x(a0), 0x1234u);
    EXPECT_EQ(machine.step(), 8u);
    EXPECT_EQ(machine.requests.at(1).begin, 9 * FlatMachine::period) << "it starts when the load is done";
}

TEST(HartCore, MisalignedAccessesWorkInSramAtNoExtraCost) {
    for (bool direct : {true, false}) {
        Machine machine(direct);
        machine.program.sd(a0, 3, s0);
        machine.program.ld(a1, 3, s0);
        machine.program.lh(a2, 3, s0);
        machine.core.set_register(s0, data);
        machine.core.set_register(a0, 0x1122334455667788);
        machine.load();
        EXPECT_EQ(machine.step(), 1u);
        EXPECT_EQ(machine.step(), 2u);
        machine.step();
        EXPECT_EQ(machine.x(a1), 0x1122334455667788u);
        EXPECT_EQ(machine.x(a2), 0x7788u);
    }
}

TEST(HartCore, CountersReadTheirValueAtTheStartOfTheInstruction) {
    Machine machine;
    Assembler& p = machine.program;
    p.nop();              // cycle 0, instruction 0
    p.csrr(a0, cycle);    // cycle 1, instruction 1
    p.csrr(a1, instret);  // cycle 3, instruction 2
    p.csrr(a2, time_csr); // cycle 5
    p.li(a3, 100);        // cycle 7
    p.csrw(minstret, a3); // cycle 8
    p.csrr(a4, minstret); // cycle 10: nothing retired since
    p.csrw(mcycle, a3);   // cycle 12
    p.nop();              // cycle 14 reads as 100
    p.csrr(a5, mcycle);   // 101
    p.csrr(a6, time_csr); // cycle 17: time cannot be written
    machine.load();
    machine.steps(11);
    EXPECT_EQ(machine.x(a0), 1u);
    EXPECT_EQ(machine.x(a1), 2u);
    EXPECT_EQ(machine.x(a2), 5u);
    EXPECT_EQ(machine.x(a4), 100u);
    EXPECT_EQ(machine.x(a5), 101u);
    EXPECT_EQ(machine.x(a6), 17u);
}

TEST(HartCore, StoreConditionalSucceedsOnceAndOnlyAtTheReservedAddress) {
    Machine machine;
    Assembler& p = machine.program;
    p.amo(3, 3, a0, a5, s0); // sc without lr fails
    p.amo(2, 3, a1, x0, s0); // lr
    p.amo(3, 3, a2, a5, s1); // sc elsewhere fails and takes the reservation with it
    p.amo(3, 3, a3, a5, s0);
    p.amo(2, 3, a1, x0, s0);
    p.amo(3, 3, a4, a5, s0); // succeeds
    machine.core.set_register(s0, data);
    machine.core.set_register(s1, data + 8);
    machine.core.set_register(a5, 42);
    machine.load();
    machine.steps(6);
    EXPECT_EQ(machine.x(a0), 1u);
    EXPECT_EQ(machine.x(a2), 1u);
    EXPECT_EQ(machine.x(a3), 1u);
    EXPECT_EQ(machine.x(a4), 0u);
    EXPECT_EQ(machine.memory(data), 42u);
    EXPECT_EQ(machine.memory(data + 8), 0u);
}

TEST(HartCore, AStoreIntoCodeThatHasRunIsSeenAtOnce) {
    for (bool direct : {true, false}) {
        Machine machine(direct);
        Assembler& p = machine.program;
        p.label("patched");
        p.addi(a0, x0, 1);
        p.la(t0, "patched");
        p.sh(a1, 2, t0); // the second half: the immediate
        p.j("patched");
        machine.core.set_register(a1, 0x0070);
        machine.load();
        machine.steps(5);
        EXPECT_EQ(machine.x(a0), 1u);
        machine.step();
        EXPECT_EQ(machine.x(a0), 7u);
    }
}

TEST(HartCore, CodeThatOthersWriteIsSeenAfterFenceI) {
    Machine machine;
    Assembler& p = machine.program;
    p.label("loop");
    p.addi(a0, x0, 1);
    p.j("loop");
    machine.load();
    machine.steps(2);
    Assembler patch(base);
    patch.addi(a0, x0, 2);
    machine.write(base, patch.code());
    machine.step();
    EXPECT_EQ(machine.x(a0), 1u) << "as on a chip, stale code may still run";
    Assembler fence(base + 0x4000);
    fence.fence_i();
    machine.write(base + 0x4000, fence.code());
    machine.core.set_pc(base + 0x4000);
    machine.step();
    machine.core.set_pc(base);
    machine.step();
    EXPECT_EQ(machine.x(a0), 2u);
}

TEST(HartCore, InvalidatedCodeIsDecodedAgain) {
    Machine machine;
    machine.program.addi(a0, x0, 1);
    machine.load();
    machine.step();
    Assembler patch(base);
    patch.addi(a0, x0, 3);
    machine.write(base, patch.code());
    machine.core.invalidate_code({base + 2, 1});
    machine.core.set_pc(base);
    machine.step();
    EXPECT_EQ(machine.x(a0), 3u);
}

TEST(HartCore, AStoreToTheExitAddressEndsTheProgram) {
    for (bool direct : {true, false}) {
        Machine machine(direct);
        Assembler& p = machine.program;
        p.sb(a0, 0, s0); // too narrow to count
        p.sd(x0, 0, s0); // zero does not end anything
        p.sd(a0, 8, s0); // another address
        p.sw(a0, 0, s0);
        machine.core.set_register(s0, data);
        machine.core.set_register(a0, 5 << 1 | 1);
        machine.core.set_exit_address(data);
        machine.load();
        machine.steps(3);
        EXPECT_EQ(machine.pause, HartCore::Pause::none);
        machine.step();
        EXPECT_EQ(machine.pause, HartCore::Pause::exit);
        EXPECT_EQ(machine.core.exit_code(), 5);
    }
}

TEST(HartCore, ACsrThatDoesNotExistHasNoValue) {
    Machine machine;
    EXPECT_FALSE(machine.core.csr(0x180).has_value()) << "satp belongs to supervisor mode";
    EXPECT_EQ(machine.csr(0x301), std::uint64_t{2} << 62 | 1 << 0 | 1 << 2 | 1 << 8 | 1 << 12) << "misa: RV64 A C I M";
}

} // namespace
} // namespace gradus::test::hart_core_test
