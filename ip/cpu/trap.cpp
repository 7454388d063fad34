// SPDX-License-Identifier: Apache-2.0
#include "ip/cpu/trap.h"

#include "ip/cpu/hex.h"

namespace gradus::ip {

std::string cause_name(std::uint64_t cause) {
    switch (cause) {
    case cause_software_interrupt:
        return "software interrupt";
    case cause_timer_interrupt:
        return "timer interrupt";
    case cause_external_interrupt:
        return "external interrupt";
    case cause_instruction_access:
        return "instruction access fault";
    case cause_illegal_instruction:
        return "illegal instruction";
    case cause_breakpoint:
        return "breakpoint";
    case cause_load_misaligned:
        return "misaligned load";
    case cause_load_access:
        return "load access fault";
    case cause_store_misaligned:
        return "misaligned store or atomic";
    case cause_store_access:
        return "store access fault";
    case cause_environment_call:
        return "environment call";
    default:
        return "trap with cause " + hex(cause);
    }
}

std::string describe_place(std::uint64_t address, const SymbolTable& symbols) {
    const std::string symbol = symbols.at(address);
    return symbol.empty() ? hex(address) : hex(address) + " (" + symbol + ")";
}

std::string describe(const TrapRecord& trap, const SymbolTable& symbols) {
    std::string text = cause_name(trap.cause) + " at pc " + describe_place(trap.pc, symbols);
    if (trap.cause == cause_illegal_instruction)
        text += ": instruction " + hex(trap.tval);
    else if (!(trap.cause & cause_interrupt) && trap.cause != cause_environment_call && trap.cause != cause_breakpoint)
        text += ": address " + hex(trap.tval);
    return trap.detail.empty() ? text : text + ": " + trap.detail;
}

} // namespace gradus::ip
