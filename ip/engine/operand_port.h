// SPDX-License-Identifier: Apache-2.0
// An engine's port into the scratchpad: streams operands in and results out as real transactions, paced by the port.
//
// A transaction holds as many gapless bytes as possible, at most `transaction_bytes`, and never bytes of two rows with
// a gap between them. The next one is issued as soon as the port has room, ceil(bytes / port_bytes) cycles after the
// previous one; answers may be outstanding. The stream is done when the port has moved its last byte and the last
// answer is there. Transactions are issued ahead of simulated time by their annotated delay, so that a small command
// needs no wait for its operands; the lead is bounded by `lead_cycles`, so that a long stream shares the scratchpad
// with others fairly. A target that waits inside b_transport is fine: the stream then goes on from the new time.
//
// Reading an operand again (see matrix_core.h) is one pass over as many bytes from the operand's first on; gaps between
// rows are ignored in these passes, because they change which banks are touched but not how much is moved. Not
// modelled: a limit on outstanding transactions other than the lead.
#pragma once

#include <systemc>
#include <tlm>

#include "ip/common/transport.h"
#include "ip/engine/operand.h"

namespace gradus::ip {

/// Blocks the calling SystemC thread until `time`, if that is still to come.
void wait_until(Picoseconds time);

class OperandPort {
public:
    static constexpr Bytes transaction_bytes = 4096;
    static constexpr Cycles lead_cycles = 256;

    /// `socket` must outlive the port. With `tensor_data` false the same transactions move no data.
    OperandPort(tlm::tlm_initiator_socket<>& socket, Clock clock, Bytes port_bytes, bool tensor_data);

    /// Begins a stream: its first transaction is issued at `start` or later.
    void start(Picoseconds start);

    /// Each may wait; false if the target answered with an error, and the rest was not tried. Empty rows are fine.
    bool read(const OperandRows& rows, OperandBuffer& into);
    bool read_again(const OperandRows& rows, std::uint64_t passes);
    bool write(const OperandRows& rows, const std::uint8_t* from);

    /// When everything issued since start() is done.
    Picoseconds done() const { return done_; }

    /// Of the command so far.
    Bytes bytes_read() const { return bytes_read_; }
    Bytes bytes_written() const { return bytes_written_; }
    void clear_counts() { bytes_read_ = bytes_written_ = 0; }

private:
    template <class Transfer>
    bool for_each_transaction(const OperandRows& rows, Transfer transfer);
    bool transact(tlm::tlm_generic_payload& payload, Bytes bytes);
    void keep_near_global_time();

    tlm::tlm_initiator_socket<>& socket_;
    const Clock clock_;
    const Bytes port_bytes_;
    const bool tensor_data_;
    Access access_;
    Picoseconds free_ = 0;
    Picoseconds done_ = 0;
    Bytes bytes_read_ = 0;
    Bytes bytes_written_ = 0;
};

} // namespace gradus::ip
