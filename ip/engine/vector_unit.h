// SPDX-License-Identifier: Apache-2.0
// VectorUnit: the vector unit as a SystemC module. It consists of a command queue, the lanes (vector_timing.h) and a
// port into the scratchpad (operand_port.h).
//
// A command is worked off panel by panel (vector_core.h, panels.h): operands arrive, the lanes compute, results leave.
// Busy time is the startup and the lanes' cycles. Everything beyond them is a memory stall. With `tensor_data` false
// the unit reads, computes and writes no element, and every time is the same.
//
// Errors: those of check_vector. QUEUE_ERROR_ADDRESS with the operand's address field when the memory refuses an
// access. QUEUE_ERROR_INDEXED (field c) for an index out of range, which only a unit with tensor data can see.
//
// Example: the default unit adds two [16, 16] operands. It is busy for 4 + 64 cycles and then stalls for 32 cycles
// until the 1 KiB of results has left. vector_core.h derives these numbers.
#pragma once

#include <array>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "ip/common/command_queue.h"
#include "ip/engine/panels.h"
#include "ip/engine/vector_core.h"

namespace gradus::ip {

class VectorUnit : public sc_core::sc_module, private CommandExecutor {
public:
    tlm_utils::simple_initiator_socket<VectorUnit> data; ///< carries operands, by their system addresses
    CommandQueue queue;

    VectorUnit(sc_core::sc_module_name name, unsigned queue_index, const VectorParameters& parameters,
               const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
               bool tensor_data);

private:
    using Found = std::optional<CommandError>;

    /// The unit's copies of a panel's operands. One panel arrives while another is computed and a third one leaves.
    struct Buffers {
        OperandBuffer a, b, c, dst;
    };

    Execution execute(const command& command) override;
    Found read_panel(std::uint8_t opcode, const vector_body& body, Buffers& buffers, bool first);
    Found write_panel(std::uint8_t opcode, const vector_body& body, Buffers& buffers);
    void compute(std::uint8_t opcode, const vector_body& body, Buffers& buffers);
    OperandBuffer& a_of(Buffers& buffers) { return repeats_a_ ? repeated_a_ : buffers.a; }
    OperandBuffer& b_of(Buffers& buffers) { return repeats_b_ ? repeated_b_ : buffers.b; }

    const VectorParameters parameters_;
    const Clock clock_;
    const bool tensor_data_;
    OperandPort port_;
    ResultWriter writer_;
    std::array<Buffers, 3> buffers_;
    // A row that stands for all rows is read once in a command.
    bool repeats_a_ = false, repeats_b_ = false;
    OperandBuffer repeated_a_, repeated_b_;
    OperandBuffer sums_; ///< of the columns of all panels of a command so far
};

} // namespace gradus::ip
