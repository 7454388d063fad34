// SPDX-License-Identifier: Apache-2.0
// The vector unit: a command queue, the lanes (vector_core.h) and a port into the scratchpad (operand_port.h).
//
// A command reads its operands, computes beside that, and writes its results when both are done. Busy time is startup
// and computation; everything beyond is a memory stall. With `tensor_data` false no element is read, computed or
// written and every time is the same. Errors: those of check_vector; QUEUE_ERROR_ADDRESS with the operand's address
// field when the memory refuses an access; QUEUE_ERROR_INDEXED (field c) for an index out of range, which only a unit
// with tensor data can see.
#pragma once

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "ip/common/command_queue.h"
#include "ip/engine/operand_port.h"
#include "ip/engine/vector_core.h"

namespace gradus::ip {

class VectorUnit : public sc_core::sc_module, private CommandExecutor {
public:
    tlm_utils::simple_initiator_socket<VectorUnit> data; ///< operands, by their system addresses
    CommandQueue queue;

    VectorUnit(sc_core::sc_module_name name, unsigned queue_index, const VectorParameters& parameters,
               const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
               bool tensor_data);

private:
    Execution execute(const command& command) override;
    std::optional<CommandError> read_operands(const VectorPlan& plan);
    std::optional<CommandError> compute(std::uint8_t opcode, const vector_body& body, const VectorPlan& plan);
    std::optional<CommandError> write_results(const VectorPlan& plan);

    const VectorParameters parameters_;
    const Clock clock_;
    const bool tensor_data_;
    OperandPort port_;
    OperandBuffer a_, b_, c_, dst_;
};

} // namespace gradus::ip
