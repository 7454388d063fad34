// SPDX-License-Identifier: Apache-2.0
// A command queue: registers, descriptor fetch, fences, interrupt. Every hardware unit owns one and executes its
// commands.
//
// Model: a doorbell write makes commands visible at once. A fetcher reads descriptors in order through `fetch`, one at
// a time, at most QueueParameters.prefetch ahead of the one executing. A descriptor can start issue_cycles after it
// arrived. Its waits are checked in order; then the unit executes it; then the fence moves and the next begins.
// Rewinding costs what a register access costs; descriptors that run again are fetched and checked again.
// Observers hear of counts that go on for ever, whatever has been rewound.
// Errors: a bad descriptor halts the queue for good (registers QUEUE_ERROR*, interrupt raised, Observer::halted). A
// register access that makes no sense is answered as by every device (register_access.h) and changes nothing; values
// that a register does not take are a doorbell more than a ring ahead of the fence or behind the previous one, a ring
// that is moved or resized while commands are in it, and one that reaches beyond the address space. Not modelled:
// arbitration inside the unit between fetch and data; more than one descriptor fetch in flight.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/command.h"
#include "ip/common/command_error.h"
#include "ip/common/command_ring.h"
#include "ip/common/fence_board.h"
#include "ip/common/observer.h"
#include "ip/common/queue_parameters.h"
#include "ip/common/register_access.h"
#include "ip/common/transport.h"

namespace gradus::ip {

/// How a command went. Its time in the unit is busy but for the last `memory_stall` of it.
struct Execution {
    std::optional<CommandError> error;
    Picoseconds memory_stall = 0;
    CommandWork work;
};

/// A unit's side of the queue. execute() runs in the queue's SystemC thread, may wait(), and returns when the command
/// is done.
class CommandExecutor {
public:
    virtual ~CommandExecutor() = default;
    virtual Execution execute(const command& command) = 0;
    /// A descriptor has arrived behind that of the command that executes: CommandQueue::upcoming may have changed.
    virtual void descriptor_arrived() {}
};

/// For the performance monitor and for reports of a hang.
struct QueueState {
    std::uint32_t submitted = 0;
    std::uint32_t retired = 0;
    std::uint32_t before = 0; ///< retired before it was last rewound
    std::uint32_t status = QUEUE_STATUS_IDLE;
    Picoseconds busy = 0;
    Picoseconds stalled = 0;
    std::uint64_t work = 0; ///< sum of CommandWork::amount()
    std::uint32_t error = QUEUE_ERROR_NONE;
    std::uint32_t error_index = 0;
    std::uint32_t error_field = 0;
};

class CommandQueue : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<CommandQueue> registers; ///< 4 KiB of registers, command.h
    tlm_utils::simple_initiator_socket<CommandQueue> fetch;  ///< where the ring is read
    sc_core::sc_out<bool> interrupt;                         ///< level, until cleared through QUEUE_INTERRUPT

    /// `index` is the queue's number on the fence board and its UnitId at the observer.
    CommandQueue(sc_core::sc_module_name name, unsigned index, const QueueParameters& parameters, Clock clock,
                 FenceBoard& fences, Observer& observer, CommandExecutor& executor);

    QueueState state() const;

    /// The command behind the one at work, when nothing keeps it waiting: its descriptor is here and well-formed, its
    /// waits hold, and it does work. For a unit that begins it early; execute() is then called for it next. Else null.
    const command* upcoming() const;

private:
    struct Fetched {
        command descriptor;
        bool good;
    };

    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(tlm::tlm_generic_payload& payload);
    tlm::tlm_response_status access(RegisterAccess& access);
    bool read_register(std::uint64_t offset, std::uint64_t& value) const;
    tlm::tlm_response_status write_register(std::uint64_t offset, std::uint64_t value);
    void fetch_thread();
    void execute_thread();
    void interrupt_thread();
    const Fetched& next_command();
    bool rewind(std::uint32_t step);
    /// Of this queue, in all, as observers count.
    std::uint32_t in_all(std::uint32_t count) const { return fences_.before(index_) + count; }
    bool wait_for_fences(const command_header& header, const Tag& tag, CommandTimes& times);
    void halt(const CommandError& error);
    void report(Picoseconds begin, Picoseconds end, Activity activity, std::uint8_t opcode, std::uint16_t detail,
                const Tag& tag);

    const unsigned index_;
    const QueueParameters parameters_;
    const Clock clock_;
    FenceBoard& fences_;
    Observer& observer_;
    CommandExecutor& executor_;

    CommandRing ring_;
    std::uint32_t fetched_count_ = 0;
    std::uint32_t first_step_ = 0; ///< QUEUE_REWIND
    QueueState state_;
    bool interrupt_pending_ = false;
    std::deque<Fetched> fetched_;
    Access fetch_access_;
    // Notified at once, without a delta cycle of their own: whoever waits for one looks at the state before and after.
    sc_core::sc_event doorbell_, arrived_, consumed_;
    sc_core::sc_event interrupt_changed_;
};

} // namespace gradus::ip
