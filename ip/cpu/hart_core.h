// SPDX-License-Identifier: Apache-2.0
// An RV64IMAC + Zicsr + Zifencei hart in machine mode: state, execution and the time it takes. No SystemC.
// Source: The RISC-V Instruction Set Manual, volume I 20191213 and volume II 20211203.
//
// Modelled: every instruction takes the cycles of its class (HartParameters); its effect takes place when it starts,
// and the next one starts when it is done. Precise traps. Interrupts are taken between instructions. Code is decoded
// once; a store of this hart into decoded code, or fence.i, makes it decode again; code that others write needs
// fence.i, as on a real chip. Only SRAM is executable and takes atomics. Misaligned loads and stores work in SRAM at no
// extra cost; elsewhere, and for atomics, they trap. Not modelled: hazards, branch prediction, an instruction cache
// that misses, buffered stores, alignment of answers from the bus to clock edges, loss of a reservation because
// somebody else writes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/storage.h"
#include "ip/common/units.h"
#include "ip/cpu/hart_parameters.h"
#include "ip/cpu/instruction.h"
#include "ip/cpu/machine_state.h"
#include "ip/cpu/trap.h"

namespace gradus::ip {

/// What the hart reaches outside of its fast memory.
class HartBus {
public:
    struct Request {
        bool write;
        std::uint64_t address;
        void* data;
        unsigned bytes;
        Picoseconds begin; ///< the hart's local time
    };
    struct Answer {
        bool ok = true;
        Picoseconds end = 0; ///< when the answer is back; not before `begin`
        std::string detail;  ///< of a refusal, in words
    };
    virtual ~HartBus() = default;
    virtual Answer access(const Request& request) = 0;
    /// Reads code in no time. False when nothing answers.
    virtual bool fetch(std::uint64_t address, void* data, unsigned bytes) = 0;
};

class HartCore {
public:
    /// Why run() came back.
    enum class Pause {
        none,               ///< the horizon, or something that makes the owner look at the world again
        wait_for_interrupt, ///< executed wfi; time() is when it was done
        exit,               ///< stored to the exit address
        fault,              ///< a trap that nobody can handle
    };

    /// `sram` is where code may be. Throws std::invalid_argument when an instruction class takes no cycle.
    HartCore(const HartParameters& parameters, Clock clock, AddressRange sram, std::uint64_t hart_id, HartBus& bus);

    /// Host memory behind the whole SRAM; null: reach it over the bus.
    void set_fast_memory(std::uint8_t* memory);
    /// Stores of at least 4 bytes of anything but zero to this address end the program.
    void set_exit_address(std::uint64_t address);
    void set_pc(std::uint64_t pc) { pc_ = pc; }
    void set_line(InterruptLine line, bool level) { state_.set_line(line, level); }
    void set_register(unsigned index, std::uint64_t value) {
        if (index) x_[index] = value;
    }
    /// Forgets decoded instructions in a range that somebody else (a loader, a debugger) wrote.
    void invalidate_code(AddressRange range);

    /// Takes a pending interrupt, then executes instructions that start before `horizon`, `max_instructions` at most.
    /// Comes back earlier after everything that may change the horizon or needs a look at the interrupt lines.
    Pause run(Picoseconds horizon, std::uint64_t max_instructions);

    /// Local time: when the next instruction starts.
    Picoseconds time() const { return base_ + clock_(cycles_); }
    /// Time spent in wfi.
    void advance_to(Picoseconds time);
    bool wakes() const { return state_.wakes(); }

    std::uint64_t pc() const { return pc_; }
    std::uint64_t register_value(unsigned index) const { return x_[index]; }
    std::uint64_t retired() const { return retired_; }
    std::uint64_t retired(InstructionClass instruction_class) const {
        return counts_[static_cast<unsigned>(instruction_class)];
    }
    /// Of a debugger's or test's look at a CSR. Nothing when it does not exist.
    std::optional<std::uint64_t> csr(unsigned number) const;
    std::int64_t exit_code() const { return exit_code_; }
    /// The last trap that was not an interrupt.
    const std::optional<TrapRecord>& last_exception() const { return last_exception_; }
    /// Whether the fault is a trap without a handler, or else one in the handler's own first instruction.
    bool handler_missing() const { return state_.trap_vector() == 0; }

    /// Called at every trap taken.
    std::function<void(const TrapRecord&)> on_trap;

private:
    void execute();
    bool execute_atomic(const Instruction& instruction);
    template <class Word, class UnsignedWord>
    bool execute_atomic(const Instruction& instruction);
    bool execute_csr(const Instruction& instruction);
    void execute_illegal();

    bool load_slow(std::uint64_t address, void* data, unsigned bytes);
    bool store_slow(std::uint64_t address, const void* data, unsigned bytes);
    bool access_bus(bool write, std::uint64_t address, void* data, unsigned bytes);
    void after_store(std::uint64_t address, const void* data, unsigned bytes);

    void decode_at_pc();
    bool read_code(std::uint64_t address, void* data, unsigned bytes);
    void forget_code(Bytes offset, Bytes bytes);
    void flush_code();

    void take_trap(std::uint64_t cause, std::uint64_t tval, std::string detail = {});
    void pause(Pause reason);
    std::uint64_t cycles_until(Picoseconds horizon, std::uint64_t max_instructions) const;
    HartCounters counters() const;

    const Clock clock_;
    const AddressRange sram_;
    HartBus& bus_;
    std::array<Cycles, instruction_class_count> costs_;
    Cycles branch_taken_extra_, mret_extra_, trap_cycles_, cheapest_;

    std::array<std::uint64_t, 33> x_{}; ///< the last one is discard_register
    std::uint64_t pc_ = 0;
    MachineState state_;
    std::optional<std::uint64_t> reservation_;

    Picoseconds base_ = 0; ///< local time is base_ plus cycles_
    Cycles cycles_ = 0;
    Cycles limit_ = 0; ///< of cycles_ in this run()
    Pause pause_ = Pause::none;
    std::uint64_t retired_ = 0;
    std::array<std::uint64_t, instruction_class_count> counts_{};

    std::uint8_t* fast_ = nullptr;
    Bytes fast_bytes_ = 0; ///< offsets below take an access of any width without looking further
    Storage code_storage_;
    Instruction* code_; ///< one for each 16-bit parcel of SRAM
    std::vector<std::uint8_t> line_flags_;

    std::optional<std::uint64_t> exit_address_;
    std::int64_t exit_code_ = 0;
    std::optional<TrapRecord> last_exception_;
    std::uint64_t retired_at_trap_ = ~std::uint64_t{0}; ///< instructions before the last trap
};

} // namespace gradus::ip
