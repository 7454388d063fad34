// SPDX-License-Identifier: Apache-2.0
// A FlatMachine that runs a program of a test's own.
#pragma once

#include "tests/firmware/assembler.h"
#include "tests/firmware/flat_machine.h"

namespace gradus::test {

inline constexpr std::uint64_t base = FlatMachine::sram_base, data = base + 0x100000, handler = base + 0x8000;
inline constexpr std::uint64_t nowhere = 0x40000000;

/// A machine with a program at the start of SRAM and a handler that is never left.
struct Machine : FlatMachine {
    explicit Machine(bool direct = true, const ip::HartParameters& parameters = {}) : FlatMachine(direct, parameters) {}
    Assembler program{base};
    void load() {
        write(base, program.code());
        Assembler at_handler(handler);
        at_handler.nop();
        at_handler.label("stay");
        at_handler.j("stay");
        write(handler, at_handler.code());
    }
    /// Loads, and runs the preamble that installs the handler.
    void load_with_handler(unsigned mode = 0) {
        Assembler body = program;
        program = Assembler(base);
        program.li(t6, handler + mode);
        program.csrw(mtvec, t6);
        const std::uint64_t skipped = program.here();
        load();
        write(skipped, body.code());
        while (core.pc() != skipped)
            step();
    }
    std::uint64_t x(unsigned index) const { return core.register_value(index); }
    std::uint64_t csr(unsigned number) const { return core.csr(number).value(); }
};

} // namespace gradus::test
