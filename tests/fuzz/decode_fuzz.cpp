// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_cpu_core
// Words as instructions, one after the other: every word decodes to something that the hart can execute.
#include <cstring>

#include "ip/cpu/instruction.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;
using ip::Instruction;
using ip::InstructionClass;
using ip::Op;

bool same(const Instruction& left, const Instruction& right) {
    return left.op == right.op && left.instruction_class == right.instruction_class && left.rd == right.rd &&
           left.rs1 == right.rs1 && left.rs2 == right.rs2 && left.immediate == right.immediate;
}

void claim_operands(const Instruction& instruction) {
    claim(instruction.op != Op::undecoded, "a word decodes");
    claim(static_cast<unsigned>(instruction.instruction_class) < ip::instruction_class_count, "its class is known");
    claim(instruction.rd >= 1 && instruction.rd <= ip::discard_register, "x0 is never written");
    claim(instruction.rs1 < 32 && instruction.rs2 < 32, "sources are registers");
}

void claim_immediate(const Instruction& instruction) {
    const std::int32_t immediate = instruction.immediate;
    const auto within = [&](std::int32_t reach) { return immediate >= -reach && immediate < reach; };
    switch (instruction.instruction_class) {
    case InstructionClass::branch:
        claim(within(1 << 12) && immediate % 2 == 0, "a branch reaches 4 KiB, in halfwords");
        break;
    case InstructionClass::load:
    case InstructionClass::store:
        claim(within(1 << 11), "a load or store reaches 2 KiB");
        break;
    case InstructionClass::csr:
        claim(immediate >= 0 && immediate < 4096, "a CSR has a number of 12 bits");
        break;
    case InstructionClass::atomic:
        claim(immediate == 0, "an atomic has no offset");
        break;
    default:
        break;
    }
    if (instruction.op == Op::jal) claim(within(1 << 20) && immediate % 2 == 0, "a jump reaches 1 MiB, in halfwords");
    if (instruction.op == Op::slli || instruction.op == Op::srli || instruction.op == Op::srai)
        claim(immediate >= 0 && immediate < 64, "a shift stays within a register");
    if (instruction.op == Op::slliw || instruction.op == Op::srliw || instruction.op == Op::sraiw)
        claim(immediate >= 0 && immediate < 32, "a shift of a word stays within it");
    if (instruction.op == Op::lui || instruction.op == Op::auipc)
        claim((immediate & 0xfff) == 0, "an upper immediate has no lower bits");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (std::size_t at = 0; at + sizeof(std::uint32_t) <= size; at += sizeof(std::uint16_t)) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, data + at, sizeof bits);
        const Instruction instruction = ip::decode(bits);
        claim(instruction.length == (ip::is_compressed(bits) ? 2 : 4), "its length stands in its lowest bits");
        claim_operands(instruction);
        claim_immediate(instruction);
        if (!ip::is_compressed(bits)) continue;
        claim(same(instruction, ip::decode(bits & 0xffff)), "16 bits do not look at what follows");
        const std::uint32_t expanded = ip::expand_compressed(static_cast<std::uint16_t>(bits));
        claim(expanded == 0 || !ip::is_compressed(expanded), "a compressed instruction stands for one of 32 bits");
        claim(expanded == 0 ? instruction.op == Op::illegal : same(instruction, ip::decode(expanded)),
              "a compressed instruction does what the long one does");
    }
    return 0;
}
