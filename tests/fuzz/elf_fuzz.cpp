// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_cpu_core
// Executables, as `gradus run --firmware` reads them.
#include "ip/cpu/elf.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;

void claim_segments(const ip::Elf& elf, std::size_t file_bytes) {
    claim(!elf.segments.empty(), "there is something to load");
    std::size_t loaded = 0;
    bool entered = false;
    for (std::size_t i = 0; i < elf.segments.size(); ++i) {
        const ip::ElfSegment& segment = elf.segments[i];
        const std::uint64_t last = segment.address + (segment.bytes - 1);
        claim(segment.bytes > 0 && last >= segment.address, "a segment lies in the address space");
        claim(segment.data.size() <= segment.bytes, "a segment's data fits into it");
        claim(i == 0 || segment.address > elf.segments[i - 1].address + (elf.segments[i - 1].bytes - 1),
              "segments are in order and do not overlap");
        loaded += segment.data.size();
        entered = entered || (elf.entry >= segment.address && elf.entry <= last);
    }
    claim(loaded <= file_bytes, "segments hold no more than the file");
    claim(entered && elf.entry % 2 == 0, "the entry point is a place for an instruction");
}

void claim_symbols(const ip::SymbolTable& table) {
    const std::vector<ip::ElfSymbol>& symbols = table.symbols();
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        claim(!symbols[i].name.empty(), "a symbol has a name");
        claim(i == 0 || symbols[i - 1].address <= symbols[i].address, "symbols are in order");
        const bool last_of_address = i + 1 == symbols.size() || symbols[i + 1].address != symbols[i].address;
        const std::string at = last_of_address ? table.at(symbols[i].address) : "";
        claim(at.empty() || at == symbols[i].name, "an address is named by the symbol that stands there");
    }
    if (!symbols.empty()) claim(table.address(symbols.back().name).has_value(), "a symbol is found by its name");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto elf = fuzz::read_or_refuse<ip::ElfError>([&] { return ip::parse_elf({data, data + size}); });
    if (!elf) return 0;
    claim_segments(*elf, size);
    claim_symbols(elf->symbols);
    return 0;
}
