// SPDX-License-Identifier: Apache-2.0
// The instructions of volume I. Program counter, cycles and the count of instructions live in local variables, hence in
// registers; whatever needs them in the object is called between save() and restore().
#include <cstring>
#include <limits>

#include "ip/cpu/hart_core.h"

namespace gradus::ip {

namespace {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UnsignedInt128;

std::uint64_t sign_extend(std::uint32_t word) { return static_cast<std::uint64_t>(static_cast<std::int32_t>(word)); }
std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

std::uint64_t multiply_high_signed(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((Int128{as_signed(a)} * as_signed(b)) >> 64);
}
std::uint64_t multiply_high_mixed(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((Int128{as_signed(a)} * static_cast<Int128>(b)) >> 64);
}
std::uint64_t multiply_high_unsigned(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((UnsignedInt128{a} * b) >> 64);
}

// Division never traps: by zero gives all ones and the dividend, overflow the dividend and zero (volume I, table 7.1).
template <class Signed>
Signed divide(Signed a, Signed b) {
    if (b == 0) return -1;
    return a == std::numeric_limits<Signed>::min() && b == -1 ? a : a / b;
}
template <class Signed>
Signed remainder(Signed a, Signed b) {
    if (b == 0) return a;
    return b == -1 ? 0 : a % b;
}
template <class Unsigned>
Unsigned divide_unsigned(Unsigned a, Unsigned b) {
    return b ? a / b : std::numeric_limits<Unsigned>::max();
}
template <class Unsigned>
Unsigned remainder_unsigned(Unsigned a, Unsigned b) {
    return b ? a % b : a;
}

} // namespace

void HartCore::execute() {
    std::uint64_t pc = pc_, retired = retired_;
    Cycles cycles = cycles_, limit = limit_;
    std::uint64_t* const x = x_.data();

    const auto save = [&] {
        pc_ = pc;
        cycles_ = cycles;
        retired_ = retired;
    };
    const auto restore = [&] {
        pc = pc_;
        cycles = cycles_;
        limit = limit_;
    };
    const auto load = [&](std::uint64_t address, auto& value) {
        const Bytes offset = address - sram_.base;
        if (offset < fast_bytes_) {
            std::memcpy(&value, fast_ + offset, sizeof value);
            return true;
        }
        save();
        const bool good = load_slow(address, &value, sizeof value);
        restore();
        return good;
    };
    const auto store = [&](std::uint64_t address, auto value) {
        const Bytes offset = address - sram_.base;
        if (offset < fast_bytes_ && !(line_flags_[offset / 64] | line_flags_[(offset + sizeof value - 1) / 64])) {
            std::memcpy(fast_ + offset, &value, sizeof value);
            return true;
        }
        save();
        const bool good = store_slow(address, &value, sizeof value);
        restore();
        return good;
    };
    const auto trap = [&](std::uint64_t cause, std::uint64_t tval) {
        save();
        take_trap(cause, tval);
        restore();
    };

    while (cycles < limit) {
        const Bytes code_offset = pc - sram_.base;
        if (code_offset >= sram_.bytes) {
            save();
            take_trap(cause_instruction_access, pc, "only SRAM holds code");
            restore();
            continue;
        }
        const Instruction i = code_[code_offset / 2];
        const std::uint64_t a = x[i.rs1], b = x[i.rs2];
        const std::uint64_t immediate = static_cast<std::uint64_t>(static_cast<std::int64_t>(i.immediate));
        std::uint64_t& d = x[i.rd];
        std::uint64_t next = pc + i.length;
        const auto branch = [&](bool taken) {
            if (!taken) return;
            next = pc + immediate;
            cycles += branch_taken_extra_;
        };
        const auto load_into = [&](auto value) { // the argument gives the width and the extension
            if (!load(a + immediate, value)) return false;
            d = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
            return true;
        };

        // clang-format off
        switch (i.op) {
        case Op::undecoded: save(); decode_at_pc(); restore(); continue;
        case Op::illegal: save(); execute_illegal(); restore(); continue;

        case Op::lui: d = immediate; break;
        case Op::auipc: d = pc + immediate; break;
        case Op::jal: d = next; next = pc + immediate; break;
        case Op::jalr: d = next; next = (a + immediate) & ~std::uint64_t{1}; break;

        case Op::beq: branch(a == b); break;
        case Op::bne: branch(a != b); break;
        case Op::blt: branch(as_signed(a) < as_signed(b)); break;
        case Op::bge: branch(as_signed(a) >= as_signed(b)); break;
        case Op::bltu: branch(a < b); break;
        case Op::bgeu: branch(a >= b); break;

        case Op::lb: if (!load_into(std::int8_t{})) continue; break;
        case Op::lh: if (!load_into(std::int16_t{})) continue; break;
        case Op::lw: if (!load_into(std::int32_t{})) continue; break;
        case Op::ld: if (!load_into(std::int64_t{})) continue; break;
        case Op::lbu: if (!load_into(std::uint8_t{})) continue; break;
        case Op::lhu: if (!load_into(std::uint16_t{})) continue; break;
        case Op::lwu: if (!load_into(std::uint32_t{})) continue; break;

        case Op::sb: if (!store(a + immediate, static_cast<std::uint8_t>(b))) continue; break;
        case Op::sh: if (!store(a + immediate, static_cast<std::uint16_t>(b))) continue; break;
        case Op::sw: if (!store(a + immediate, static_cast<std::uint32_t>(b))) continue; break;
        case Op::sd: if (!store(a + immediate, b)) continue; break;

        case Op::addi: d = a + immediate; break;
        case Op::slti: d = as_signed(a) < as_signed(immediate); break;
        case Op::sltiu: d = a < immediate; break;
        case Op::xori: d = a ^ immediate; break;
        case Op::ori: d = a | immediate; break;
        case Op::andi: d = a & immediate; break;
        case Op::slli: d = a << i.immediate; break;
        case Op::srli: d = a >> i.immediate; break;
        case Op::srai: d = static_cast<std::uint64_t>(as_signed(a) >> i.immediate); break;
        case Op::addiw: d = sign_extend(static_cast<std::uint32_t>(a + immediate)); break;
        case Op::slliw: d = sign_extend(static_cast<std::uint32_t>(a) << i.immediate); break;
        case Op::srliw: d = sign_extend(static_cast<std::uint32_t>(a) >> i.immediate); break;
        case Op::sraiw: d = static_cast<std::uint64_t>(static_cast<std::int32_t>(a) >> i.immediate); break;

        case Op::add: d = a + b; break;
        case Op::sub: d = a - b; break;
        case Op::sll: d = a << (b & 63); break;
        case Op::slt: d = as_signed(a) < as_signed(b); break;
        case Op::sltu: d = a < b; break;
        case Op::xor_: d = a ^ b; break;
        case Op::srl: d = a >> (b & 63); break;
        case Op::sra: d = static_cast<std::uint64_t>(as_signed(a) >> (b & 63)); break;
        case Op::or_: d = a | b; break;
        case Op::and_: d = a & b; break;
        case Op::addw: d = sign_extend(static_cast<std::uint32_t>(a + b)); break;
        case Op::subw: d = sign_extend(static_cast<std::uint32_t>(a - b)); break;
        case Op::sllw: d = sign_extend(static_cast<std::uint32_t>(a) << (b & 31)); break;
        case Op::srlw: d = sign_extend(static_cast<std::uint32_t>(a) >> (b & 31)); break;
        case Op::sraw: d = static_cast<std::uint64_t>(static_cast<std::int32_t>(a) >> (b & 31)); break;

        case Op::mul: d = a * b; break;
        case Op::mulh: d = multiply_high_signed(a, b); break;
        case Op::mulhsu: d = multiply_high_mixed(a, b); break;
        case Op::mulhu: d = multiply_high_unsigned(a, b); break;
        case Op::mulw: d = sign_extend(static_cast<std::uint32_t>(a * b)); break;
        case Op::div: d = static_cast<std::uint64_t>(divide(as_signed(a), as_signed(b))); break;
        case Op::divu: d = divide_unsigned(a, b); break;
        case Op::rem: d = static_cast<std::uint64_t>(remainder(as_signed(a), as_signed(b))); break;
        case Op::remu: d = remainder_unsigned(a, b); break;
        case Op::divw: d = static_cast<std::uint64_t>(divide(static_cast<std::int32_t>(a), static_cast<std::int32_t>(b))); break;
        case Op::divuw: d = sign_extend(divide_unsigned(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b))); break;
        case Op::remw: d = static_cast<std::uint64_t>(remainder(static_cast<std::int32_t>(a), static_cast<std::int32_t>(b))); break;
        case Op::remuw: d = sign_extend(remainder_unsigned(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b))); break;

        case Op::csrrw: case Op::csrrs: case Op::csrrc: case Op::csrrwi: case Op::csrrsi: case Op::csrrci: {
            save();
            const bool good = execute_csr(i);
            restore();
            if (!good) continue;
            break;
        }

        case Op::fence: break; // one hart, whose accesses take place in program order
        case Op::fence_i: flush_code(); break;
        case Op::ecall: trap(cause_environment_call, 0); continue;
        case Op::ebreak: trap(cause_breakpoint, pc); continue;
        case Op::mret:
            next = state_.leave_trap();
            cycles += mret_extra_;
            if (state_.interrupted()) limit = 0; // the owner looks at the lines, then run() takes it
            break;
        case Op::wfi: pause(Pause::wait_for_interrupt); limit = 0; break;

        default: { // atomics
            save();
            const bool good = execute_atomic(i);
            restore();
            if (!good) continue;
            break;
        }
        }
        // clang-format on

        const auto instruction_class = static_cast<unsigned>(i.instruction_class);
        ++retired;
        ++counts_[instruction_class];
        cycles += costs_[instruction_class];
        pc = next;
    }
    save();
}

void HartCore::execute_illegal() {
    std::uint16_t low = 0, high = 0;
    read_code(pc_, &low, sizeof low);
    if (!is_compressed(low)) read_code(pc_ + 2, &high, sizeof high);
    take_trap(cause_illegal_instruction, low | static_cast<std::uint64_t>(high) << 16);
}

bool HartCore::execute_csr(const Instruction& instruction) {
    const unsigned csr = static_cast<unsigned>(instruction.immediate);
    const bool immediate = instruction.op >= Op::csrrwi;
    const std::uint64_t operand = immediate ? instruction.rs1 : x_[instruction.rs1];
    const bool replaces = instruction.op == Op::csrrw || instruction.op == Op::csrrwi;
    const bool sets = instruction.op == Op::csrrs || instruction.op == Op::csrrsi;
    const bool writes = replaces || instruction.rs1 != 0; // csrrs and csrrc with x0 or 0 only read
    std::uint64_t old = 0;
    if (!state_.read(csr, counters(), old) || (writes && !state_.write(csr,
                                                                       replaces ? operand
                                                                       : sets   ? old | operand
                                                                                : old & ~operand,
                                                                       counters()))) {
        execute_illegal();
        return false;
    }
    x_[instruction.rd] = old;
    if (state_.interrupted()) limit_ = 0; // the owner looks at the lines, then run() takes it
    return true;
}

bool HartCore::execute_atomic(const Instruction& instruction) {
    return instruction.op < Op::lr_d ? execute_atomic<std::int32_t, std::uint32_t>(instruction)
                                     : execute_atomic<std::int64_t, std::uint64_t>(instruction);
}

template <class Word, class UnsignedWord>
bool HartCore::execute_atomic(const Instruction& instruction) {
    const std::uint64_t address = x_[instruction.rs1];
    const auto operand = static_cast<UnsignedWord>(x_[instruction.rs2]);
    std::uint64_t& result = x_[instruction.rd];
    constexpr unsigned distance = static_cast<unsigned>(Op::lr_d) - static_cast<unsigned>(Op::lr_w);
    const Op op =
        sizeof(Word) == 4 ? instruction.op : static_cast<Op>(static_cast<unsigned>(instruction.op) - distance);
    const bool reserves = op == Op::lr_w;
    if (address % sizeof(Word)) {
        take_trap(reserves ? cause_load_misaligned : cause_store_misaligned, address, "atomics must be aligned");
        return false;
    }
    if (!sram_.contains(address, sizeof(Word))) {
        take_trap(reserves ? cause_load_access : cause_store_access, address, "only SRAM takes atomics");
        return false;
    }
    if (op == Op::sc_w) {
        const bool success = reservation_ == address;
        reservation_.reset();
        if (success && !store_slow(address, &operand, sizeof operand)) return false;
        result = !success;
        return true;
    }
    UnsignedWord old = 0;
    if (!load_slow(address, &old, sizeof old)) return false;
    if (reserves) {
        reservation_ = address;
    } else {
        UnsignedWord value = operand;
        const auto signed_old = static_cast<Word>(old), signed_operand = static_cast<Word>(operand);
        switch (op) {
        case Op::amoadd_w:
            value = old + operand;
            break;
        case Op::amoxor_w:
            value = old ^ operand;
            break;
        case Op::amoand_w:
            value = old & operand;
            break;
        case Op::amoor_w:
            value = old | operand;
            break;
        case Op::amomin_w:
            value = signed_old < signed_operand ? old : operand;
            break;
        case Op::amomax_w:
            value = signed_old > signed_operand ? old : operand;
            break;
        case Op::amominu_w:
            value = old < operand ? old : operand;
            break;
        case Op::amomaxu_w:
            value = old > operand ? old : operand;
            break;
        default:
            break; // amoswap
        }
        if (!store_slow(address, &value, sizeof value)) return false;
    }
    result = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<Word>(old)));
    return true;
}

} // namespace gradus::ip
