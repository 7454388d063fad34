// SPDX-License-Identifier: Apache-2.0
// A decoded RV64IMAC instruction, and how to decode one.
// Source: The RISC-V Instruction Set Manual, volume I, 20191213, chapters 2, 3, 5, 7, 8, 9, 16 and 24.
#pragma once

#include <cstdint>

namespace gradus::ip {

/// Classes of instructions that HartParameters gives a number of cycles, and that are counted.
enum class InstructionClass : std::uint8_t { alu, multiply, divide, load, store, branch, jump, atomic, csr, system };
inline constexpr unsigned instruction_class_count = 10;
/// "alu", "multiply", ...
const char* name_of(InstructionClass instruction_class);

// clang-format off
enum class Op : std::uint8_t {
    undecoded, illegal,
    lui, auipc, jal, jalr,
    beq, bne, blt, bge, bltu, bgeu,
    lb, lh, lw, ld, lbu, lhu, lwu,
    sb, sh, sw, sd,
    addi, slti, sltiu, xori, ori, andi, slli, srli, srai, addiw, slliw, srliw, sraiw,
    add, sub, sll, slt, sltu, xor_, srl, sra, or_, and_, addw, subw, sllw, srlw, sraw,
    mul, mulh, mulhsu, mulhu, mulw,
    div, divu, rem, remu, divw, divuw, remw, remuw,
    lr_w, sc_w, amoswap_w, amoadd_w, amoxor_w, amoand_w, amoor_w, amomin_w, amomax_w, amominu_w, amomaxu_w,
    lr_d, sc_d, amoswap_d, amoadd_d, amoxor_d, amoand_d, amoor_d, amomin_d, amomax_d, amominu_d, amomaxu_d,
    csrrw, csrrs, csrrc, csrrwi, csrrsi, csrrci,
    fence, fence_i, ecall, ebreak, mret, wfi,
};
// clang-format on

/// Where writes to x0 go, so that no handler needs to ask: one past the architectural registers.
inline constexpr std::uint8_t discard_register = 32;

struct Instruction {
    Op op = Op::undecoded;
    InstructionClass instruction_class = InstructionClass::alu;
    std::uint8_t length = 4; ///< bytes: 2 or 4
    std::uint8_t rd = discard_register;
    std::uint8_t rs1 = 0; ///< or the immediate of csrr*i
    std::uint8_t rs2 = 0;
    std::int32_t immediate = 0; ///< sign-extended; shift amount; CSR number
};

/// `bits`: the instruction in its low 16 or 32 bits (by its lowest two bits). Never undecoded; Op::illegal for whatever
/// is no RV64IMAC + Zicsr + Zifencei instruction of machine mode.
Instruction decode(std::uint32_t bits);

/// A 16-bit instruction as the 32-bit one it stands for; 0, which is illegal, for a reserved one.
std::uint32_t expand_compressed(std::uint16_t bits);

constexpr bool is_compressed(std::uint32_t bits) { return (bits & 3) != 3; }

} // namespace gradus::ip
