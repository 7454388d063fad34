// SPDX-License-Identifier: Apache-2.0
// The smallest chip around a hart: control bus, SRAM, CLINT, PLIC, and whatever a test maps besides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ip/cpu/hart.h"
#include "ip/interconnect/control_bus.h"
#include "ip/peripherals/clint_device.h"
#include "ip/peripherals/plic_device.h"
#include "tests/firmware/assembler.h"
#include "tests/firmware/stub_memory.h"

namespace gradus::test {

/// Keeps everything that is reported.
struct SpanLog : ip::Observer {
    void span(ip::UnitId, const ip::Span& span) override { spans.push_back(span); }
    void retired(ip::UnitId, std::uint8_t, const ip::Tag&, const ip::CommandWork&) override {}
    void halted(ip::UnitId, std::uint32_t, std::uint32_t, std::uint32_t) override {}
    ip::Picoseconds total(ip::Activity activity) const {
        ip::Picoseconds sum = 0;
        for (const ip::Span& span : spans)
            if (span.activity == activity) sum += span.end - span.begin;
        return sum;
    }
    std::vector<ip::Span> spans;
};

struct HartSystem : sc_core::sc_module {
    static constexpr std::uint64_t sram_base = 0x80000000, sram_bytes = 1 << 20;
    static constexpr std::uint64_t clint_base = 0x02000000, plic_base = 0x0c000000;
    static constexpr std::uint64_t exit_address = sram_base + 0xff000;
    static constexpr unsigned sources = 4;
    static constexpr ip::Picoseconds period = 10'000;

    explicit HartSystem(sc_core::sc_module_name name, ip::HartOptions options = {})
        : sc_module(name), memory("sram", sram_bytes), bus("bus", ip::BusParameters{}, ip::Clock{period}),
          clint("clint", ip::Clock{period}), plic("plic", ip::Clock{period}, sources),
          hart("hart", ip::HartParameters{}, ip::Clock{period}, with_sram(options), 7, observer),
          lines("lines", sources) {
        hart.bus.bind(bus.initiators);
        bus.map({sram_base, sram_bytes}, "sram", memory.port, ip::BusAddress::offset, ip::BusLatency::none);
        bus.map({clint_base, CLINT_REGISTER_BYTES}, "clint", clint.registers);
        bus.map({plic_base, PLIC_REGISTER_BYTES}, "plic", plic.registers);
        clint.software_interrupt(software);
        clint.timer_interrupt(timer);
        plic.external_interrupt(external);
        for (unsigned i = 0; i < sources; ++i)
            plic.sources[i](lines[i]);
        hart.software_interrupt(software);
        hart.timer_interrupt(timer);
        hart.external_interrupt(external);
        hart.set_pc(sram_base);
        hart.set_exit_address(exit_address);
        hart.set_address_namer([this](std::uint64_t address) { return bus.name_at(address); });
        hart.on_exit = [this](std::int64_t code) { exit_code = code; };
        hart.on_fault = [this](const ip::HartFault& f) { fault = f; };
        hart.set_trap_listener([this](const ip::TrapRecord& trap) { traps.push_back(trap); });
    }
    static ip::HartOptions with_sram(ip::HartOptions options) {
        options.sram = {sram_base, sram_bytes};
        return options;
    }
    void load(Assembler& program) { memory.load(program.address("begin") - sram_base, program.code()); }
    /// Runs to the end; no program may take longer than this.
    void run(sc_core::sc_time limit = sc_core::sc_time(1, sc_core::SC_SEC)) {
        sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
        sc_core::sc_start(limit);
        hart.flush_spans();
    }

    SpanLog observer;
    BusMemory memory;
    ip::ControlBus bus;
    ip::Clint clint;
    ip::Plic plic;
    ip::Hart hart;
    sc_core::sc_signal<bool> software{"software"}, timer{"timer"}, external{"external"};
    sc_core::sc_vector<sc_core::sc_signal<bool>> lines;
    std::optional<std::int64_t> exit_code;
    std::optional<ip::HartFault> fault;
    std::vector<ip::TrapRecord> traps;
};

/// Ends the program with the exit code in a0; needs t5 and t6.
inline void exit_with_a0(Assembler& p) {
    p.slli(a0, a0, 1);
    p.addi(a0, a0, 1);
    p.li(t6, HartSystem::exit_address);
    p.sd(a0, 0, t6);
}

} // namespace gradus::test
