// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_cpu_core
// Programs of any bytes on a hart: nothing they do reaches beyond the SRAM but over the bus, and how far the hart runs
// at a time changes nothing.
#include <algorithm>
#include <memory>
#include <vector>

#include "ip/cpu/hart_core.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;
using ip::HartCore;

constexpr std::uint64_t sram_base = 0x8000'0000;
constexpr std::uint64_t most_instructions = 512;
constexpr ip::Picoseconds horizon = 1'000'000'000;

/// Answers reads from one page, refuses everything else.
class Bus : public ip::HartBus {
public:
    Answer access(const Request& request) override {
        claim(request.bytes == 1 || request.bytes == 2 || request.bytes == 4 || request.bytes == 8,
              "an access is whole");
        claim(request.address % request.bytes == 0, "an access to the bus is aligned");
        const bool answers = request.address >> 12 == 1;
        if (answers && !request.write) {
            auto* bytes = static_cast<std::uint8_t*>(request.data);
            for (unsigned i = 0; i < request.bytes; ++i)
                bytes[i] = static_cast<std::uint8_t>(request.address + i);
        }
        return {answers, request.begin + 3'000, answers ? "" : "nothing answers there"};
    }
    bool fetch(std::uint64_t, void*, unsigned) override { return false; }
};

struct Machine {
    Bus bus;
    std::unique_ptr<std::uint8_t[]> sram; ///< of exactly its size, so that a byte too far is found
    std::size_t bytes;
    HartCore core;

    Machine(const std::uint8_t* program, std::size_t size)
        : sram(new std::uint8_t[size]), bytes(size), core({}, {1000}, {sram_base, size}, 0, bus) {
        std::copy_n(program, size, sram.get());
        core.set_fast_memory(sram.get());
        core.set_exit_address(sram_base + size / 2 / 8 * 8);
        core.set_pc(sram_base);
        core.set_register(2, sram_base + size);
        core.set_register(10, sram_base + size / 2);
    }

    HartCore::Pause run(std::uint64_t at_a_time) {
        HartCore::Pause pause = HartCore::Pause::none;
        while (pause == HartCore::Pause::none && core.retired() + traps < most_instructions) {
            const std::uint64_t before = core.retired() + traps;
            const ip::Picoseconds time = core.time();
            pause = core.run(horizon, std::min(at_a_time, most_instructions - before));
            claim(core.time() >= time, "time does not go back");
            claim(core.register_value(0) == 0, "x0 is 0");
            claim(core.pc() % 2 == 0, "the program counter is even");
        }
        return pause;
    }
    std::uint64_t traps = 0;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::size_t bytes = size & ~std::size_t{1};
    if (bytes < 16) return 0;
    Machine one(data, bytes), many(data, bytes);
    for (Machine* machine : {&one, &many})
        machine->core.on_trap = [machine](const ip::TrapRecord& trap) {
            ++machine->traps;
            claim(!ip::describe(trap, {}).empty(), "a trap has a description");
        };
    const HartCore::Pause ends[] = {one.run(1), many.run(most_instructions)};
    if (ends[0] == HartCore::Pause::none || ends[1] == HartCore::Pause::none) return 0;
    claim(ends[0] == ends[1] && one.core.pc() == many.core.pc() && one.core.retired() == many.core.retired() &&
              one.core.time() == many.core.time() && one.core.exit_code() == many.core.exit_code(),
          "a program ends in the same way however far the hart runs at a time");
    for (unsigned i = 0; i < 32; ++i)
        claim(one.core.register_value(i) == many.core.register_value(i), "and leaves the same registers");
    claim(std::equal(one.sram.get(), one.sram.get() + bytes, many.sram.get()), "and the same memory");
    return 0;
}
