// SPDX-License-Identifier: Apache-2.0
// MatrixUnit: the matrix unit as a SystemC module. It consists of a command queue, an array (matrix_array.h) and a port
// into the scratchpad (operand_port.h).
//
// A command is worked off panel by panel (matrix_core.h, panels.h): operands arrive, the array computes, C leaves. Busy
// time is the startup and the array's cycles. Everything beyond them is a memory stall. With `tensor_data` false the
// unit reads, computes and writes no element, and every time is the same.
//
// Errors: those of check_matrix. QUEUE_ERROR_ADDRESS with the operand's address field when the memory refuses an
// access.
//
// Example: the default unit computes m = n = k = 16 in fp32. It is busy for 4 + 352 cycles and then stalls for 32
// cycles until the 1 KiB of C has left. matrix_core.h derives these numbers.
#pragma once

#include <memory>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "ip/common/command_queue.h"
#include "ip/engine/matrix_array.h"
#include "ip/engine/matrix_core.h"
#include "ip/engine/panels.h"

namespace gradus::ip {

class MatrixUnit : public sc_core::sc_module, private CommandExecutor {
public:
    tlm_utils::simple_initiator_socket<MatrixUnit> data; ///< carries operands, by their system addresses
    CommandQueue queue;

    /// `array` replaces the TimingArray. An array that needs all operands of a product at its start does not go
    /// together with overlapped folds, because these bring the operands panel by panel.
    MatrixUnit(sc_core::sc_module_name name, unsigned queue_index, const MatrixParameters& parameters,
               const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
               bool tensor_data, std::unique_ptr<MatrixArray> array = nullptr);

private:
    using Found = std::optional<CommandError>;

    Execution execute(const command& command) override;
    Found read_panel(const matrix_body& body, const MatrixPlan& plan, std::uint64_t index);
    Found read_values(const matrix_body& body, const MatrixPlan& plan, std::uint64_t index);
    Found write_panel(const matrix_body& body, const MatrixPlan& plan, std::uint64_t index);
    Cycles compute_panel(const matrix_body& body, const MatrixPlan& plan, std::uint64_t index);
    MatrixTask task(const matrix_body& body, const MatrixPlan& plan) const;

    const MatrixParameters parameters_;
    const Clock clock_;
    const bool tensor_data_;
    const std::unique_ptr<MatrixArray> array_;
    OperandPort port_;
    ResultWriter writer_;
    OperandBuffer a_, b_, c_, bias_, results_;
    Cycles cycles_ = 0; // cycles of the panels so far
};

} // namespace gradus::ip
