// SPDX-License-Identifier: Apache-2.0
// An engine's port into the scratchpad: streams operands in and results out as real transactions, paced by the port.
//
// Reads and writes have a direction each, of port_bytes a cycle. A transaction holds as many gapless bytes as possible,
// at most `transaction_bytes`, and never bytes of two rows with a gap between them. The next one of its direction is
// issued as soon as the port has room, a cycle for each beat of port_bytes after the previous one; answers may be
// outstanding. A stream is done when the port has moved its last byte and the last answer is there. Transactions are
// issued ahead of simulated time by their annotated delay, so that a small command needs no wait for its operands; the
// lead is bounded by `lead_cycles`, so that a long stream shares the scratchpad with others fairly. A target that waits
// inside b_transport is fine: the stream then goes on from the new time. A direction serves one process at a time.
//
// Passing over an operand again (see matrix_core.h) is one pass over as many bytes from its first on; gaps between rows
// are ignored in these passes, because they change which banks are touched but not how much is moved. Not modelled: a
// limit on outstanding transactions other than the lead.
#pragma once

#include <algorithm>
#include <optional>
#include <systemc>
#include <tlm>

#include "ip/common/transport.h"
#include "ip/engine/operand.h"

namespace gradus::ip {

class OperandPort {
public:
    static constexpr Bytes transaction_bytes = 4096;
    static constexpr Cycles lead_cycles = 256;

    /// `socket` must outlive the port. With `tensor_data` false the same transactions move no data.
    OperandPort(tlm::tlm_initiator_socket<>& socket, Clock clock, Bytes port_bytes, bool tensor_data);

    /// Begins a command: nothing is issued before `start`, and no byte is counted yet.
    void start(Picoseconds start);
    /// The direction's next transaction is issued at `time` or later.
    void resume_reads(Picoseconds time) { read_.free = std::max(read_.free, time); }
    void resume_writes(Picoseconds time) { write_.free = std::max(write_.free, time); }
    /// Whether writes let everything else at their time go first. With a process of their own they must, because the
    /// kernel promises no order between two processes that wake at the same time.
    void defer_writes(bool defer) { write_.deferred = defer; }

    /// Each may wait; false if the target answered with an error, and the rest was not tried. Empty rows are fine.
    /// `beat` is how many cycles the port needs for one beat.
    bool read(const OperandSlice& slice, OperandBuffer& into, Cycles beat = 1);
    bool read_again(const OperandRows& rows, std::uint64_t passes, Cycles beat = 1);
    bool write(const OperandRows& rows, const std::uint8_t* from);
    /// One pass over what will be overwritten: it moves in time alone.
    bool write_pass(const OperandRows& rows);

    /// When everything issued in the command so far is done.
    Picoseconds reads_done() const { return read_.done; }
    Picoseconds writes_done() const { return write_.done; }
    Picoseconds done() const { return std::max(read_.done, write_.done); }

    Bytes bytes_read() const { return read_.bytes; }
    Bytes bytes_written() const { return write_.bytes; }

private:
    struct Direction {
        Access access;
        Picoseconds free = 0;
        Picoseconds done = 0;
        Bytes bytes = 0;
        bool deferred = false;
        std::optional<Picoseconds> deferred_at;
    };

    template <class Transfer>
    bool for_each_transaction(const OperandSlice& slice, Transfer transfer);
    template <class Transfer>
    bool pass_over(const OperandRows& rows, std::uint64_t passes, Transfer transfer);
    bool transact(Direction& direction, tlm::tlm_generic_payload& payload, Bytes bytes, Cycles beat);
    void take_turn(Direction& direction);
    void keep_near_global_time(const Direction& direction);

    tlm::tlm_initiator_socket<>& socket_;
    const Clock clock_;
    const Bytes port_bytes_;
    const bool tensor_data_;
    Direction read_, write_;
};

} // namespace gradus::ip
