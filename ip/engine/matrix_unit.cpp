// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/matrix_unit.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace gradus::ip {

namespace {

// C is computed and written in blocks of about this many multiply-accumulates, so that the host's arithmetic for a
// result that nothing accepts ends soon.
constexpr std::uint64_t block_macs = std::uint64_t{1} << 22;

/// The unit's copy of an operand: no gaps, but a repeated row is there once.
MatrixView view(const float* data, std::uint32_t stored_cols, std::uint32_t pitch, bool transposed) {
    const MatrixView stored{data, pitch == 0 ? 0 : stored_cols, 1};
    return transposed ? stored.transposed() : stored;
}

} // namespace

MatrixUnit::MatrixUnit(sc_core::sc_module_name name, unsigned queue_index, const MatrixParameters& parameters,
                       const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
                       bool tensor_data, std::unique_ptr<MatrixArray> array)
    : sc_module(name), data("data"), queue("queue", queue_index, queue_parameters, clock, fences, observer, *this),
      parameters_(parameters), clock_(clock), tensor_data_(tensor_data),
      array_(array ? std::move(array) : std::make_unique<TimingArray>(parameters)),
      port_(data, clock, port_bytes(parameters), tensor_data), writer_("writer", port_) {}

Execution MatrixUnit::execute(const command& command) {
    matrix_body body;
    std::memcpy(&body, command.body, sizeof body);
    Execution execution;
    if ((execution.error = check_matrix(command.header.opcode, body))) return execution;

    const MatrixPlan plan = plan_matrix(body, parameters_);
    const Picoseconds begin = now() + clock_(parameters_.startup_cycles);
    cycles_ = 0;
    execution.error = run_panels(
        plan.panels, begin, clock_, port_, writer_, [&](std::uint64_t panel) { return read_panel(body, plan, panel); },
        [&](std::uint64_t panel) { return compute_panel(body, plan, panel); },
        [&](std::uint64_t panel) { return write_panel(body, plan, panel); });
    if (execution.error) return execution;
    execution.memory_stall = now() - begin - clock_(cycles_);
    execution.work.macs = plan.macs;
    if (body.a_format == FORMAT_BF16 && body.b_format == FORMAT_BF16) execution.work.macs_bf16 = plan.macs;
    execution.work.scratchpad_read = port_.bytes_read();
    execution.work.scratchpad_written = port_.bytes_written();
    execution.work.compute_cycles = cycles_;
    execution.work.port_cycles = port_.cycles(plan.panels);
    return execution;
}

// What is read for the first time brings its values; then come the passes of what streams through the array more than
// once. Partial sums of a command in one panel leave beside that; a panel's leave with its results, while the next
// panel is computed.
MatrixUnit::Found MatrixUnit::read_panel(const matrix_body& body, const MatrixPlan& plan, std::uint64_t index) {
    if (Found error = read_values(body, plan, index)) return error;
    const MatrixBlock block = plan.panel(index);
    const bool again_a = !plan.panels_of_columns || index == 0, again_b = plan.panels_of_columns || index == 0;
    if (!port_.read_again(plan.a_of(block).rows, plan.passes_of_a - again_a, plan.beat_of_a))
        return refused(offsetof(matrix_body, a));
    if (!port_.read_again(plan.b_of(block).rows, plan.passes_of_b - again_b, plan.beat_of_b))
        return refused(offsetof(matrix_body, b));
    if (!port_.read_again(plan.bias_of(block).rows, plan.passes_of_bias - again_b))
        return refused(offsetof(matrix_body, bias));
    const OperandRows spilled = plan.spilled_of(block);
    for (std::uint64_t i = 0; spilled && i < plan.spill_passes(); ++i) {
        const bool good = (plan.panels > 1 || port_.write_pass(spilled)) && port_.read_again(spilled, 1);
        if (!good) return refused(offsetof(matrix_body, c));
    }
    return {};
}

MatrixUnit::Found MatrixUnit::read_values(const matrix_body& body, const MatrixPlan& plan, std::uint64_t index) {
    const MatrixBlock block = plan.panel(index);
    const OperandSlice a = plan.a_of(block), b = plan.b_of(block);
    const bool new_a = !plan.panels_of_columns || index == 0, new_b = plan.panels_of_columns || index == 0;
    if (new_a && !port_.read(a, a_, plan.beat_of_a)) return refused(offsetof(matrix_body, a));
    if (new_b && !port_.read(b, b_, plan.beat_of_b)) return refused(offsetof(matrix_body, b));
    if (new_b && !port_.read(plan.bias_of(block), bias_)) return refused(offsetof(matrix_body, bias));
    if ((body.mode & MATRIX_ACCUMULATE) && !port_.read(plan.c_of(block), c_)) return refused(offsetof(matrix_body, c));
    if (!tensor_data_) return {};
    if (new_a) a_.widen(body.a_format, a);
    if (new_b) b_.widen(body.b_format, b);
    return {};
}

Cycles MatrixUnit::compute_panel(const matrix_body& body, const MatrixPlan& plan, std::uint64_t index) {
    if (index == 0) array_->start(task(body, plan));
    const Cycles before = std::exchange(cycles_, array_->cycles_until(plan.outer_until(index)));
    return cycles_ - before;
}

MatrixUnit::Found MatrixUnit::write_panel(const matrix_body& body, const MatrixPlan& plan, std::uint64_t index) {
    const MatrixBlock panel = plan.panel(index);
    const std::uint64_t macs_a_row = std::uint64_t{panel.cols} * body.k;
    const auto step = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(block_macs / macs_a_row, 1, panel.rows));
    const OperandRows spilled = plan.spilled_of(panel);
    for (std::uint64_t i = 0; plan.panels > 1 && spilled && i < plan.spill_passes(); ++i)
        if (!port_.write_pass(spilled)) return refused(offsetof(matrix_body, c));
    for (std::uint32_t row = 0; row < panel.rows; row += step) {
        const MatrixBlock block{panel.row + row, std::min(step, panel.rows - row), panel.col, panel.cols};
        const std::uint8_t* values = nullptr;
        if (tensor_data_) {
            const std::size_t count = std::size_t{block.rows} * block.cols;
            float* results = results_.reserve_floats(count);
            array_->results(task(body, plan), block, results);
            values = results_.narrowed(body.c_format, results, count);
        }
        if (!port_.write(plan.c_of(block).rows, values)) return refused(offsetof(matrix_body, c));
    }
    return {};
}

MatrixTask MatrixUnit::task(const matrix_body& body, const MatrixPlan& plan) const {
    MatrixTask task;
    task.shape = plan.shape;
    if (!tensor_data_) return task;
    task.a = view(a_.values(body.a_format), plan.transpose_a ? body.m : body.k, body.a_pitch, plan.transpose_a);
    task.b = view(b_.values(body.b_format), plan.transpose_b ? body.k : body.n, body.b_pitch, plan.transpose_b);
    if (body.mode & MATRIX_ACCUMULATE) task.c = c_.floats();
    if (plan.bias) task.bias = bias_.floats();
    return task;
}

} // namespace gradus::ip
