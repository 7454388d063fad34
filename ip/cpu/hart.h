// SPDX-License-Identifier: Apache-2.0
// The control CPU: HartCore with a bus, interrupt lines and simulated time.
//
// The time contract. The hart's SRAM is its private memory: it runs ahead in it, through DMI, up to the quantum's end
// or the kernel's next pending activity, whichever is first. Nothing else can happen before that, so nothing can tell
// that it ran ahead. Everything outside SRAM it touches at global time. At any instant the hart acts last: it first
// lets everything else that happens at that instant finish, then samples its interrupt lines. Hence neither the quantum
// nor DMI changes any time, value or order: an interrupt is taken at the same instruction, in the same cycle.
//
// What answers for SRAM must add no delay towards the hart: HartParameters.load and .store contain it. DMI that comes
// with a latency, or for a part of SRAM only, is not used.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "ip/common/observer.h"
#include "ip/common/transport.h"
#include "ip/cpu/hart_core.h"
#include "ip/cpu/hart_spans.h"

namespace gradus::ip {

/// Why the hart stopped the simulation.
struct HartFault {
    enum class Kind {
        unhandled_trap, ///< no trap handler is installed
        double_fault,   ///< the first instruction of the trap handler traps
        hang,           ///< too many instructions without progress
    };
    Kind kind = Kind::unhandled_trap;
    std::uint64_t cause = 0; ///< mcause; 0 for a hang
    std::uint64_t pc = 0;
    std::uint64_t tval = 0;
    std::string description; ///< one line for people
};

/// For reports of a hang, and statistics.
struct HartState {
    std::uint64_t pc = 0;
    bool waiting_for_interrupt = false;
    std::uint64_t instructions = 0;
    std::array<std::uint64_t, instruction_class_count> instructions_by_class{};
    std::uint64_t cycles = 0; ///< clock cycles since the start of the simulation, at the hart's local time
};

struct HartOptions {
    AddressRange sram; ///< on the bus
    std::uint64_t hart_id = 0;
    Picoseconds quantum = 10'000'000; ///< how far to run ahead at most; no less than 1 ps, no more than 1 s
    bool dmi = true;                  ///< off: every access to SRAM is a transaction
    std::uint64_t hang_instructions = 100'000'000; ///< without progress; at least 1
};

class Hart : public sc_core::sc_module, private HartBus {
public:
    tlm_utils::simple_initiator_socket<Hart> bus;
    sc_core::sc_in<bool> software_interrupt, timer_interrupt, external_interrupt;

    /// `unit`: the hart's id at the observer. Throws std::invalid_argument for a clock or instruction that takes no
    /// time.
    Hart(sc_core::sc_module_name name, const HartParameters& parameters, Clock clock, const HartOptions& options,
         UnitId unit, Observer& observer);

    // Before the simulation starts.
    void set_pc(std::uint64_t pc) { core_.set_pc(pc); }
    void set_symbols(SymbolTable symbols) { symbols_ = std::move(symbols); }
    /// Where a store of at least 4 bytes ends the program ("tohost"): an odd value v with exit code v >> 1, any other
    /// but zero with itself.
    void set_exit_address(std::uint64_t address) { core_.set_exit_address(address); }
    /// Names what lies at an address ("uart+0x4"), or gives "" where nothing does; for messages about bad accesses.
    void set_address_namer(std::function<std::string(std::uint64_t)> namer) { namer_ = std::move(namer); }
    /// Called before the hart stops the simulation.
    std::function<void(const HartFault&)> on_fault;
    std::function<void(std::int64_t code)> on_exit;
    /// Called at every trap and interrupt taken.
    void set_trap_listener(std::function<void(const TrapRecord&)> listener) { core_.on_trap = std::move(listener); }

    // At any time.
    /// Something got done; the count of instructions without progress starts anew.
    void note_progress() { progress_mark_ = core_.retired(); }
    /// What the hart works on from now on.
    void set_tag(const Tag& tag);
    /// The program is over: executes nothing more. To be called by whoever ends the simulation from inside one of the
    /// hart's own accesses, so that the hart does not run ahead beyond the end.
    void stop();
    /// Reports all time up to now to the observer; to be called when the simulation has ended.
    void flush_spans();
    std::uint64_t instructions() const { return core_.retired(); }
    HartState state() const;
    const HartCore& core() const { return core_; }
    /// "load access fault at pc 0x80001234 (dma_start+0x12): address 0x40000000: nothing answers there"; "" if none
    /// was.
    std::string last_exception() const;

private:
    Answer access(const Request& request) override;
    bool fetch(std::uint64_t address, void* data, unsigned bytes) override;

    void run_thread();
    void synchronise(Picoseconds time);
    Picoseconds horizon() const;
    void sample_lines();
    void sleep();
    void account(Picoseconds until);
    void acquire_direct_memory();
    void invalidate_direct_memory(sc_dt::uint64 first, sc_dt::uint64 last);
    void settle_accounts();
    void fail(const HartFault& fault);
    void exit();
    HartFault trap_fault() const;
    HartFault hang_fault() const;
    std::string refusal(const Request& request, tlm::tlm_response_status status) const;
    [[noreturn]] void park();

    const Clock clock_;
    const HartOptions options_;
    HartCore core_;
    HartSpans spans_;
    SymbolTable symbols_;
    std::function<std::string(std::uint64_t)> namer_;
    Access access_, fetch_access_;

    std::uint64_t progress_mark_ = 0; ///< instructions retired at the last sign of progress
    bool sleeping_ = false;
    bool stopped_ = false;
    Picoseconds accounted_ = 0;                   ///< spans know everything before
    Picoseconds stall_begin_ = 0, stall_end_ = 0; ///< the last access, perhaps not in the spans yet
};

} // namespace gradus::ip
