// SPDX-License-Identifier: Apache-2.0
#include "ip/cpu/machine_state.h"

namespace gradus::ip {

namespace {

// clang-format off
enum Csr : unsigned {
    csr_mstatus = 0x300, csr_misa = 0x301, csr_mie = 0x304, csr_mtvec = 0x305, csr_mcountinhibit = 0x320,
    csr_mhpmevent_first = 0x323, csr_mhpmevent_last = 0x33f,
    csr_mscratch = 0x340, csr_mepc = 0x341, csr_mcause = 0x342, csr_mtval = 0x343, csr_mip = 0x344,
    csr_mcycle = 0xb00, csr_minstret = 0xb02, csr_mhpmcounter_first = 0xb03, csr_mhpmcounter_last = 0xb1f,
    csr_cycle = 0xc00, csr_time = 0xc01, csr_instret = 0xc02, csr_hpmcounter_first = 0xc03, csr_hpmcounter_last = 0xc1f,
    csr_mvendorid = 0xf11, csr_marchid = 0xf12, csr_mimpid = 0xf13, csr_mhartid = 0xf14, csr_mconfigptr = 0xf15,
};
// clang-format on

constexpr std::uint64_t status_mie = 1u << 3, status_mpie = 1u << 7, status_mpp_machine = 3u << 11;
constexpr std::uint64_t interrupts = 1u << 3 | 1u << 7 | 1u << 11;

constexpr std::uint64_t extension(char letter) { return std::uint64_t{1} << (letter - 'A'); }
constexpr std::uint64_t misa =
    std::uint64_t{2} << 62 | extension('I') | extension('M') | extension('A') | extension('C');

constexpr bool within(unsigned csr, unsigned first, unsigned last) { return csr >= first && csr <= last; }

bool reads_zero(unsigned csr) {
    return csr == csr_mcountinhibit || within(csr, csr_mhpmevent_first, csr_mhpmevent_last) ||
           within(csr, csr_mhpmcounter_first, csr_mhpmcounter_last) ||
           within(csr, csr_hpmcounter_first, csr_hpmcounter_last) || within(csr, csr_mvendorid, csr_mimpid) ||
           csr == csr_mconfigptr;
}

bool read_only(unsigned csr) { return csr >> 10 == 3; }

} // namespace

std::uint64_t MachineState::status() const {
    return status_mpp_machine | (interrupts_enabled_ ? status_mie : 0) |
           (previous_interrupts_enabled_ ? status_mpie : 0);
}

bool MachineState::read(unsigned csr, const HartCounters& counters, std::uint64_t& value) const {
    switch (csr) {
    case csr_mstatus:
        value = status();
        return true;
    case csr_misa:
        value = misa;
        return true;
    case csr_mie:
        value = mie_;
        return true;
    case csr_mip:
        value = mip_;
        return true;
    case csr_mtvec:
        value = mtvec_;
        return true;
    case csr_mscratch:
        value = mscratch_;
        return true;
    case csr_mepc:
        value = mepc_;
        return true;
    case csr_mcause:
        value = mcause_;
        return true;
    case csr_mtval:
        value = mtval_;
        return true;
    case csr_mhartid:
        value = hart_id_;
        return true;
    case csr_mcycle:
    case csr_cycle:
        value = counters.cycle_begin + cycle_offset_;
        return true;
    case csr_minstret:
    case csr_instret:
        value = counters.instret_begin + instret_offset_;
        return true;
    case csr_time:
        value = counters.cycle_begin;
        return true;
    default:
        value = 0;
        return reads_zero(csr);
    }
}

bool MachineState::write(unsigned csr, std::uint64_t value, const HartCounters& counters) {
    switch (csr) {
    case csr_mstatus:
        interrupts_enabled_ = value & status_mie;
        previous_interrupts_enabled_ = value & status_mpie;
        return true;
    case csr_mie:
        mie_ = value & interrupts;
        return true;
    case csr_mtvec:
        mtvec_ = value & ~std::uint64_t{2};
        return true;
    case csr_mscratch:
        mscratch_ = value;
        return true;
    case csr_mepc:
        mepc_ = value & ~std::uint64_t{1};
        return true;
    case csr_mcause:
        mcause_ = value;
        return true;
    case csr_mtval:
        mtval_ = value;
        return true;
    case csr_mcycle:
        cycle_offset_ = value - counters.cycle_end;
        return true;
    case csr_minstret:
        instret_offset_ = value - (counters.instret_begin + 1);
        return true;
    case csr_misa: // no extension can be switched off
    case csr_mip:  // the lines belong to the CLINT and the PLIC
        return true;
    default:
        return reads_zero(csr) && !read_only(csr);
    }
}

std::uint64_t MachineState::enter_trap(std::uint64_t cause, std::uint64_t pc, std::uint64_t tval) {
    previous_interrupts_enabled_ = interrupts_enabled_;
    interrupts_enabled_ = false;
    mepc_ = pc;
    mcause_ = cause;
    mtval_ = tval;
    const bool vectored = (mtvec_ & 1) && (cause & cause_interrupt);
    return exception_handler() + (vectored ? 4 * (cause & ~cause_interrupt) : 0);
}

std::uint64_t MachineState::leave_trap() {
    interrupts_enabled_ = previous_interrupts_enabled_;
    previous_interrupts_enabled_ = true;
    return mepc_;
}

void MachineState::set_line(InterruptLine line, bool level) {
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(line);
    mip_ = level ? mip_ | bit : mip_ & ~bit;
}

std::uint64_t MachineState::interrupt_cause() const {
    const std::uint64_t pending = mip_ & mie_;
    for (InterruptLine line : {InterruptLine::external, InterruptLine::software})
        if (pending >> static_cast<unsigned>(line) & 1) return cause_interrupt | static_cast<unsigned>(line);
    return cause_timer_interrupt;
}

} // namespace gradus::ip
