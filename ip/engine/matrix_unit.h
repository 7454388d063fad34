// SPDX-License-Identifier: Apache-2.0
// The matrix unit: a command queue, a systolic array (matrix_core.h) and a port into the scratchpad (operand_port.h).
//
// A command reads its operands, computes beside that, and writes C when both are done. Busy time is startup and
// computation; everything beyond is a memory stall. With `tensor_data` false no element is read, computed or written
// and every time is the same. Errors: those of check_matrix; QUEUE_ERROR_ADDRESS with the operand's address field when
// the memory refuses an access.
#pragma once

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "ip/common/command_queue.h"
#include "ip/engine/matrix_core.h"
#include "ip/engine/operand_port.h"
#include "ip/numerics/matrix_product.h"

namespace gradus::ip {

class MatrixUnit : public sc_core::sc_module, private CommandExecutor {
public:
    tlm_utils::simple_initiator_socket<MatrixUnit> data; ///< operands, by their system addresses
    CommandQueue queue;

    MatrixUnit(sc_core::sc_module_name name, unsigned queue_index, const MatrixParameters& parameters,
               const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
               bool tensor_data);

private:
    Execution execute(const command& command) override;
    std::optional<CommandError> read_operands(const matrix_body& body, const MatrixPlan& plan);
    std::optional<CommandError> write_result(const matrix_body& body, const MatrixPlan& plan);
    const std::uint8_t* compute_rows(const matrix_body& body, std::uint32_t first, std::uint32_t count);

    const MatrixParameters parameters_;
    const Clock clock_;
    const bool tensor_data_;
    OperandPort port_;
    OperandBuffer a_, b_, c_, bias_;
    const float* a_values_ = nullptr; // as fp32, in the buffers above
    const float* b_values_ = nullptr;
    MatrixProduct product_;
};

} // namespace gradus::ip
