// SPDX-License-Identifier: Apache-2.0
// A DMA channel: a command queue whose commands (dma_command.h) copy, gather, scatter and fill.
//
// Model: a command takes setup_cycles before its first transaction. It is split into steps (dma_plan.h). The channel
// has `outstanding` slots; a slot takes a step, issues its read, waits for the data, converts them, issues its write,
// waits for that, and takes the next step; so each slot has at most one transaction in flight. All slots issue through
// one port, one transaction every issue_cycles. The command is done when its last step is. Not modelled: alignment of
// bursts to address boundaries, cycles of the conversion and of the adder (they keep up with the bus), conflicts
// between the channel's descriptor fetch and its data.
//
// Errors: what dma_check.h lists; QUEUE_ERROR_ADDRESS with the field src, dst or index when a transaction there fails;
// QUEUE_ERROR_INDEXED with the field index. After the first error no transaction is issued; what is in flight ends
// first.
//
// Data plane: indices are always read for real. Without tensor data, other accesses are timing-only, but for steps
// whose destination lies in the control memory: what the CPU touches is always real. The time is the same.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/command_queue.h"
#include "ip/common/timeline.h"
#include "ip/dma/dma_parameters.h"
#include "ip/dma/dma_plan.h"

namespace gradus::ip {

/// Where the memories lie: `dram` and `scratchpad` to say whose bytes a command moved.
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
    struct Slot {
        unsigned number = 0;
        Access access;
        std::vector<std::uint8_t> in;  ///< as read
        std::vector<std::uint8_t> out; ///< as written
        sc_core::sc_event wake;
    };

    Execution execute(const command& command) override;
    void slot_thread(Slot& slot);
    void work_off(Slot& slot);
    bool can_take() const;
    DmaStep take();
    void wake_idle_slot();
    void wake_executor();

    void perform(Slot& slot, const DmaStep& step);
    void move(Slot& slot, const DmaStep& step);
    void accumulate_burst(Slot& slot, const DmaStep& step);
    void fill_burst(Slot& slot, const DmaStep& step);
    void read_indices(Slot& slot, const DmaStep& step);
    void read_block_row(Slot& slot, const DmaStep& step);
    void write_block_row(Slot& slot, const DmaStep& step);

    bool read(Slot& slot, std::uint64_t address, void* destination, Bytes bytes, std::uint32_t field);
    bool write(Slot& slot, std::uint64_t address, const void* source, Bytes bytes);
    bool issue(tlm::tlm_generic_payload& payload, std::uint32_t field);
    void wait_for_issue();
    void count(std::uint64_t address, Bytes bytes, bool write);
    void fail(std::uint32_t code, std::uint32_t field);
    /// Whether a step that writes there moves bytes, not only time.
    bool is_real(std::uint64_t destination) const;

    const DmaParameters parameters_;
    const Clock clock_;
    const DmaMemoryMap memories_;
    const bool tensor_data_;

    std::deque<Slot> slots_;     ///< slot 0 is the queue's own thread, so that a short command needs no hand-over
    std::vector<unsigned> idle_; ///< slots that wait for their `wake`
    std::vector<std::uint8_t> block_;
    Timeline issue_port_;

    // Of the command at hand.
    dma_body body_{};
    std::optional<DmaPlan> plan_;
    unsigned active_ = 0;   ///< steps that have begun and not ended
    Picoseconds ready_ = 0; ///< end of the setup
    std::optional<CommandError> error_;
    CommandWork work_;
};

} // namespace gradus::ip
