// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/matrix_core.h"

#include <cstddef>

namespace gradus::ip {

namespace {

constexpr std::uint8_t known_modes = MATRIX_TRANSPOSE_A | MATRIX_TRANSPOSE_B | MATRIX_ACCUMULATE | MATRIX_BIAS;

using Found = std::optional<CommandError>;

Found bad_value(std::size_t offset) { return CommandError{QUEUE_ERROR_VALUE, body_field(offset)}; }

OperandRows rows_of_a(const matrix_body& body) {
    const bool transposed = body.mode & MATRIX_TRANSPOSE_A;
    return OperandRows::source(body.a, transposed ? body.k : body.m,
                               (transposed ? body.m : body.k) * format_bytes(body.a_format), body.a_pitch);
}

OperandRows rows_of_b(const matrix_body& body) {
    const bool transposed = body.mode & MATRIX_TRANSPOSE_B;
    return OperandRows::source(body.b, transposed ? body.n : body.k,
                               (transposed ? body.k : body.n) * format_bytes(body.b_format), body.b_pitch);
}

OperandRows rows_of_c(const matrix_body& body) {
    return {body.c, body.m, body.n * format_bytes(body.c_format), body.c_pitch};
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
        return rows * cols > max_operand_bytes / format_bytes(format);
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
        return check_rows(rows, format_bytes(format), body_field(address), body_field(pitch));
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

MatrixPlan plan_matrix(const matrix_body& body, const MatrixParameters& parameters) {
    MatrixPlan plan;
    plan.a = rows_of_a(body);
    plan.b = rows_of_b(body);
    plan.c = rows_of_c(body);
    plan.bias = rows_of_bias(body);
    plan.row_folds = ceil_div(body.m, parameters.rows);
    plan.column_folds = ceil_div(body.n, parameters.cols);
    const Cycles fold_cycles = Cycles{body.k} + parameters.rows + parameters.cols - 2;
    plan.compute_cycles = plan.row_folds * plan.column_folds * fold_cycles;
    plan.macs = std::uint64_t{body.m} * body.n * body.k;
    return plan;
}

} // namespace gradus::ip
