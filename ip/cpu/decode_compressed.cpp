// SPDX-License-Identifier: Apache-2.0
// Volume I, chapter 16. Immediates are scattered; scatter() says where the bits come from as the manual's diagrams do.
#include <initializer_list>

#include "ip/cpu/instruction.h"
#include "ip/cpu/instruction_bits.h"

namespace gradus::ip {

namespace {

constexpr std::uint32_t zero = 0, return_address = 1, stack_pointer = 2;

/// `width` bits of the instruction from bit `from` on become bits of the immediate from bit `to` on.
struct Piece {
    unsigned from, width, to;
};

std::uint32_t scatter(std::uint32_t bits, std::initializer_list<Piece> pieces) {
    std::uint32_t value = 0;
    for (const Piece& piece : pieces)
        value |= field(bits, piece.from, piece.width) << piece.to;
    return value;
}

std::uint32_t extended(std::uint32_t value, unsigned width) {
    return static_cast<std::uint32_t>(sign_extend(value, width));
}

/// The popular registers x8 to x15.
std::uint32_t popular(std::uint32_t bits, unsigned low) { return 8 + field(bits, low, 3); }

// Encoders of the 32-bit formats.
std::uint32_t type_i(std::uint32_t opcode, std::uint32_t function, std::uint32_t rd, std::uint32_t rs1,
                     std::uint32_t immediate) {
    return opcode | rd << 7 | function << 12 | rs1 << 15 | immediate << 20;
}
std::uint32_t type_s(std::uint32_t function, std::uint32_t rs1, std::uint32_t rs2, std::uint32_t immediate) {
    return 0x23 | field(immediate, 0, 5) << 7 | function << 12 | rs1 << 15 | rs2 << 20 | field(immediate, 5, 7) << 25;
}
std::uint32_t type_r(std::uint32_t opcode, std::uint32_t function, std::uint32_t function7, std::uint32_t rd,
                     std::uint32_t rs1, std::uint32_t rs2) {
    return opcode | rd << 7 | function << 12 | rs1 << 15 | rs2 << 20 | function7 << 25;
}
std::uint32_t branch(std::uint32_t function, std::uint32_t rs1, std::uint32_t immediate) {
    return 0x63 | field(immediate, 11, 1) << 7 | field(immediate, 1, 4) << 8 | function << 12 | rs1 << 15 |
           field(immediate, 5, 6) << 25 | field(immediate, 12, 1) << 31;
}
std::uint32_t jump(std::uint32_t rd, std::uint32_t immediate) {
    return 0x6f | rd << 7 | field(immediate, 12, 8) << 12 | field(immediate, 11, 1) << 20 |
           field(immediate, 1, 10) << 21 | field(immediate, 20, 1) << 31;
}

std::uint32_t immediate6(std::uint32_t bits) { return scatter(bits, {{12, 1, 5}, {2, 5, 0}}); }

std::uint32_t quadrant0(std::uint32_t bits) {
    const std::uint32_t rs1 = popular(bits, 7), other = popular(bits, 2);
    const std::uint32_t word = scatter(bits, {{10, 3, 3}, {6, 1, 2}, {5, 1, 6}});
    const std::uint32_t doubleword = scatter(bits, {{10, 3, 3}, {5, 2, 6}});
    switch (field(bits, 13, 3)) {
    case 0: { // c.addi4spn
        const std::uint32_t immediate = scatter(bits, {{11, 2, 4}, {7, 4, 6}, {6, 1, 2}, {5, 1, 3}});
        return immediate ? type_i(0x13, 0, other, stack_pointer, immediate) : 0;
    }
    case 2:
        return type_i(0x03, 2, other, rs1, word); // c.lw
    case 3:
        return type_i(0x03, 3, other, rs1, doubleword); // c.ld
    case 6:
        return type_s(2, rs1, other, word); // c.sw
    case 7:
        return type_s(3, rs1, other, doubleword); // c.sd
    default:
        return 0; // floating point, reserved
    }
}

std::uint32_t arithmetic(std::uint32_t bits) {
    const std::uint32_t rd = popular(bits, 7), rs2 = popular(bits, 2), shift = immediate6(bits);
    switch (field(bits, 10, 2)) {
    case 0:
        return type_i(0x13, 5, rd, rd, shift); // c.srli
    case 1:
        return type_i(0x13, 5, rd, rd, shift | 0x400); // c.srai
    case 2:
        return type_i(0x13, 7, rd, rd, extended(shift, 6)); // c.andi
    default:
        break;
    }
    switch (field(bits, 12, 1) << 2 | field(bits, 5, 2)) {
    case 0:
        return type_r(0x33, 0, 0x20, rd, rd, rs2); // c.sub
    case 1:
        return type_r(0x33, 4, 0, rd, rd, rs2); // c.xor
    case 2:
        return type_r(0x33, 6, 0, rd, rd, rs2); // c.or
    case 3:
        return type_r(0x33, 7, 0, rd, rd, rs2); // c.and
    case 4:
        return type_r(0x3b, 0, 0x20, rd, rd, rs2); // c.subw
    case 5:
        return type_r(0x3b, 0, 0, rd, rd, rs2); // c.addw
    default:
        return 0;
    }
}

std::uint32_t upper_immediate(std::uint32_t bits, std::uint32_t rd) {
    if (rd == stack_pointer) { // c.addi16sp
        const std::uint32_t immediate = scatter(bits, {{12, 1, 9}, {6, 1, 4}, {5, 1, 6}, {3, 2, 7}, {2, 1, 5}});
        return immediate ? type_i(0x13, 0, rd, rd, extended(immediate, 10)) : 0;
    }
    const std::uint32_t immediate = immediate6(bits); // c.lui
    return immediate ? 0x37 | rd << 7 | extended(immediate, 6) << 12 : 0;
}

std::uint32_t quadrant1(std::uint32_t bits) {
    const std::uint32_t rd = field(bits, 7, 5), immediate = extended(immediate6(bits), 6);
    switch (field(bits, 13, 3)) {
    case 0:
        return type_i(0x13, 0, rd, rd, immediate); // c.addi
    case 1:
        return rd ? type_i(0x1b, 0, rd, rd, immediate) : 0; // c.addiw
    case 2:
        return type_i(0x13, 0, rd, zero, immediate); // c.li
    case 3:
        return upper_immediate(bits, rd);
    case 4:
        return arithmetic(bits);
    case 5: // c.j
        return jump(
            zero,
            extended(
                scatter(bits,
                        {{12, 1, 11}, {11, 1, 4}, {9, 2, 8}, {8, 1, 10}, {7, 1, 6}, {6, 1, 7}, {3, 3, 1}, {2, 1, 5}}),
                12));
    default: // c.beqz, c.bnez
        return branch(field(bits, 13, 1), popular(bits, 7),
                      extended(scatter(bits, {{12, 1, 8}, {10, 2, 3}, {5, 2, 6}, {3, 2, 1}, {2, 1, 5}}), 9));
    }
}

std::uint32_t jump_or_move(std::uint32_t bits, std::uint32_t rd, std::uint32_t rs2) {
    if (!field(bits, 12, 1)) {
        if (rs2) return type_r(0x33, 0, 0, rd, zero, rs2); // c.mv
        return rd ? type_i(0x67, 0, zero, rd, 0) : 0;      // c.jr
    }
    if (rs2) return type_r(0x33, 0, 0, rd, rd, rs2);                 // c.add
    return rd ? type_i(0x67, 0, return_address, rd, 0) : 0x00100073; // c.jalr, c.ebreak
}

std::uint32_t quadrant2(std::uint32_t bits) {
    const std::uint32_t rd = field(bits, 7, 5), rs2 = field(bits, 2, 5);
    switch (field(bits, 13, 3)) {
    case 0:
        return type_i(0x13, 1, rd, rd, immediate6(bits)); // c.slli
    case 2:                                               // c.lwsp
        return rd ? type_i(0x03, 2, rd, stack_pointer, scatter(bits, {{12, 1, 5}, {4, 3, 2}, {2, 2, 6}})) : 0;
    case 3: // c.ldsp
        return rd ? type_i(0x03, 3, rd, stack_pointer, scatter(bits, {{12, 1, 5}, {5, 2, 3}, {2, 3, 6}})) : 0;
    case 4:
        return jump_or_move(bits, rd, rs2);
    case 6:
        return type_s(2, stack_pointer, rs2, scatter(bits, {{9, 4, 2}, {7, 2, 6}})); // c.swsp
    case 7:
        return type_s(3, stack_pointer, rs2, scatter(bits, {{10, 3, 3}, {7, 3, 6}})); // c.sdsp
    default:
        return 0; // floating point
    }
}

} // namespace

std::uint32_t expand_compressed(std::uint16_t bits) {
    switch (bits & 3) {
    case 0:
        return quadrant0(bits);
    case 1:
        return quadrant1(bits);
    default:
        return quadrant2(bits);
    }
}

} // namespace gradus::ip
