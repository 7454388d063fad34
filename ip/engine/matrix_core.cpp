// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/matrix_core.h"

#include <algorithm>
#include <cstddef>

namespace gradus::ip {

namespace {

constexpr std::uint8_t known_modes = MATRIX_TRANSPOSE_A | MATRIX_TRANSPOSE_B | MATRIX_ACCUMULATE | MATRIX_BIAS;

using Found = std::optional<CommandError>;

OperandRows rows_of_a(const matrix_body& body) {
    const bool transposed = body.mode & MATRIX_TRANSPOSE_A;
    return OperandRows::source(body.a, transposed ? body.k : body.m,
                               (transposed ? body.m : body.k) * element_bytes(body.a_format), body.a_pitch);
}

OperandRows rows_of_b(const matrix_body& body) {
    const bool transposed = body.mode & MATRIX_TRANSPOSE_B;
    return OperandRows::source(body.b, transposed ? body.n : body.k,
                               (transposed ? body.k : body.n) * element_bytes(body.b_format), body.b_pitch);
}

OperandRows rows_of_c(const matrix_body& body) {
    return {body.c, body.m, body.n * element_bytes(body.c_format), body.c_pitch};
}

OperandRows rows_of_bias(const matrix_body& body) {
    if (!(body.mode & MATRIX_BIAS)) return {};
    return OperandRows::source(body.bias, 1, body.n * sizeof(float), 0);
}

Found check_modes(const matrix_body& body) {
    if (body.a_format > FORMAT_BF16) return bad_value(offsetof(matrix_body, a_format));
    if (body.b_format > FORMAT_BF16) return bad_value(offsetof(matrix_body, b_format));
    if (body.c_format > FORMAT_BF16) return bad_value(offsetof(matrix_body, c_format));
    if (body.mode & ~known_modes) return bad_value(offsetof(matrix_body, mode));
    if ((body.mode & MATRIX_ACCUMULATE) && body.c_format != FORMAT_FP32)
        return bad_value(offsetof(matrix_body, c_format));
    for (std::size_t i = 0; i < sizeof body.reserved; ++i)
        if (body.reserved[i]) return bad_value(offsetof(matrix_body, reserved) + i);
    return {};
}

Found check_sizes(const matrix_body& body) {
    if (body.m == 0) return bad_value(offsetof(matrix_body, m));
    if (body.n == 0) return bad_value(offsetof(matrix_body, n));
    if (body.k == 0) return bad_value(offsetof(matrix_body, k));
    const auto too_large = [](std::uint64_t rows, std::uint64_t cols, std::uint8_t format) {
        return rows * cols > max_operand_bytes / element_bytes(format);
    };
    const auto larger = [](std::uint32_t x, std::size_t x_offset, std::uint32_t y, std::size_t y_offset) {
        return bad_value(x >= y ? x_offset : y_offset);
    };
    constexpr std::size_t m = offsetof(matrix_body, m), n = offsetof(matrix_body, n), k = offsetof(matrix_body, k);
    if (too_large(body.m, body.k, body.a_format)) return larger(body.m, m, body.k, k);
    if (too_large(body.k, body.n, body.b_format)) return larger(body.k, k, body.n, n);
    if (too_large(body.m, body.n, body.c_format)) return larger(body.m, m, body.n, n);
    return {};
}

Found check_operands(const matrix_body& body) {
    const auto check = [](const OperandRows& rows, std::uint8_t format, std::size_t address, std::size_t pitch) {
        return check_rows(rows, element_bytes(format), body_field(address), body_field(pitch));
    };
    if (auto error = check(rows_of_a(body), body.a_format, offsetof(matrix_body, a), offsetof(matrix_body, a_pitch)))
        return error;
    if (auto error = check(rows_of_b(body), body.b_format, offsetof(matrix_body, b), offsetof(matrix_body, b_pitch)))
        return error;
    const OperandRows c = rows_of_c(body);
    if (auto error = check(c, body.c_format, offsetof(matrix_body, c), offsetof(matrix_body, c_pitch))) return error;
    if (rows_overlap(c)) return bad_value(offsetof(matrix_body, c_pitch));
    return check(rows_of_bias(body), FORMAT_FP32, offsetof(matrix_body, bias), offsetof(matrix_body, bias));
}

} // namespace

std::optional<CommandError> check_matrix(std::uint8_t opcode, const matrix_body& body) {
    if (opcode != MATRIX_MULTIPLY) return CommandError{QUEUE_ERROR_OPCODE, offsetof(command_header, opcode)};
    if (auto error = check_modes(body)) return error;
    if (auto error = check_sizes(body)) return error;
    return check_operands(body);
}

namespace {

MatrixShape shape_of(const matrix_body& body) { return {body.m, body.n, body.k}; }

void set_passes(MatrixPlan& plan, Dataflow dataflow) {
    const std::uint64_t inner = plan.folds.inner(), outer = plan.outer_a_panel;
    switch (dataflow) {
    case Dataflow::output:
        plan.passes_of_a = inner;
        plan.passes_of_b = plan.passes_of_bias = outer;
        return;
    case Dataflow::weight:
        plan.passes_of_a = outer;
        return;
    case Dataflow::input:
    case Dataflow::dot:
        plan.passes_of_b = plan.passes_of_bias = outer;
        return;
    }
}

} // namespace

MatrixPlan plan_matrix(const matrix_body& body, const MatrixParameters& parameters) {
    const bool folds_k = parameters.dataflow == Dataflow::weight || parameters.dataflow == Dataflow::input;
    const bool by_tree = parameters.dataflow == Dataflow::dot;
    MatrixPlan plan{MatrixFolds(shape_of(body), parameters)};
    plan.shape = shape_of(body);
    plan.a = rows_of_a(body);
    plan.b = rows_of_b(body);
    plan.c = rows_of_c(body);
    plan.bias = rows_of_bias(body);
    plan.a_bytes = element_bytes(body.a_format);
    plan.b_bytes = element_bytes(body.b_format);
    plan.c_bytes = element_bytes(body.c_format);
    plan.transpose_a = body.mode & MATRIX_TRANSPOSE_A;
    plan.transpose_b = body.mode & MATRIX_TRANSPOSE_B;
    if (plan.transpose_a) plan.beat_of_a = parameters.transposed_beat;
    if (plan.transpose_b != by_tree) plan.beat_of_b = parameters.transposed_beat;

    plan.panels_of_columns = parameters.dataflow == Dataflow::weight;
    plan.outer_a_panel = parameters.folds == FoldChaining::serial ? plan.folds.outer() : 1;
    plan.panels = ceil_div(plan.folds.outer(), plan.outer_a_panel);
    set_passes(plan, parameters.dataflow);
    plan.kept_sums = parameters.accumulators;
    if (folds_k) plan.rounds_of_sums = plan.folds.inner() - 1;
    plan.macs = std::uint64_t{body.m} * body.n * body.k;
    return plan;
}

MatrixBlock MatrixPlan::panel(std::uint64_t index) const {
    const std::uint64_t extent = panels_of_columns ? shape.n : shape.m;
    const std::uint64_t size = outer_a_panel * folds.outer_size();
    const auto first = static_cast<std::uint32_t>(index * size);
    const auto count = static_cast<std::uint32_t>(std::min(size, extent - first));
    return panels_of_columns ? MatrixBlock{0, shape.m, first, count} : MatrixBlock{first, count, 0, shape.n};
}

OperandSlice MatrixPlan::a_of(const MatrixBlock& block) const {
    return transpose_a ? OperandSlice::of_columns(a, block.row * a_bytes, block.rows * a_bytes)
                       : OperandSlice::of_rows(a, block.row, block.rows);
}

OperandSlice MatrixPlan::b_of(const MatrixBlock& block) const {
    return transpose_b ? OperandSlice::of_rows(b, block.col, block.cols)
                       : OperandSlice::of_columns(b, block.col * b_bytes, block.cols * b_bytes);
}

OperandSlice MatrixPlan::c_of(const MatrixBlock& block) const {
    const Bytes column = block.col * c_bytes;
    return {{c.address + block.row * c.pitch + column, block.rows, block.cols * c_bytes, c.pitch},
            block.row * c.row_bytes + column,
            c.row_bytes};
}

OperandSlice MatrixPlan::bias_of(const MatrixBlock& block) const {
    if (!bias) return {};
    return OperandSlice::of_columns(bias, block.col * sizeof(float), block.cols * sizeof(float));
}

OperandRows MatrixPlan::spilled_of(const MatrixBlock& block) const {
    const std::uint64_t sums = panels_of_columns ? block.rows : block.cols;
    const std::uint64_t others = panels_of_columns ? block.cols : block.rows;
    if (rounds_of_sums == 0 || sums <= kept_sums) return {};
    const Bytes bytes = (sums - kept_sums) * others * c_bytes;
    return {c_of(block).rows.address, 1, bytes, bytes};
}

namespace {

Bytes spilled(const MatrixPlan& plan) {
    Bytes bytes = 0;
    if (plan.spill_passes() == 0) return 0;
    for (std::uint64_t i = 0; i < plan.panels; ++i)
        bytes += plan.spilled_of(plan.panel(i)).bytes();
    return bytes * plan.spill_passes();
}

} // namespace

Bytes MatrixPlan::bytes_read(bool accumulates) const {
    // What panels cut crosses the port once for all panels together, everything else once for each.
    const std::uint64_t of_a = panels_of_columns ? panels : 1, of_b = panels_of_columns ? 1 : panels;
    return of_a * passes_of_a * a.bytes() + of_b * (passes_of_b * b.bytes() + passes_of_bias * bias.bytes()) +
           (accumulates ? c.bytes() : 0) + spilled(*this);
}

Bytes MatrixPlan::bytes_written() const { return c.bytes() + spilled(*this); }

} // namespace gradus::ip
