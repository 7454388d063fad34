// SPDX-License-Identifier: Apache-2.0
// No speed switch changes anything: a random program under timer and external interrupts, with somebody else writing
// its memory, leaves the same trace whatever the quantum, with and without DMI.
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

#include "tests/firmware/hart_system.h"
#include "tests/firmware/run_in_child.h"

namespace gradus::test::hart_time_contract_test {
namespace {

using ip::Picoseconds;

constexpr std::uint64_t sram = HartSystem::sram_base, data = sram + 0x40000, shared = sram + 0x50000,
                        save_area = sram + 0x60000;
constexpr std::uint64_t periods_table = sram + 0x70000, world_base = 0x11000000;
constexpr unsigned interrupts_to_take = 150;

/// The rest of the world: raises interrupt lines and writes into SRAM at random times, half of them on clock edges,
/// where they meet the timer and the hart's own instructions. A write to its register k lowers line k. It answers
/// slowly, waiting inside the access for odd registers.
struct World : sc_core::sc_module {
    tlm_utils::simple_target_socket<World> registers;
    tlm_utils::simple_initiator_socket<World> writer;

    World(sc_core::sc_module_name name, HartSystem& system, unsigned seed)
        : sc_module(name), registers("registers"), writer("writer"), system_(system), random_(seed) {
        registers.register_b_transport(this, &World::transport);
        writer.bind(system.memory.port);
        SC_HAS_PROCESS(World);
        SC_THREAD(raise_lines);
        SC_THREAD(write_memory);
        SC_THREAD(drive_lines);
    }
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        const unsigned line = static_cast<unsigned>(payload.get_address() / 8);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        if (line % 2)
            wait(12'345, sc_core::SC_PS);
        else
            delay += sc_core::sc_time(23'456, sc_core::SC_PS);
        if (payload.is_write()) lower(line);
    }
    void lower(unsigned line) {
        levels_[line] = false;
        changed_.notify(sc_core::SC_ZERO_TIME);
    }
    sc_core::sc_time pause(std::mt19937& random, unsigned cycles) {
        const Picoseconds whole = (1 + random() % cycles) * HartSystem::period;
        const Picoseconds edge = HartSystem::period - ip::now() % HartSystem::period; // back to the grid
        return ip::to_time(random() % 2 ? whole + edge : whole + random() % HartSystem::period);
    }
    void raise_lines() {
        for (;;) {
            wait(pause(random_, 700));
            levels_[random_() % HartSystem::sources] = true;
            changed_.notify(sc_core::SC_ZERO_TIME);
        }
    }
    void write_memory() {
        std::mt19937 random(random_());
        ip::Access access;
        for (;;) {
            wait(pause(random, 90));
            const std::uint64_t value = random();
            sc_core::sc_time delay;
            writer->b_transport(access.write(shared - sram + random() % 4 * 8, &value, 8), delay);
        }
    }
    void drive_lines() {
        for (;;) {
            wait(changed_);
            for (unsigned i = 0; i < HartSystem::sources; ++i)
                system_.lines[i].write(levels_[i]);
        }
    }

    HartSystem& system_;
    std::mt19937 random_;
    bool levels_[HartSystem::sources] = {};
    sc_core::sc_event changed_;
};

// Registers: s0 data, s1 shared, s2 CLINT mtime, s3 CLINT mtimecmp, s4 PLIC claim, s5 world, s6 interrupts left, s7
// exit address, s8 table of timer periods, s9 hash of the handler, s10 end of all, s11 hash of the program.
void write_handler(Assembler& p) {
    const auto fold = [&p](unsigned value) { // s9 = (s9 ^ value) * 33
        p.xor_(s9, s9, value);
        p.slli(t2, s9, 5);
        p.add(s9, s9, t2);
    };
    p.label("handler");
    p.csrrw(sp, mscratch, sp);
    for (unsigned i = 0; i < 3; ++i)
        p.sd(t0 + i, 8 * i, sp);
    p.csrr(t0, mepc);
    fold(t0);
    p.csrr(t0, mcycle);
    fold(t0);
    p.csrr(t0, mcause);
    fold(t0);
    p.andi(t0, t0, 15);
    p.addi(t0, t0, -7);
    p.bne(t0, x0, "external");
    p.ld(t0, 0, s2); // mtime
    fold(t0);
    p.andi(t1, s9, 63);
    p.slli(t1, t1, 3);
    p.add(t1, t1, s8);
    p.ld(t1, 0, t1);
    p.add(t0, t0, t1);
    p.sd(t0, 0, s3);
    p.j("leave");
    p.label("external");
    p.lw(t0, 0, s4); // claim
    fold(t0);
    p.beq(t0, x0, "leave");
    p.slli(t1, t0, 3);
    p.add(t1, t1, s5);
    p.sd(x0, -8, t1); // the source lowers its line
    p.sw(t0, 0, s4);  // complete
    p.label("leave");
    p.addi(s6, s6, -1);
    for (unsigned i = 0; i < 3; ++i)
        p.ld(t0 + i, 8 * i, sp);
    p.csrrw(sp, mscratch, sp);
    p.bne(s6, x0, "return");
    p.li(a0, 1);
    p.sd(a0, 0, s7);
    p.label("return");
    p.mret();
}

void write_preamble(Assembler& p) {
    p.li(s0, data);
    p.li(s1, shared);
    p.li(s2, HartSystem::clint_base + CLINT_MTIME);
    p.li(s3, HartSystem::clint_base + CLINT_MTIMECMP);
    p.li(s4, HartSystem::plic_base + PLIC_CLAIM);
    p.li(s5, world_base);
    p.li(s6, interrupts_to_take);
    p.li(s7, HartSystem::exit_address);
    p.li(s8, periods_table);
    p.li(t0, save_area);
    p.csrw(mscratch, t0);
    p.la(t0, "handler");
    p.csrw(mtvec, t0);
    p.li(t1, HartSystem::plic_base);
    p.li(t0, 1);
    for (unsigned i = 1; i <= HartSystem::sources; ++i)
        p.sw(t0, 4 * i, t1);
    p.li(t1, HartSystem::plic_base + PLIC_ENABLE);
    p.li(t0, 0x1e);
    p.sw(t0, 0, t1);
    p.li(t0, 200);
    p.sd(t0, 0, s3);
    p.li(t0, 1 << 7 | 1 << 11);
    p.csrw(mie, t0);
    p.li(t0, 8);
    p.csrw(mstatus, t0);
}

void write_random_instruction(Assembler& p, std::mt19937& random) {
    const unsigned rd = a0 + random() % 8, a = a0 + random() % 8, b = a0 + random() % 8;
    const std::int64_t offset = random() % 32 * 8;
    switch (random() % 16) {
    case 0:
    case 1:
        p.add(rd, a, b);
        break;
    case 2:
        p.mul(rd, a, b);
        break;
    case 3:
        p.divu(rd, a, b);
        break;
    case 4:
    case 5:
        p.ld(rd, offset, s0);
        break;
    case 6:
    case 7:
        p.sd(a, offset, s0);
        break;
    case 8:
        p.lw(rd, offset + 2, s0);
        break; // misaligned
    case 9:
        p.amo(0, 3, rd, a, s0);
        break;
    case 10:
    case 11:
        p.ld(rd, random() % 4 * 8, s1);
        break; // what somebody else writes
    case 12:
        p.ld(rd, 0, s2);
        break; // mtime
    case 13:
        p.ld(rd, random() % 4 * 8, s5);
        break; // the slow world
    case 14:
        p.csrr(rd, random() % 2 ? mcycle : instret);
        break;
    default: {
        const std::string label = "skip" + std::to_string(p.here());
        p.blt(a, b, label);
        p.xor_(rd, a, b);
        p.label(label);
    }
    }
}

std::string simulate(unsigned seed, Picoseconds quantum, bool dmi) {
    ip::HartOptions options;
    options.quantum = quantum;
    options.dmi = dmi;
    HartSystem system("system", options);
    World world("world", system, seed);
    system.bus.map({world_base, 0x1000}, "world", world.registers);

    std::mt19937 random(seed);
    Assembler p(sram);
    p.label("begin");
    write_preamble(p);
    p.label("loop");
    for (unsigned i = 0; i < 60; ++i) {
        write_random_instruction(p, random);
        if (i % 8 == 0) {
            p.xor_(s11, s11, a0 + random() % 8);
            p.slli(t3, s11, 3);
            p.sub(s11, t3, s11);
        }
        if (i == 40) p.wfi();
    }
    p.j("loop");
    write_handler(p);
    system.load(p);
    std::vector<std::uint8_t> table(64 * 8);
    for (unsigned i = 0; i < 64; ++i) {
        const std::uint64_t cycles = 40 + random() % 400;
        std::memcpy(&table[8 * i], &cycles, 8);
    }
    system.memory.load(periods_table - sram, table);
    system.run();

    std::ostringstream log;
    for (const ip::TrapRecord& trap : system.traps)
        log << std::hex << trap.cause << " " << trap.pc << " " << std::dec << trap.time << "\n";
    const ip::HartState state = system.hart.state();
    log << "exit " << system.exit_code.value_or(-1) << (system.fault ? system.fault->description : "") << " at "
        << ip::now() << " after " << state.instructions << " instructions\n";
    for (unsigned i = 1; i < 32; ++i)
        log << std::hex << system.hart.core().register_value(i) << " ";
    for (unsigned i = 0; i < 34; ++i)
        log << system.memory.value(data - sram + 8 * i) << " ";
    for (const ip::Span& span : system.observer.spans)
        log << "\n" << std::dec << static_cast<int>(span.activity) << " " << span.begin << " " << span.end;
    return log.str();
}

void compare(unsigned seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::string reference = run_in_child([&] { return simulate(seed, HartSystem::period, true); });
    EXPECT_NE(reference.find("exit 0 at"), std::string::npos) << reference;
    for (const Picoseconds quantum :
         {Picoseconds{1}, HartSystem::period, Picoseconds{33'333}, Picoseconds{100'000}, Picoseconds{1'000'000'000}})
        for (const bool dmi : {true, false})
            EXPECT_EQ(run_in_child([&] { return simulate(seed, quantum, dmi); }), reference)
                << "quantum " << quantum << " ps, DMI " << dmi;
}

TEST(HartTimeContract, NeitherQuantumNorDmiChangesATrace) {
    for (unsigned seed = 1; seed <= 12; ++seed)
        compare(seed);
}

} // namespace
} // namespace gradus::test::hart_time_contract_test
