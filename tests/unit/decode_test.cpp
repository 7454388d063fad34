// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ip/cpu/instruction.h"

namespace gradus::ip::decode_test {
namespace {

TEST(Decode, SignExtendsEveryImmediate) {
    EXPECT_EQ(decode(0xfff00093).immediate, -1);              // addi x1, x0, -1
    EXPECT_EQ(decode(0xfe000ee3).immediate, -4);              // beq x0, x0, -4
    EXPECT_EQ(decode(0xffdff06f).immediate, -4);              // j -4
    EXPECT_EQ(decode(0xfe113c23).immediate, -8);              // sd x1, -8(x2)
    EXPECT_EQ(decode(0x800000b7).immediate, -0x7fffffff - 1); // lui x1, 0x80000
}

TEST(Decode, WritesToRegisterZeroAreDiscarded) { EXPECT_EQ(decode(0x00100013).rd, discard_register); }

TEST(Decode, ReservedCompressedEncodingsAreIllegal) {
    for (std::uint16_t bits : {0x0000 /* all zeros */, 0x0004 /* c.addi4spn 0 */, 0x2001 /* c.addiw x0 */,
                               0x6101 /* c.addi16sp 0 */, 0x6081 /* c.lui x1, 0 */, 0x4002 /* c.lwsp x0 */,
                               0x6002 /* c.ldsp x0 */, 0x8002 /* c.jr x0 */, 0x9c41 /* quadrant 1, reserved */,
                               0x8000 /* quadrant 0, reserved */, 0x2000 /* c.fld */, 0xa002 /* c.fsdsp */}) {
        const Instruction instruction = decode(bits);
        EXPECT_EQ(instruction.op, Op::illegal) << std::hex << bits;
        EXPECT_EQ(instruction.length, 2);
    }
}

TEST(Decode, CompressedInstructionsEqualTheirExpansions) {
    EXPECT_EQ(expand_compressed(0x0001), 0x00000013u); // c.nop
    EXPECT_EQ(expand_compressed(0x9002), 0x00100073u); // c.ebreak
    EXPECT_EQ(expand_compressed(0x8082), 0x00008067u); // ret
    EXPECT_EQ(expand_compressed(0x1141), 0xff010113u); // addi sp, sp, -16
    EXPECT_EQ(expand_compressed(0xe406), 0x00113423u); // sd ra, 8(sp)
    EXPECT_EQ(expand_compressed(0x60a2), 0x00813083u); // ld ra, 8(sp)
    EXPECT_EQ(expand_compressed(0x715d), 0xfb010113u); // addi sp, sp, -80
    EXPECT_EQ(expand_compressed(0xbffd), 0xfffff06fu); // j -2
}

TEST(Decode, EveryHalfwordAndManyWordsDecodeToSomething) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits)
        EXPECT_NE(decode(bits).op, Op::undecoded);
    std::uint64_t state = 1; // any full-period generator does
    for (int i = 0; i < 1'000'000; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const Instruction instruction = decode(static_cast<std::uint32_t>(state >> 32));
        ASSERT_NE(instruction.op, Op::undecoded);
        ASSERT_LE(instruction.rd, discard_register);
        ASSERT_LT(instruction.rs1, 32);
        ASSERT_LT(instruction.rs2, 32);
    }
}

TEST(Decode, ShiftAmountsBeyondTheWordAreIllegalInWordShifts) {
    EXPECT_EQ(decode(0x0200909b).op, Op::illegal); // slliw x1, x1, 32
    EXPECT_EQ(decode(0x02009093).op, Op::slli);    // slli x1, x1, 32
    EXPECT_EQ(decode(0x02009093).immediate, 32);
    EXPECT_EQ(decode(0x43f0d093).immediate, 63); // srai x1, x1, 63
}

} // namespace
} // namespace gradus::ip::decode_test
