// SPDX-License-Identifier: Apache-2.0
#include "ip/cpu/elf.h"

#include <algorithm>
#include <cstring>

#include "ip/cpu/hex.h"

namespace gradus::ip {

namespace {

constexpr unsigned header_bytes = 64, program_header_bytes = 56, section_header_bytes = 64, symbol_bytes = 24;
constexpr unsigned machine_riscv = 243, type_executable = 2;
constexpr unsigned segment_load = 1, section_symbols = 2, section_strings = 3;
constexpr unsigned flag_float_abi = 0x6;
constexpr std::uint64_t longest_name = 4096;
constexpr std::uint64_t most_sharing = 16; ///< of a string table by the names of symbols, which may end alike

[[noreturn]] void fail(const std::string& message) { throw ElfError("ELF: " + message); }

/// A view of the file in which every access is checked.
class Reader {
public:
    explicit Reader(const std::vector<std::uint8_t>& file) : file_(file) {}

    std::uint64_t bytes() const { return file_.size(); }

    bool holds(std::uint64_t offset, std::uint64_t bytes) const {
        return offset <= file_.size() && bytes <= file_.size() - offset;
    }
    std::uint64_t number(std::uint64_t offset, unsigned bytes) const {
        if (!holds(offset, bytes)) fail("truncated: nothing at file offset " + hex(offset));
        std::uint64_t value = 0;
        for (unsigned i = bytes; i-- > 0;)
            value = value << 8 | file_[offset + i];
        return value;
    }
    /// `count` records of `bytes` each fit; a product that overflows does not.
    void expect_table(const char* what, std::uint64_t offset, std::uint64_t count, std::uint64_t bytes) const {
        if (count && (offset > file_.size() || count > (file_.size() - offset) / bytes))
            fail(std::string("truncated: the ") + what + " at file offset " + hex(offset) +
                 " does not fit into the file");
    }
    std::vector<std::uint8_t> slice(std::uint64_t offset, std::uint64_t bytes) const {
        const auto begin = file_.begin() + static_cast<std::ptrdiff_t>(offset);
        return {begin, begin + static_cast<std::ptrdiff_t>(bytes)};
    }
    /// The string at `offset`, which ends before `end`.
    std::string string(std::uint64_t offset, std::uint64_t end) const {
        // The limit keeps a file whose symbols all share one endless name from costing its size squared.
        const void* stop = std::memchr(file_.data() + offset, 0, std::min(end - offset, longest_name));
        if (!stop) fail("a symbol's name has no end");
        return reinterpret_cast<const char*>(file_.data() + offset);
    }

private:
    const std::vector<std::uint8_t>& file_;
};

void check_identity(const Reader& elf) {
    if (!elf.holds(0, 4) || elf.number(0, 4) != 0x464c457f) fail("not an ELF file");
    if (!elf.holds(0, header_bytes)) fail("truncated: shorter than an ELF header");
    if (elf.number(4, 1) != 2) fail("not a 64-bit file; build with -march=rv64imac -mabi=lp64");
    if (elf.number(5, 1) != 1) fail("not little endian");
    if (elf.number(18, 2) != machine_riscv)
        fail("made for machine " + std::to_string(elf.number(18, 2)) + ", not RISC-V (243)");
    if (elf.number(16, 2) != type_executable)
        fail("not an executable (type " + std::to_string(elf.number(16, 2)) +
             "); link it statically, without -r or -pie");
    if (elf.number(48, 4) & flag_float_abi)
        fail("uses the hardware floating-point ABI, and the hart has no floating point; build with -march=rv64imac "
             "-mabi=lp64");
}

/// `loaded`: by the segments before it.
ElfSegment read_segment(const Reader& elf, std::uint64_t header, std::uint64_t loaded) {
    ElfSegment segment;
    const std::uint64_t offset = elf.number(header + 8, 8);
    segment.address = elf.number(header + 24, 8);
    const std::uint64_t file_bytes = elf.number(header + 32, 8);
    segment.bytes = elf.number(header + 40, 8);
    const std::string where = "the segment at address " + hex(segment.address);
    if (file_bytes > segment.bytes) fail(where + " is larger in the file than in memory");
    if (segment.bytes && segment.address + (segment.bytes - 1) < segment.address)
        fail(where + " wraps around the address space");
    if (!elf.holds(offset, file_bytes)) fail("truncated: " + where + " does not fit into the file");
    // Many segments out of the same bytes would cost the square of the file.
    if (file_bytes > elf.bytes() - loaded) fail("the segments hold more bytes than the file");
    segment.data = elf.slice(offset, file_bytes);
    return segment;
}

std::vector<ElfSegment> read_segments(const Reader& elf) {
    const std::uint64_t table = elf.number(32, 8), count = elf.number(56, 2);
    if (count && elf.number(54, 2) != program_header_bytes) fail("program headers of an unknown size");
    elf.expect_table("program header table", table, count, program_header_bytes);
    std::vector<ElfSegment> segments;
    std::uint64_t loaded = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t header = table + i * program_header_bytes;
        if (elf.number(header, 4) != segment_load || elf.number(header + 40, 8) == 0) continue;
        segments.push_back(read_segment(elf, header, loaded));
        loaded += segments.back().data.size();
    }
    if (segments.empty()) fail("nothing to load");
    std::sort(segments.begin(), segments.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
    for (std::size_t i = 1; i < segments.size(); ++i)
        if (segments[i].address - segments[i - 1].address < segments[i - 1].bytes)
            fail("the segments at " + hex(segments[i - 1].address) + " and " + hex(segments[i].address) + " overlap");
    return segments;
}

void check_entry(std::uint64_t entry, const std::vector<ElfSegment>& segments) {
    for (const ElfSegment& segment : segments)
        if (entry >= segment.address && entry - segment.address < segment.bytes) {
            if (entry % 2) fail("the entry point " + hex(entry) + " is odd");
            return;
        }
    fail("the entry point " + hex(entry) + " lies in no segment");
}

struct Section {
    std::uint64_t type, offset, bytes, link, entry_bytes;
};

Section read_section(const Reader& elf, std::uint64_t table, std::uint64_t index) {
    const std::uint64_t header = table + index * section_header_bytes;
    return {elf.number(header + 4, 4), elf.number(header + 24, 8), elf.number(header + 32, 8),
            elf.number(header + 40, 4), elf.number(header + 56, 8)};
}

constexpr std::uint64_t section_absolute = 0xfff1; // SHN_ABS

/// Functions, objects and plain labels that are defined; not sections, files, absolute numbers such as a linker
/// script's sizes, or the assembler's mapping symbols ("$x").
bool names_a_place(unsigned kind, std::uint64_t section, const std::string& name) {
    return kind <= 2 && section != 0 && section != section_absolute && !name.empty() && name[0] != '$';
}

void read_symbol_section(const Reader& elf, const Section& section, const Section& strings,
                         std::vector<ElfSymbol>& symbols) {
    if (section.entry_bytes != symbol_bytes) fail("symbols of an unknown size");
    if (strings.type != section_strings) fail("the symbol table has no string table");
    elf.expect_table("symbol table", section.offset, section.bytes / symbol_bytes, symbol_bytes);
    elf.expect_table("string table", strings.offset, strings.bytes, 1);
    std::uint64_t named = 0;
    for (std::uint64_t i = 0; i < section.bytes / symbol_bytes; ++i) {
        const std::uint64_t record = section.offset + i * symbol_bytes;
        const std::uint64_t name = elf.number(record, 4);
        if (name >= strings.bytes && name) fail("a symbol's name lies outside the string table");
        if (!name) continue;
        ElfSymbol symbol{elf.number(record + 8, 8), elf.number(record + 16, 8),
                         elf.string(strings.offset + name, strings.offset + strings.bytes)};
        named += symbol.name.size();
        if (named / most_sharing > elf.bytes()) fail("the names of the symbols are far longer than the file");
        if (names_a_place(elf.number(record + 4, 1) & 15, elf.number(record + 6, 2), symbol.name))
            symbols.push_back(std::move(symbol));
    }
}

SymbolTable read_symbols(const Reader& elf, std::uint64_t end) {
    const std::uint64_t table = elf.number(40, 8), count = elf.number(60, 2);
    if (count && elf.number(58, 2) != section_header_bytes) fail("section headers of an unknown size");
    elf.expect_table("section header table", table, count, section_header_bytes);
    std::vector<ElfSymbol> symbols;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Section section = read_section(elf, table, i);
        if (section.type != section_symbols) continue;
        if (section.link >= count) fail("the symbol table's string table does not exist");
        read_symbol_section(elf, section, read_section(elf, table, section.link), symbols);
        break; // the gABI allows one
    }
    return SymbolTable(std::move(symbols), end);
}

} // namespace

SymbolTable::SymbolTable(std::vector<ElfSymbol> symbols, std::uint64_t end) : symbols_(std::move(symbols)), end_(end) {
    // Of symbols at one address the one with a size comes last, where the look-up finds it first.
    std::stable_sort(symbols_.begin(), symbols_.end(), [](const ElfSymbol& a, const ElfSymbol& b) {
        return a.address != b.address ? a.address < b.address : a.bytes < b.bytes;
    });
}

std::string SymbolTable::at(std::uint64_t address) const {
    auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                  [](std::uint64_t value, const ElfSymbol& symbol) { return value < symbol.address; });
    if (after == symbols_.begin() || address >= end_) return {};
    const ElfSymbol& symbol = *std::prev(after);
    const std::uint64_t distance = address - symbol.address;
    if (symbol.bytes && distance >= symbol.bytes) return {};
    return distance ? symbol.name + "+" + hex(distance) : symbol.name;
}

std::optional<std::uint64_t> SymbolTable::address(const std::string& name) const {
    for (const ElfSymbol& symbol : symbols_)
        if (symbol.name == name) return symbol.address;
    return std::nullopt;
}

Elf parse_elf(const std::vector<std::uint8_t>& file) {
    const Reader reader(file);
    check_identity(reader);
    Elf elf;
    elf.entry = reader.number(24, 8);
    elf.segments = read_segments(reader);
    check_entry(elf.entry, elf.segments);
    elf.symbols = read_symbols(reader, elf.segments.back().address + elf.segments.back().bytes);
    return elf;
}

} // namespace gradus::ip
