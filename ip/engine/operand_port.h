// SPDX-License-Identifier: Apache-2.0
// OperandPort: an engine's port into the scratchpad. It reads operands and writes results as real transactions, at the
// pace of the port.
//
// Pace. Reads and writes are two directions. Each moves port_bytes a cycle; one such step is a beat. A transaction
// holds as many gapless bytes as possible, but at most `transaction_bytes`. It never holds bytes of two rows with a gap
// between them. A transaction of b beats occupies its direction for b cycles, and then the next one is issued. The port
// does not wait for the answer before it issues the next one. A stream is done when the port has moved its last byte
// and the last answer has come.
//
// Ahead of time. The port issues transactions ahead of simulated time, with an annotated delay. So a small command does
// not have to wait for its operands. The lead is at most `lead_cycles`, so that a long stream shares the scratchpad
// fairly. A target may wait inside b_transport: the stream then goes on from the new time. A direction serves one
// process at a time.
//
// Passing over an operand again (matrix_core.h) reads as many bytes as the operand has, from its first byte on. These
// passes ignore gaps between rows: the gaps change which banks are touched, but not how much is moved.
//
// Example: a port of 32 bytes a cycle. A [4, 4] operand in fp32 without gaps is one transaction of 64 bytes and takes 2
// cycles. With a pitch of 32 bytes it is 4 transactions of 16 bytes. Each takes a whole beat, so it takes 4 cycles.
// (MatrixUnit.GaplessRowsTravelTogetherAndOthersOneByOne)
//
// Not modelled: a limit on outstanding transactions other than the lead.
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

    /// `socket` must outlive the port. With `tensor_data` false the port issues the same transactions without data.
    OperandPort(tlm::tlm_initiator_socket<>& socket, Clock clock, Bytes port_bytes, bool tensor_data);

    /// Begins a command. The port issues nothing before `start` and counts bytes from 0.
    void start(Picoseconds start);
    /// The port issues the direction's next transaction at `time` or later.
    void resume_reads(Picoseconds time) { read_.free = std::max(read_.free, time); }
    void resume_writes(Picoseconds time) { write_.free = std::max(write_.free, time); }
    /// True: a write lets everything else at its time go first. Writes with a process of their own must, because the
    /// kernel promises no order between two processes that wake at the same time.
    void defer_writes(bool defer) { write_.deferred = defer; }

    /// Each of these may wait. It returns false if the target answers with an error; then it does not try the rest.
    /// Empty rows are fine. `beat` is the number of cycles that the port needs for one beat.
    bool read(const OperandSlice& slice, OperandBuffer& into, Cycles beat = 1);
    bool read_again(const OperandRows& rows, std::uint64_t passes, Cycles beat = 1);
    bool write(const OperandRows& rows, const std::uint8_t* from);
    /// One pass over rows that will be overwritten. It takes time but writes nothing.
    bool write_pass(const OperandRows& rows);

    /// Return when everything that the command has issued so far is done.
    Picoseconds reads_done() const { return read_.done; }
    Picoseconds writes_done() const { return write_.done; }
    Picoseconds done() const { return std::max(read_.done, write_.done); }

    Bytes bytes_read() const { return read_.bytes; }
    Bytes bytes_written() const { return write_.bytes; }
    /// Cycles that the port needs for what it has moved in the command so far. The results of a single panel leave
    /// behind its operands (panels.h); those of several beside them.
    Cycles cycles(std::uint64_t panels) const {
        return panels == 1 ? read_.cycles + write_.cycles : std::max(read_.cycles, write_.cycles);
    }

private:
    struct Direction {
        Access access;
        Picoseconds free = 0;
        Picoseconds done = 0;
        Bytes bytes = 0;
        Cycles cycles = 0;
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
