// SPDX-License-Identifier: Apache-2.0
// A DMA channel: a command queue whose commands (dma_command.h) copy, gather, scatter and fill.
//
// Model: a command takes setup_cycles before its first transaction. It is split into steps (dma_plan.h), at most
// `outstanding` of which are under way. A slot takes a step, issues its read, waits for the data, converts them, issues
// its write, waits for that, and takes the next step; so a step has at most one transaction in flight. When they go out
// and how long their data take through the channel stands in dma_path.h. The command is done when its last step is.
// What ends at the same instant is dealt with in the order of the steps, whichever slot the kernel wakes first.
//
// With `chaining`, a command begins its setup when that of the one before is over and the last step of it has been
// given out, if its descriptor is here, its waits hold and it does not depend on what is still being moved
// (dma_footprint.h). That is looked at when a descriptor arrives, and whenever a step begins or a transaction ends.
// Commands retire in order all the same, and the time of two belongs to the earlier one until that has retired.
//
// Not modelled: cycles of the conversion and of the adder (they keep up with the port); conflicts between the channel's
// descriptor fetch and its data; a read and its write as bursts of different length; more than two commands at a time.
//
// Errors: what dma_check.h lists; QUEUE_ERROR_ADDRESS with the field src, dst or index when a transaction there fails;
// QUEUE_ERROR_INDEXED with the field index. After the first error no transaction is issued; what is in flight ends
// first. With chaining, a command that begins before an earlier one fails may have moved some of its data.
//
// Data plane: indices are always read for real. Without tensor data, other accesses are timing-only, but for steps
// whose destination lies in the control memory: what the CPU touches is always real. The time is the same.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/command_queue.h"
#include "ip/dma/dma_job.h"
#include "ip/dma/dma_path.h"

namespace gradus::ip {

/// Where the memories lie, to say whose bytes a command moved.
struct DmaMemoryMap {
    AddressRange dram;
    AddressRange scratchpad;
    AddressRange control_memory; ///< the hart's SRAM
};

class DmaChannel : public sc_core::sc_module, private CommandExecutor {
public:
    CommandQueue queue;                                  ///< with the sockets registers, fetch and interrupt
    tlm_utils::simple_initiator_socket<DmaChannel> data; ///< where commands read and write

    /// `index` is the queue's number on the fence board and its UnitId at the observer.
    DmaChannel(sc_core::sc_module_name name, unsigned index, const DmaParameters& parameters,
               const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
               const DmaMemoryMap& memories, bool tensor_data);

private:
    static constexpr Picoseconds never = ~Picoseconds{0};

    struct Slot {
        DmaJob* job = nullptr; ///< whose step it carries out
        DmaStep step;
        unsigned stage = 0;                  ///< transactions of the step that are done
        Picoseconds turn = 0;                ///< when the next one goes out
        Picoseconds due = never;             ///< when it ends; or the setup, before the first
        std::optional<CommandError> failure; ///< of the transaction that ends then
        Access access;
        std::vector<std::uint8_t> in;  ///< as read
        std::vector<std::uint8_t> out; ///< as written
        sc_core::sc_event wake;
    };

    Execution execute(const command& command) override;
    void descriptor_arrived() override;
    void slot_thread(Slot& slot);
    void work_off(Slot& slot);
    void settle();
    void advance(Slot& slot);
    void end_step(Slot& slot);
    bool executor(const Slot& slot) const { return &slot == &slots_.front(); }
    DmaJob* next_job();
    void begin_next();
    void give(Slot& slot, DmaJob& job);
    void give_to_idle_slots();
    Slot* idle_slot_for(const DmaJob& job);

    // dma_steps.cpp
    static unsigned stages(DmaStep::Kind kind);
    void transact(Slot& slot);
    void move(Slot& slot);
    void accumulate_burst(Slot& slot);
    void fill_burst(Slot& slot);
    void read_block_row(Slot& slot);
    void write_block_row(Slot& slot);
    void read(Slot& slot, std::uint64_t address, void* destination, Bytes bytes, std::uint32_t field);
    void write(Slot& slot, const void* source, Bytes bytes);
    void issue(Slot& slot, tlm::tlm_generic_payload& payload, std::uint32_t field);
    void count(CommandWork& work, const tlm::tlm_generic_payload& payload) const;
    /// Whether a step moves bytes, not only time.
    bool is_real(const DmaStep& step) const { return tensor_data_ || memories_.control_memory.contains(step.write); }

    const DmaParameters parameters_;
    const Clock clock_;
    const DmaMemoryMap memories_;
    const bool tensor_data_;
    const unsigned outstanding_;

    DmaPath path_;
    std::deque<Slot> slots_;       ///< slot 0 is the queue's own thread, so that a short command needs no hand-over
    std::vector<Slot*> under_way_; ///< those with a step, in the order of the steps
    std::vector<Slot*> idle_;      ///< the others, but slot 0

    std::array<DmaJob, 2> jobs_;
    DmaJob* job_ = &jobs_[0];  ///< of the command that the queue executes
    DmaJob* next_ = &jobs_[1]; ///< of the one behind it, if that has begun
    bool executing_ = false;
    bool next_began_ = false;
};

} // namespace gradus::ip
