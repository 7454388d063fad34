// SPDX-License-Identifier: Apache-2.0
// The control and status registers of a hart that has machine mode only.
// Source: The RISC-V Instruction Set Manual, volume II, 20211203, chapter 3.
//
// Present: mvendorid, marchid, mimpid (all 0: not implemented), mhartid, mconfigptr (0), mstatus (MIE, MPIE; MPP always
// machine), misa (RV64IMAC, read-only fields), mie, mip, mtvec (direct and vectored), mscratch, mepc, mcause, mtval,
// mcountinhibit (0), mcycle, minstret, cycle, time, instret; the 29 hardware performance counters and their events read
// 0. Absent, so illegal: everything of user and supervisor mode, PMP, debug and floating point.
#pragma once

#include <cstdint>

#include "ip/cpu/trap.h"

namespace gradus::ip {

enum class InterruptLine : unsigned { software = 3, timer = 7, external = 11 };

/// Free-running counters at the moment of a CSR access.
struct HartCounters {
    std::uint64_t cycle_begin = 0;   ///< hart clock cycles when the instruction starts: what it reads
    std::uint64_t cycle_end = 0;     ///< and when it is done: from then on a written mcycle counts
    std::uint64_t instret_begin = 0; ///< instructions retired before this one
};

class MachineState {
public:
    explicit MachineState(std::uint64_t hart_id = 0) : hart_id_(hart_id) {}

    /// False when the CSR does not exist.
    bool read(unsigned csr, const HartCounters& counters, std::uint64_t& value) const;
    /// False when the CSR does not exist or is read-only. Fields that hold only legal values keep their old one.
    bool write(unsigned csr, std::uint64_t value, const HartCounters& counters);

    /// Saves pc and cause, disables interrupts. Returns the handler's address.
    std::uint64_t enter_trap(std::uint64_t cause, std::uint64_t pc, std::uint64_t tval);
    /// mret. Returns the address to resume at.
    std::uint64_t leave_trap();

    void set_line(InterruptLine line, bool level);
    /// An interrupt is pending and enabled, whatever mstatus.MIE says: what ends WFI.
    bool wakes() const { return (mip_ & mie_) != 0; }
    /// An interrupt is to be taken now.
    bool interrupted() const { return interrupts_enabled_ && wakes(); }
    /// The cause of the interrupt to take: external before software before timer.
    std::uint64_t interrupt_cause() const;

    std::uint64_t trap_vector() const { return mtvec_; }
    /// Address of the handler of synchronous exceptions.
    std::uint64_t exception_handler() const { return mtvec_ & ~std::uint64_t{3}; }

private:
    std::uint64_t status() const;

    std::uint64_t hart_id_;
    bool interrupts_enabled_ = false;          // mstatus.MIE
    bool previous_interrupts_enabled_ = false; // mstatus.MPIE
    std::uint64_t mie_ = 0, mip_ = 0, mtvec_ = 0, mscratch_ = 0, mepc_ = 0, mcause_ = 0, mtval_ = 0;
    std::uint64_t cycle_offset_ = 0, instret_offset_ = 0;
};

} // namespace gradus::ip
