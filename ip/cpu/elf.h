// SPDX-License-Identifier: Apache-2.0
// Reads RISC-V executables: ELF64, little endian, statically linked, as a bare-metal toolchain makes them.
// Source of the layout: System V ABI, gABI chapters 4 and 5; RISC-V ELF psABI 1.0 for e_flags.
//
// The input may be anything: whatever is wrong with it raises one ElfError that says what. Not read: relocations,
// dynamic linking, DWARF.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradus::ip {

class ElfError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct ElfSymbol {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    std::string name;
};

class SymbolTable {
public:
    SymbolTable() = default;
    /// `end`: of the program; no symbol covers what lies behind it.
    explicit SymbolTable(std::vector<ElfSymbol> symbols, std::uint64_t end = ~std::uint64_t{0});

    /// Sorted by address.
    const std::vector<ElfSymbol>& symbols() const { return symbols_; }
    /// "symbol" or "symbol+0x12"; empty when no symbol covers the address. A symbol without a size reaches to the next
    /// one.
    std::string at(std::uint64_t address) const;
    std::optional<std::uint64_t> address(const std::string& name) const;

private:
    std::vector<ElfSymbol> symbols_;
    std::uint64_t end_ = 0;
};

/// What to load: `data` at `address` (the physical, that is load, address), then zeros up to `bytes`.
struct ElfSegment {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    std::vector<std::uint8_t> data;
};

struct Elf {
    std::uint64_t entry = 0;
    std::vector<ElfSegment> segments; ///< sorted by address, none empty, none overlapping
    SymbolTable symbols;              ///< empty when stripped
};

/// Throws ElfError.
Elf parse_elf(const std::vector<std::uint8_t>& file);

} // namespace gradus::ip
