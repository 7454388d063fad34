// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/matrix_unit.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace gradus::ip {

namespace {

// C is computed and written in panels of about this many multiply-accumulates, so that the host's arithmetic for a
// result that nothing accepts ends soon.
constexpr std::uint64_t panel_macs = std::uint64_t{1} << 22;

CommandError refused(std::size_t offset) { return {QUEUE_ERROR_ADDRESS, body_field(offset)}; }

/// The unit's copy of an operand: no gaps, but a repeated row is there once.
MatrixView view(const float* data, std::uint32_t stored_cols, std::uint32_t pitch, bool transposed) {
    const MatrixView stored{data, pitch == 0 ? 0 : stored_cols, 1};
    return transposed ? stored.transposed() : stored;
}

} // namespace

MatrixUnit::MatrixUnit(sc_core::sc_module_name name, unsigned queue_index, const MatrixParameters& parameters,
                       const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
                       bool tensor_data)
    : sc_module(name), data("data"), queue("queue", queue_index, queue_parameters, clock, fences, observer, *this),
      parameters_(parameters), clock_(clock), tensor_data_(tensor_data),
      port_(data, clock, parameters.port_bytes, tensor_data) {}

Execution MatrixUnit::execute(const command& command) {
    matrix_body body;
    std::memcpy(&body, command.body, sizeof body);
    Execution execution;
    if ((execution.error = check_matrix(command.header.opcode, body))) return execution;

    const MatrixPlan plan = plan_matrix(body, parameters_);
    const Picoseconds begin = now() + clock_(parameters_.startup_cycles);
    const Picoseconds computed = begin + clock_(plan.compute_cycles);
    port_.clear_counts();
    port_.start(begin);
    execution.error = read_operands(body, plan);
    wait_until(execution.error ? port_.done() : std::max(computed, port_.done()));
    if (execution.error) return execution;

    port_.start(now());
    execution.error = write_result(body, plan);
    wait_until(port_.done());
    execution.memory_stall = now() - computed;
    execution.work.macs = plan.macs;
    execution.work.scratchpad_read = port_.bytes_read();
    execution.work.scratchpad_written = port_.bytes_written();
    return execution;
}

std::optional<CommandError> MatrixUnit::read_operands(const matrix_body& body, const MatrixPlan& plan) {
    if (!port_.read(plan.a, a_)) return refused(offsetof(matrix_body, a));
    if (!port_.read(plan.b, b_)) return refused(offsetof(matrix_body, b));
    if (!port_.read(plan.bias, bias_)) return refused(offsetof(matrix_body, bias));
    if ((body.mode & MATRIX_ACCUMULATE) && !port_.read(plan.c, c_)) return refused(offsetof(matrix_body, c));
    if (tensor_data_) {
        a_values_ = a_.widened(body.a_format, plan.a.bytes() / format_bytes(body.a_format));
        b_values_ = b_.widened(body.b_format, plan.b.bytes() / format_bytes(body.b_format));
    }
    if (!port_.read_again(plan.a, plan.column_folds - 1)) return refused(offsetof(matrix_body, a));
    if (!port_.read_again(plan.b, plan.row_folds - 1)) return refused(offsetof(matrix_body, b));
    if (!port_.read_again(plan.bias, plan.row_folds - 1)) return refused(offsetof(matrix_body, bias));
    return {};
}

std::optional<CommandError> MatrixUnit::write_result(const matrix_body& body, const MatrixPlan& plan) {
    const std::uint64_t macs_a_row = std::uint64_t{body.n} * body.k;
    const auto panel_rows = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(panel_macs / macs_a_row, 1, body.m));
    for (std::uint32_t row = 0; row < body.m; row += panel_rows) {
        const std::uint32_t count = std::min(panel_rows, body.m - row);
        const std::uint8_t* values = tensor_data_ ? compute_rows(body, row, count) : nullptr;
        const OperandRows panel{plan.c.address + row * plan.c.pitch, count, plan.c.row_bytes, plan.c.pitch};
        if (!port_.write(panel, values)) return refused(offsetof(matrix_body, c));
    }
    return {};
}

const std::uint8_t* MatrixUnit::compute_rows(const matrix_body& body, std::uint32_t first, std::uint32_t count) {
    const std::size_t n = body.n;
    const bool accumulates = body.mode & MATRIX_ACCUMULATE;
    // All of C is here when it was read, else there is room for this panel alone.
    float* c = accumulates ? c_.reserve_floats(std::size_t{body.m} * n) + first * n : c_.reserve_floats(count * n);
    if (!accumulates) std::fill_n(c, count * n, 0.0F);
    if (body.mode & MATRIX_BIAS)
        for (std::size_t r = 0; r < count; ++r)
            for (std::size_t j = 0; j < n; ++j)
                c[r * n + j] += bias_.floats()[j];

    const bool transpose_a = body.mode & MATRIX_TRANSPOSE_A;
    const bool transpose_b = body.mode & MATRIX_TRANSPOSE_B;
    MatrixView a = view(a_values_, transpose_a ? body.m : body.k, body.a_pitch, transpose_a);
    a.data += first * a.row_stride;
    const MatrixView b = view(b_values_, transpose_b ? body.k : body.n, body.b_pitch, transpose_b);
    product_.accumulate(count, n, body.k, a, b, c, n);
    return c_.narrowed(body.c_format, c, count * n);
}

} // namespace gradus::ip
