// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "ip/cpu/elf.h"

namespace gradus::ip::elf_test {
namespace {

using Bytes = std::vector<std::uint8_t>;
using ::testing::HasSubstr;

template <class T>
void put(Bytes& file, std::size_t offset, T value) {
    if (file.size() < offset + sizeof value) file.resize(offset + sizeof value);
    std::memcpy(&file[offset], &value, sizeof value);
}

constexpr std::uint64_t base = 0x80000000;
constexpr std::size_t program_headers = 64, section_headers = 176, symbols = 400, strings = 520, code = 600;

void put_segment(Bytes& file, unsigned index, std::uint64_t address, std::uint64_t file_bytes,
                 std::uint64_t memory_bytes) {
    const std::size_t at = program_headers + index * 56;
    put<std::uint32_t>(file, at, 1);
    put<std::uint64_t>(file, at + 8, code);
    put<std::uint64_t>(file, at + 16, address + 0x1000); // the virtual address does not matter
    put<std::uint64_t>(file, at + 24, address);
    put<std::uint64_t>(file, at + 32, file_bytes);
    put<std::uint64_t>(file, at + 40, memory_bytes);
}

void put_symbol(Bytes& file, unsigned index, std::uint32_t name, unsigned kind, std::uint64_t address,
                std::uint64_t bytes) {
    const std::size_t at = symbols + index * 24;
    put<std::uint32_t>(file, at, name);
    put<std::uint8_t>(file, at + 4, static_cast<std::uint8_t>(kind));
    put<std::uint16_t>(file, at + 6, 1);
    put<std::uint64_t>(file, at + 8, address);
    put<std::uint64_t>(file, at + 16, bytes);
}

/// Two segments, three sections (null, symbols, strings), symbols main (function), tohost (no size), $x (mapping).
Bytes good_file() {
    Bytes file(640);
    std::memcpy(file.data(), "\177ELF\2\1\1", 7);
    put<std::uint16_t>(file, 16, 2);
    put<std::uint16_t>(file, 18, 243);
    put<std::uint64_t>(file, 24, base + 4);
    put<std::uint64_t>(file, 32, program_headers);
    put<std::uint64_t>(file, 40, section_headers);
    put<std::uint32_t>(file, 48, 1); // compressed instructions
    put<std::uint16_t>(file, 54, 56);
    put<std::uint16_t>(file, 56, 2);
    put<std::uint16_t>(file, 58, 64);
    put<std::uint16_t>(file, 60, 3);
    put_segment(file, 0, base + 0x1000, 8, 0x100);
    put_segment(file, 1, base, 32, 32);
    put<std::uint32_t>(file, section_headers + 64 + 4, 2);
    put<std::uint64_t>(file, section_headers + 64 + 24, symbols);
    put<std::uint64_t>(file, section_headers + 64 + 32, 4 * 24);
    put<std::uint32_t>(file, section_headers + 64 + 40, 2);
    put<std::uint64_t>(file, section_headers + 64 + 56, 24);
    put<std::uint32_t>(file, section_headers + 128 + 4, 3);
    put<std::uint64_t>(file, section_headers + 128 + 24, strings);
    put<std::uint64_t>(file, section_headers + 128 + 32, 20);
    std::memcpy(&file[strings], "\0main\0tohost\0$x\0", 16);
    put_symbol(file, 1, 1, 2, base + 4, 16);
    put_symbol(file, 2, 6, 0, base + 0x1000, 0);
    put_symbol(file, 3, 13, 0, base + 4, 0);
    for (std::size_t i = 0; i < 32; ++i)
        file[code + i] = static_cast<std::uint8_t>(i);
    return file;
}

/// The message of the error that the file raises after a change; empty when it raises none.
std::string complaint(const std::function<void(Bytes&)>& change) {
    Bytes file = good_file();
    change(file);
    try {
        parse_elf(file);
    } catch (const ElfError& error) {
        return error.what();
    }
    return {};
}

TEST(Elf, ReadsSegmentsAtTheirLoadAddressesInOrder) {
    const Elf elf = parse_elf(good_file());
    EXPECT_EQ(elf.entry, base + 4);
    ASSERT_EQ(elf.segments.size(), 2u);
    EXPECT_EQ(elf.segments[0].address, base);
    EXPECT_EQ(elf.segments[0].data.size(), 32u);
    EXPECT_EQ(elf.segments[0].data[31], 31);
    EXPECT_EQ(elf.segments[1].address, base + 0x1000);
    EXPECT_EQ(elf.segments[1].data.size(), 8u);
    EXPECT_EQ(elf.segments[1].bytes, 0x100u);
}

TEST(Elf, NamesAddressesBySymbol) {
    const SymbolTable table = parse_elf(good_file()).symbols;
    EXPECT_EQ(table.symbols().size(), 2u) << "the mapping symbol is left out";
    EXPECT_EQ(table.at(base), "");
    EXPECT_EQ(table.at(base + 4), "main");
    EXPECT_EQ(table.at(base + 0x12), "main+0xe");
    EXPECT_EQ(table.at(base + 20), "") << "behind the function's end";
    EXPECT_EQ(table.at(base + 0x1010), "tohost+0x10") << "a symbol without a size reaches to the next";
    EXPECT_EQ(table.at(base + 0x10ff), "tohost+0xff");
    EXPECT_EQ(table.at(base + 0x1100), "") << "behind the last segment";
    EXPECT_EQ(table.address("tohost"), base + 0x1000);
    EXPECT_FALSE(table.address("nobody").has_value());
}

TEST(Elf, AStrippedFileHasNoSymbols) {
    Bytes file = good_file();
    put<std::uint64_t>(file, 40, 0);
    put<std::uint16_t>(file, 60, 0);
    EXPECT_TRUE(parse_elf(file).symbols.symbols().empty());
}

TEST(Elf, SaysWhatIsWrongWithAFileOfAnotherKind) {
    EXPECT_THAT(complaint([](Bytes& f) { f.clear(); }), HasSubstr("not an ELF file"));
    EXPECT_THAT(complaint([](Bytes& f) { f[1] = 'X'; }), HasSubstr("not an ELF file"));
    EXPECT_THAT(complaint([](Bytes& f) { f.resize(40); }), HasSubstr("shorter than an ELF header"));
    EXPECT_THAT(complaint([](Bytes& f) { f[4] = 1; }), HasSubstr("not a 64-bit file"));
    EXPECT_THAT(complaint([](Bytes& f) { f[5] = 2; }), HasSubstr("not little endian"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint16_t>(f, 18, 62); }), HasSubstr("machine 62, not RISC-V"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint16_t>(f, 16, 3); }), HasSubstr("not an executable"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint32_t>(f, 48, 5); }), HasSubstr("floating point"));
}

TEST(Elf, SaysWhatIsWrongWithSegments) {
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint16_t>(f, 56, 0); }), HasSubstr("nothing to load"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint16_t>(f, 54, 32); }),
                HasSubstr("program headers of an unknown size"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint64_t>(f, 32, ~std::uint64_t{0} - 8); }),
                HasSubstr("program header table"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint16_t>(f, 56, 65535); }), HasSubstr("program header table"));
    EXPECT_THAT(complaint([](Bytes& f) { put_segment(f, 0, base + 0x1000, 64, 32); }),
                HasSubstr("larger in the file than in memory"));
    EXPECT_THAT(complaint([](Bytes& f) { put_segment(f, 0, base + 0x1000, 64, 64); }),
                HasSubstr("does not fit into the file"));
    EXPECT_THAT(complaint([](Bytes& f) { put_segment(f, 0, base + 16, 8, 8); }), HasSubstr("overlap"));
    EXPECT_THAT(complaint([](Bytes& f) { put_segment(f, 0, ~std::uint64_t{0} - 7, 8, 16); }),
                HasSubstr("wraps around"));
    EXPECT_THAT(complaint([](Bytes& f) { put_segment(f, 0, ~std::uint64_t{0} - 7, 8, 8); }), "")
        << "the very end is fine";
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint64_t>(f, 24, 0x1234); }),
                HasSubstr("entry point 0x1234 lies in no segment"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint64_t>(f, 24, base + 5); }), HasSubstr("odd"));
}

TEST(Elf, SaysWhatIsWrongWithSymbols) {
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint16_t>(f, 58, 8); }),
                HasSubstr("section headers of an unknown size"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint64_t>(f, 40, 1 << 20); }), HasSubstr("section header table"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint32_t>(f, section_headers + 64 + 40, 9); }),
                HasSubstr("does not exist"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint32_t>(f, section_headers + 128 + 4, 1); }),
                HasSubstr("no string table"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint64_t>(f, section_headers + 64 + 32, 1 << 20); }),
                HasSubstr("symbol table"));
    EXPECT_THAT(complaint([](Bytes& f) { put<std::uint64_t>(f, section_headers + 128 + 32, 1 << 20); }),
                HasSubstr("string table"));
    EXPECT_THAT(complaint([](Bytes& f) { put_symbol(f, 1, 5000, 2, base, 4); }), HasSubstr("outside the string table"));
    EXPECT_THAT(complaint([](Bytes& f) {
                    put<std::uint64_t>(f, section_headers + 128 + 32, 4);
                    put_symbol(f, 2, 1, 0, base, 0);
                    put_symbol(f, 3, 1, 0, base, 0);
                }),
                HasSubstr("no end"));
}

// Each segment takes 56 bytes of the file and could ask for all of it.
TEST(Elf, ManySegmentsOutOfTheSameBytesAreRefused) {
    EXPECT_THAT(complaint([](Bytes& f) {
                    f.resize(program_headers +
                             20 * 56); // as far as the table reaches: 1184 bytes, of which each takes 100
                    for (unsigned i = 0; i < 20; ++i)
                        put_segment(f, i, base + 0x1000 * i, 100, 100);
                    put<std::uint16_t>(f, 56, 20);
                    put<std::uint16_t>(f, 60, 0); // the program headers stand where the sections were
                }),
                HasSubstr("hold more bytes than the file"));
}

TEST(Elf, ManySymbolsWithTheEndOfOneLongNameAreRefused) {
    constexpr std::size_t count = 1000, at = 1000, names = at + 24 * count, name_bytes = 3000;
    EXPECT_THAT(complaint([](Bytes& f) {
                    f.resize(names + name_bytes + 1, 'n');
                    std::fill(f.begin() + names, f.end() - 1, 'n');
                    f.back() = 0;
                    for (std::size_t i = 0; i < count; ++i) {
                        std::fill_n(f.begin() + static_cast<std::ptrdiff_t>(at + 24 * i), 24, std::uint8_t{0});
                        put<std::uint32_t>(f, at + 24 * i, 1);
                        put<std::uint16_t>(f, at + 24 * i + 6, 1);
                    }
                    put<std::uint64_t>(f, section_headers + 64 + 24, at);
                    put<std::uint64_t>(f, section_headers + 64 + 32, 24 * count);
                    put<std::uint64_t>(f, section_headers + 128 + 24, names);
                    put<std::uint64_t>(f, section_headers + 128 + 32, name_bytes + 1);
                }),
                HasSubstr("far longer than the file"));
}

TEST(Elf, NoMutationOfAFileDoesMoreThanRaiseAnElfError) {
    const unsigned seed = 20240607;
    std::mt19937 random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Bytes original = good_file();
    unsigned refused = 0;
    for (int round = 0; round < 20000; ++round) {
        Bytes file = original;
        for (unsigned changes = 1 + random() % 4; changes-- > 0;) {
            const std::size_t place = random() % symbols + (random() % 4 == 0 ? 150 : 0);
            file[place] = random() % 2 ? static_cast<std::uint8_t>(random()) : random() % 2 ? 0xff : 0;
        }
        if (random() % 8 == 0) file.resize(random() % file.size());
        try {
            const Elf elf = parse_elf(file);
            for (const ElfSegment& segment : elf.segments)
                ASSERT_LE(segment.data.size(), segment.bytes);
        } catch (const ElfError&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 1000u);
}

} // namespace
} // namespace gradus::ip::elf_test
