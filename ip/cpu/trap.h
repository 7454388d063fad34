// SPDX-License-Identifier: Apache-2.0
// Traps: causes, and records of them for people.
// Source: The RISC-V Instruction Set Manual, volume II, 20211203, table 3.6.
#pragma once

#include <cstdint>
#include <string>

#include "ip/common/units.h"
#include "ip/cpu/elf.h"

namespace gradus::ip {

inline constexpr std::uint64_t cause_interrupt = std::uint64_t{1} << 63; ///< set in mcause for interrupts
inline constexpr std::uint64_t cause_software_interrupt = cause_interrupt | 3;
inline constexpr std::uint64_t cause_timer_interrupt = cause_interrupt | 7;
inline constexpr std::uint64_t cause_external_interrupt = cause_interrupt | 11;

inline constexpr std::uint64_t cause_instruction_access = 1;
inline constexpr std::uint64_t cause_illegal_instruction = 2;
inline constexpr std::uint64_t cause_breakpoint = 3;
inline constexpr std::uint64_t cause_load_misaligned = 4;
inline constexpr std::uint64_t cause_load_access = 5;
inline constexpr std::uint64_t cause_store_misaligned = 6; ///< also of atomics
inline constexpr std::uint64_t cause_store_access = 7;     ///< also of atomics
inline constexpr std::uint64_t cause_environment_call = 11;

/// "load access fault", "timer interrupt", ...
std::string cause_name(std::uint64_t cause);

/// A trap as it was taken. `detail` says why in words, for access faults; empty otherwise.
struct TrapRecord {
    std::uint64_t cause = 0;
    std::uint64_t pc = 0; ///< what mepc received
    std::uint64_t tval = 0;
    Picoseconds time = 0; ///< when the handler's first instruction may start
    std::string detail;
};

/// "load access fault at pc 0x80001234 (dma_start+0x12): address 0x40000000: nothing answers there"
std::string describe(const TrapRecord& trap, const SymbolTable& symbols);

/// "0x80001234 (dma_start+0x12)", without the parentheses where no symbol is known.
std::string describe_place(std::uint64_t address, const SymbolTable& symbols);

} // namespace gradus::ip
