// SPDX-License-Identifier: Apache-2.0
// Random instruction sequences against QEMU, by way of the file that tests/reference/hart_qemu/generate.py wrote.
#include <fstream>
#include <gtest/gtest.h>

#include "tests/firmware/flat_machine.h"

namespace gradus::test::hart_golden_test {
namespace {

constexpr std::uint64_t code_base = 0x80010000, stride = 1024, data_base = 0x80100000, data_words = 32;

// Twins of the functions of the same names in generate.py.
std::uint64_t mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

std::uint64_t initial(std::uint64_t number, unsigned index) {
    constexpr std::uint64_t ones = ~std::uint64_t{0}, top = std::uint64_t{1} << 63;
    constexpr std::uint64_t edges[] = {
        0, 1, ones, top, top - 1, 0x80000000, 0x7fffffff, ones - 0x80000000 + 1, 0xffffffff, 2, ones - 1, 64, 63, 32};
    if (index == 2) return data_base + 64;
    if (index == 8) return data_base;
    if (index == 9) return data_base + 128;
    const std::uint64_t value = mix(number * 64 + index);
    return value % 4 == 0 ? edges[value / 4 % std::size(edges)] : value >> (value / 4 % 64);
}

std::uint64_t fold(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x100000001b3;
    return hash ^ hash >> 29;
}

std::vector<std::uint8_t> bytes_of(const std::string& hex) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    return bytes;
}

std::uint64_t run_case(std::uint64_t number, const std::vector<std::uint8_t>& code, bool direct) {
    FlatMachine machine(direct);
    const std::uint64_t begin = code_base + number * stride, end = begin + code.size();
    machine.write(begin, code);
    for (unsigned i = 0; i < data_words; ++i)
        machine.set_memory(data_base + 8 * i, mix(number * 64 + 32 + i));
    for (unsigned i = 1; i < 32; ++i)
        machine.core.set_register(i, initial(number, i));
    machine.core.set_pc(begin);
    // All branches go forward.
    for (unsigned i = 0; i < 100 && machine.core.pc() != end; ++i)
        machine.step();
    EXPECT_EQ(machine.core.pc(), end);
    std::uint64_t hash = 0x6c62272e07bb0142;
    for (unsigned i = 1; i < 32; ++i)
        hash = fold(hash, machine.core.register_value(i));
    for (unsigned i = 0; i < data_words; ++i)
        hash = fold(hash, machine.memory(data_base + 8 * i));
    return hash;
}

void compare(bool direct) {
    std::ifstream file("tests/reference/hart_qemu/golden.txt");
    ASSERT_TRUE(file) << "run from the root of the repository";
    std::string hex, digest;
    std::uint64_t number = 0;
    for (; file >> hex >> digest; ++number)
        EXPECT_EQ(run_case(number, bytes_of(hex), direct), std::stoull(digest, nullptr, 16))
            << "case " << number << ": " << hex;
    EXPECT_GE(number, 100u);
}

TEST(HartGolden, LeavesTheSameRegistersAndMemoryAsQemu) { compare(true); }
TEST(HartGolden, LeavesTheSameRegistersAndMemoryWhenSramIsReachedOverTheBus) { compare(false); }

} // namespace
} // namespace gradus::test::hart_golden_test
