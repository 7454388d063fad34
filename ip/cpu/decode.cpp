// SPDX-License-Identifier: Apache-2.0
#include "ip/cpu/instruction.h"
#include "ip/cpu/instruction_bits.h"

namespace gradus::ip {

namespace {

std::int32_t immediate_i(std::uint32_t bits) { return sign_extend(bits >> 20, 12); }
std::int32_t immediate_s(std::uint32_t bits) { return sign_extend(field(bits, 25, 7) << 5 | field(bits, 7, 5), 12); }
std::int32_t immediate_u(std::uint32_t bits) { return static_cast<std::int32_t>(bits & 0xfffff000u); }
std::int32_t immediate_b(std::uint32_t bits) {
    return sign_extend(
        field(bits, 31, 1) << 12 | field(bits, 7, 1) << 11 | field(bits, 25, 6) << 5 | field(bits, 8, 4) << 1, 13);
}
std::int32_t immediate_j(std::uint32_t bits) {
    return sign_extend(
        field(bits, 31, 1) << 20 | field(bits, 12, 8) << 12 | field(bits, 20, 1) << 11 | field(bits, 21, 10) << 1, 21);
}

// Tables are indexed by funct3.
constexpr Op branches[8] = {Op::beq, Op::bne, Op::illegal, Op::illegal, Op::blt, Op::bge, Op::bltu, Op::bgeu};
constexpr Op loads[8] = {Op::lb, Op::lh, Op::lw, Op::ld, Op::lbu, Op::lhu, Op::lwu, Op::illegal};
constexpr Op stores[8] = {Op::sb, Op::sh, Op::sw, Op::sd, Op::illegal, Op::illegal, Op::illegal, Op::illegal};
constexpr Op immediates[8] = {Op::addi, Op::slli, Op::slti, Op::sltiu, Op::xori, Op::srli, Op::ori, Op::andi};
constexpr Op plain[8] = {Op::add, Op::sll, Op::slt, Op::sltu, Op::xor_, Op::srl, Op::or_, Op::and_};
constexpr Op multiplies[8] = {Op::mul, Op::mulh, Op::mulhsu, Op::mulhu, Op::div, Op::divu, Op::rem, Op::remu};
constexpr Op multiplies_w[8] = {Op::mulw, Op::illegal, Op::illegal, Op::illegal,
                                Op::divw, Op::divuw,   Op::remw,    Op::remuw};
constexpr Op csrs[8] = {Op::illegal, Op::csrrw, Op::csrrs, Op::csrrc, Op::illegal, Op::csrrwi, Op::csrrsi, Op::csrrci};

Op shift_immediate(std::uint32_t bits) { // 64-bit shifts: six bits of shift amount
    const unsigned kind = field(bits, 26, 6);
    if (field(bits, 12, 3) == 1) return kind == 0 ? Op::slli : Op::illegal;
    return kind == 0 ? Op::srli : kind == 0x10 ? Op::srai : Op::illegal;
}

Op immediate_w(std::uint32_t bits) {
    const unsigned kind = field(bits, 25, 7);
    switch (field(bits, 12, 3)) {
    case 0:
        return Op::addiw;
    case 1:
        return kind == 0 ? Op::slliw : Op::illegal;
    case 5:
        return kind == 0 ? Op::srliw : kind == 0x20 ? Op::sraiw : Op::illegal;
    default:
        return Op::illegal;
    }
}

Op register_register(std::uint32_t bits) {
    const unsigned function = field(bits, 12, 3);
    switch (field(bits, 25, 7)) {
    case 0:
        return plain[function];
    case 1:
        return multiplies[function];
    case 0x20:
        return function == 0 ? Op::sub : function == 5 ? Op::sra : Op::illegal;
    default:
        return Op::illegal;
    }
}

Op register_register_w(std::uint32_t bits) {
    const unsigned function = field(bits, 12, 3);
    switch (field(bits, 25, 7)) {
    case 0:
        return function == 0 ? Op::addw : function == 1 ? Op::sllw : function == 5 ? Op::srlw : Op::illegal;
    case 1:
        return multiplies_w[function];
    case 0x20:
        return function == 0 ? Op::subw : function == 5 ? Op::sraw : Op::illegal;
    default:
        return Op::illegal;
    }
}

Op atomic(std::uint32_t bits) {
    const unsigned width = field(bits, 12, 3);
    if (width != 2 && width != 3) return Op::illegal;
    const bool doubleword = width == 3;
    switch (field(bits, 27, 5)) {
    case 0:
        return doubleword ? Op::amoadd_d : Op::amoadd_w;
    case 1:
        return doubleword ? Op::amoswap_d : Op::amoswap_w;
    case 2:
        return field(bits, 20, 5) ? Op::illegal : doubleword ? Op::lr_d : Op::lr_w;
    case 3:
        return doubleword ? Op::sc_d : Op::sc_w;
    case 4:
        return doubleword ? Op::amoxor_d : Op::amoxor_w;
    case 8:
        return doubleword ? Op::amoor_d : Op::amoor_w;
    case 12:
        return doubleword ? Op::amoand_d : Op::amoand_w;
    case 16:
        return doubleword ? Op::amomin_d : Op::amomin_w;
    case 20:
        return doubleword ? Op::amomax_d : Op::amomax_w;
    case 24:
        return doubleword ? Op::amominu_d : Op::amominu_w;
    case 28:
        return doubleword ? Op::amomaxu_d : Op::amomaxu_w;
    default:
        return Op::illegal;
    }
}

Op system(std::uint32_t bits) {
    switch (bits) {
    case 0x00000073:
        return Op::ecall;
    case 0x00100073:
        return Op::ebreak;
    case 0x30200073:
        return Op::mret;
    case 0x10500073:
        return Op::wfi;
    default:
        return csrs[field(bits, 12, 3)];
    }
}

Op op_of(std::uint32_t bits) {
    const unsigned function = field(bits, 12, 3);
    switch (bits & 0x7f) {
    case 0x03:
        return loads[function];
    case 0x0f:
        return function == 0 ? Op::fence : function == 1 ? Op::fence_i : Op::illegal;
    case 0x13:
        return function == 1 || function == 5 ? shift_immediate(bits) : immediates[function];
    case 0x17:
        return Op::auipc;
    case 0x1b:
        return immediate_w(bits);
    case 0x23:
        return stores[function];
    case 0x2f:
        return atomic(bits);
    case 0x33:
        return register_register(bits);
    case 0x37:
        return Op::lui;
    case 0x3b:
        return register_register_w(bits);
    case 0x63:
        return branches[function];
    case 0x67:
        return function == 0 ? Op::jalr : Op::illegal;
    case 0x6f:
        return Op::jal;
    case 0x73:
        return system(bits);
    default:
        return Op::illegal;
    }
}

std::int32_t immediate_of(Op op, std::uint32_t bits) {
    switch (bits & 0x7f) {
    case 0x03:
    case 0x67:
        return immediate_i(bits);
    case 0x13:
        return op == Op::slli || op == Op::srli || op == Op::srai ? field(bits, 20, 6) : immediate_i(bits);
    case 0x1b:
        return op == Op::addiw ? immediate_i(bits) : field(bits, 20, 5);
    case 0x17:
    case 0x37:
        return immediate_u(bits);
    case 0x23:
        return immediate_s(bits);
    case 0x63:
        return immediate_b(bits);
    case 0x6f:
        return immediate_j(bits);
    case 0x73:
        return field(bits, 20, 12);
    default:
        return 0;
    }
}

InstructionClass class_of(Op op) {
    if (op <= Op::illegal) return InstructionClass::system;
    if (op <= Op::auipc) return InstructionClass::alu;
    if (op <= Op::jalr) return InstructionClass::jump;
    if (op <= Op::bgeu) return InstructionClass::branch;
    if (op <= Op::lwu) return InstructionClass::load;
    if (op <= Op::sd) return InstructionClass::store;
    if (op <= Op::sraw) return InstructionClass::alu;
    if (op <= Op::mulw) return InstructionClass::multiply;
    if (op <= Op::remuw) return InstructionClass::divide;
    if (op <= Op::amomaxu_d) return InstructionClass::atomic;
    if (op <= Op::csrrci) return InstructionClass::csr;
    return InstructionClass::system;
}

} // namespace

const char* name_of(InstructionClass instruction_class) {
    static constexpr const char* names[instruction_class_count] = {"alu",    "multiply", "divide", "load", "store",
                                                                   "branch", "jump",     "atomic", "csr",  "system"};
    return names[static_cast<unsigned>(instruction_class)];
}

Instruction decode(std::uint32_t bits) {
    Instruction instruction;
    if (is_compressed(bits)) {
        instruction.length = 2;
        bits = expand_compressed(static_cast<std::uint16_t>(bits));
    }
    instruction.op = op_of(bits);
    instruction.instruction_class = class_of(instruction.op);
    instruction.immediate = immediate_of(instruction.op, bits);
    const unsigned rd = field(bits, 7, 5);
    if (rd) instruction.rd = static_cast<std::uint8_t>(rd);
    instruction.rs1 = static_cast<std::uint8_t>(field(bits, 15, 5));
    instruction.rs2 = static_cast<std::uint8_t>(field(bits, 20, 5));
    return instruction;
}

} // namespace gradus::ip
