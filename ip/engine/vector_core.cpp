// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/vector_core.h"

#include <algorithm>
#include <cstddef>

namespace gradus::ip {

namespace {

using Found = std::optional<CommandError>;

enum class Result { tile, one_a_row, one_a_column };
enum class Option { none, fused, columns }; ///< what a unit may lack

/// What distinguishes the opcodes in checks and in what they move.
struct Traits {
    bool second_source = false;
    bool indexed = false;
    Result result = Result::tile;
    Option option = Option::none;
};

std::optional<Traits> traits_of(std::uint8_t opcode) {
    switch (opcode) {
    case VECTOR_ADD:
    case VECTOR_SUB:
    case VECTOR_MUL:
    case VECTOR_MAX:
    case VECTOR_BLEND:
    case VECTOR_RELU_BACKWARD:
    case VECTOR_GELU_BACKWARD:
    case VECTOR_SILU_BACKWARD:
    case VECTOR_GELU_ERF_BACKWARD:
    case VECTOR_ADAM:
        return Traits{true, false, Result::tile};
    case VECTOR_AFFINE:
    case VECTOR_EXP:
    case VECTOR_LOG:
    case VECTOR_RECIPROCAL:
    case VECTOR_RSQRT:
    case VECTOR_RELU:
    case VECTOR_GELU:
    case VECTOR_SILU:
    case VECTOR_GELU_ERF:
    case VECTOR_CAUSAL_MASK:
    case VECTOR_WINDOW_MASK:
        return Traits{false, false, Result::tile};
    case VECTOR_ROW_SUM:
    case VECTOR_ROW_MAX:
        return Traits{false, false, Result::one_a_row};
    case VECTOR_ROW_DOT:
        return Traits{true, false, Result::one_a_row};
    case VECTOR_COLUMN_SUM:
        return Traits{false, false, Result::one_a_column};
    case VECTOR_COLUMN_MAX:
        return Traits{false, false, Result::one_a_column, Option::columns};
    case VECTOR_COLUMN_EXP:
        return Traits{true, false, Result::tile, Option::columns};
    case VECTOR_PICK:
        return Traits{false, true, Result::one_a_row};
    case VECTOR_SUBTRACT_ONE_HOT:
        return Traits{false, true, Result::tile};
    case VECTOR_SOFTMAX:
    case VECTOR_WINDOW_SOFTMAX:
    case VECTOR_RMSNORM:
        return Traits{false, false, Result::tile, Option::fused};
    default:
        return {};
    }
}

bool has(const VectorParameters& parameters, Option option) {
    switch (option) {
    case Option::fused:
        return parameters.fused;
    case Option::columns:
        return parameters.columns;
    case Option::none:
        break;
    }
    return true;
}

constexpr std::uint64_t panel_beats = 16;

/// Whether no element's result depends on where in its row it stands.
bool columns_are_alike(std::uint8_t opcode) {
    const Traits traits = traits_of(opcode).value_or(Traits{});
    return traits.result == Result::tile && !traits.indexed && traits.option == Option::none &&
           opcode != VECTOR_CAUSAL_MASK && opcode != VECTOR_WINDOW_MASK;
}

Bytes row_bytes(const vector_body& body) { return body.cols * sizeof(float); }

/// `count` values 4 bytes apart.
OperandRows values(std::uint64_t address, std::uint64_t count) {
    return {address, 1, count * sizeof(float), count * sizeof(float)};
}

OperandRows rows_of_b(std::uint8_t opcode, const vector_body& body) {
    if (opcode != VECTOR_ADAM && body.b_mode == VECTOR_B_COLUMN) return values(body.b, body.rows);
    return OperandRows::source(body.b, body.rows, row_bytes(body), body.b_pitch);
}

OperandRows rows_of_dst(const Traits& traits, const vector_body& body) {
    switch (traits.result) {
    case Result::one_a_row:
        return values(body.dst, body.rows);
    case Result::one_a_column:
        return values(body.dst, body.cols);
    case Result::tile:
        break;
    }
    return {body.dst, body.rows, row_bytes(body), body.dst_pitch};
}

VectorPlan operands(std::uint8_t opcode, const Traits& traits, const vector_body& body) {
    const std::uint64_t elements = std::uint64_t{body.rows} * body.cols;
    VectorPlan plan;
    if (opcode == VECTOR_ADAM) { // gapless, whatever its pitches say for a single row
        plan.a = values(body.a, elements);
        plan.b = values(body.b, elements);
        plan.c = values(body.c, elements);
        plan.dst = values(body.dst, elements);
        plan.in_place = true;
    } else {
        plan.a = OperandRows::source(body.a, body.rows, row_bytes(body), body.a_pitch);
        if (traits.second_source) plan.b = rows_of_b(opcode, body);
        if (traits.indexed) plan.c = values(body.c, body.rows);
        if (opcode == VECTOR_RMSNORM) plan.rstd = values(body.c, body.rows);
        if (opcode == VECTOR_COLUMN_EXP) plan.sums = values(body.c, body.cols);
        plan.dst = rows_of_dst(traits, body);
    }
    plan.indexed = traits.indexed;
    plan.elements = elements;
    return plan;
}

Found check_sizes(const vector_body& body) {
    if (body.rows == 0) return bad_value(offsetof(vector_body, rows));
    if (body.cols == 0) return bad_value(offsetof(vector_body, cols));
    if (std::uint64_t{body.rows} * body.cols > max_operand_bytes / sizeof(float))
        return bad_value(body.rows >= body.cols ? offsetof(vector_body, rows) : offsetof(vector_body, cols));
    if (body.b_mode > VECTOR_B_COLUMN) return bad_value(offsetof(vector_body, b_mode));
    if (body.reserved) return bad_value(offsetof(vector_body, reserved));
    return {};
}

Found check_opcode_specific(std::uint8_t opcode, const vector_body& body) {
    const Bytes gapless = row_bytes(body);
    switch (opcode) {
    case VECTOR_ADAM:
        if (body.b_mode != VECTOR_B_FULL) return bad_value(offsetof(vector_body, b_mode));
        if (body.rows == 1) return {};
        if (body.dst_pitch != gapless) return bad_value(offsetof(vector_body, dst_pitch));
        if (body.a_pitch != gapless) return bad_value(offsetof(vector_body, a_pitch));
        if (body.b_pitch != gapless) return bad_value(offsetof(vector_body, b_pitch));
        return {};
    case VECTOR_COLUMN_EXP:
        if (body.b_mode != VECTOR_B_FULL) return bad_value(offsetof(vector_body, b_mode));
        if (body.b_pitch != 0) return bad_value(offsetof(vector_body, b_pitch));
        return {};
    case VECTOR_CAUSAL_MASK:
    case VECTOR_SUBTRACT_ONE_HOT:
        if (body.u.indexed.index_limit == 0) return bad_value(offsetof(vector_body, u.indexed.index_limit));
        return {};
    case VECTOR_WINDOW_MASK:
    case VECTOR_WINDOW_SOFTMAX:
        if (body.u.window.period == 0) return bad_value(offsetof(vector_body, u.window.period));
        if (body.u.window.window == 0) return bad_value(offsetof(vector_body, u.window.window));
        return {};
    case VECTOR_PICK:
        if (body.u.indexed.index_limit == 0 || body.u.indexed.index_limit > body.cols)
            return bad_value(offsetof(vector_body, u.indexed.index_limit));
        return {};
    default:
        return {};
    }
}

Found check_operands(const VectorPlan& plan) {
    constexpr Bytes element = sizeof(float);
    constexpr std::uint32_t dst_pitch = body_field(offsetof(vector_body, dst_pitch));
    if (auto error = check_rows(plan.dst, element, body_field(offsetof(vector_body, dst)), dst_pitch)) return error;
    if (rows_overlap(plan.dst)) return CommandError{QUEUE_ERROR_VALUE, dst_pitch};
    if (auto error = check_rows(plan.a, element, body_field(offsetof(vector_body, a)),
                                body_field(offsetof(vector_body, a_pitch))))
        return error;
    if (auto error = check_rows(plan.b, element, body_field(offsetof(vector_body, b)),
                                body_field(offsetof(vector_body, b_pitch))))
        return error;
    constexpr std::uint32_t c = body_field(offsetof(vector_body, c));
    if (auto error = check_rows(plan.rstd, element, c, c)) return error;
    if (auto error = check_rows(plan.sums, element, c, c)) return error;
    return check_rows(plan.c, element, c, c);
}

} // namespace

std::optional<CommandError> check_vector(std::uint8_t opcode, const vector_body& body,
                                         const VectorParameters& parameters) {
    const std::optional<Traits> traits = traits_of(opcode);
    if (!traits || !has(parameters, traits->option))
        return CommandError{QUEUE_ERROR_OPCODE, offsetof(command_header, opcode)};
    if (auto error = check_sizes(body)) return error;
    if (auto error = check_opcode_specific(opcode, body)) return error;
    return check_operands(operands(opcode, *traits, body));
}

VectorPlan plan_vector(std::uint8_t opcode, const vector_body& body) {
    return operands(opcode, traits_of(opcode).value_or(Traits{}), body);
}

VectorPanels cut_vector(std::uint8_t opcode, const vector_body& body, const VectorParameters& parameters) {
    VectorPanels panels{1, body.rows, body.cols};
    const bool ends_in_a_row = traits_of(opcode).value_or(Traits{}).result == Result::one_a_column;
    if (parameters.results == VectorResults::after || ends_in_a_row) return panels;
    const std::uint64_t elements = panel_beats * port_bytes(parameters) / sizeof(float);
    if (body.rows > 1) {
        std::uint64_t rows = std::max<std::uint64_t>(elements / body.cols, 1);
        if (opcode == VECTOR_CAUSAL_MASK)
            rows = ceil_div(rows, body.u.indexed.index_limit) * body.u.indexed.index_limit;
        panels.rows = static_cast<std::uint32_t>(std::min<std::uint64_t>(rows, body.rows));
        panels.count = ceil_div(body.rows, panels.rows);
    } else if (columns_are_alike(opcode)) {
        const std::uint64_t cols = ceil_div(elements, parameters.lanes) * parameters.lanes;
        panels.cols = static_cast<std::uint32_t>(std::min<std::uint64_t>(cols, body.cols));
        panels.count = ceil_div(body.cols, panels.cols);
    }
    return panels;
}

vector_body VectorPanels::body(std::uint8_t opcode, const vector_body& whole, std::uint64_t index) const {
    vector_body part = whole;
    if (cols < whole.cols) {
        const std::uint64_t first = index * cols;
        part.cols = static_cast<std::uint32_t>(std::min<std::uint64_t>(cols, whole.cols - first));
        part.dst += first * sizeof(float);
        part.a += first * sizeof(float);
        if (whole.b_mode == VECTOR_B_FULL) part.b += first * sizeof(float);
        if (opcode == VECTOR_ADAM) part.c += first * sizeof(float);
        return part;
    }
    const std::uint64_t first = index * rows;
    const bool one_a_row = traits_of(opcode).value_or(Traits{}).result == Result::one_a_row;
    part.rows = static_cast<std::uint32_t>(std::min<std::uint64_t>(rows, whole.rows - first));
    part.dst += first * (one_a_row ? sizeof(float) : whole.dst_pitch);
    part.a += first * whole.a_pitch;
    part.b += first * (whole.b_mode == VECTOR_B_COLUMN ? sizeof(float) : whole.b_pitch);
    if (opcode != VECTOR_COLUMN_EXP) part.c += first * (opcode == VECTOR_ADAM ? row_bytes(whole) : sizeof(float));
    if (opcode == VECTOR_SOFTMAX && whole.u.softmax.period)
        part.u.softmax.first_row =
            static_cast<std::uint32_t>((first + whole.u.softmax.first_row) % whole.u.softmax.period);
    if (opcode == VECTOR_WINDOW_MASK || opcode == VECTOR_WINDOW_SOFTMAX)
        part.u.window.first_row =
            static_cast<std::uint32_t>((first + whole.u.window.first_row) % whole.u.window.period);
    return part;
}

bool indices_in_range(const vector_body& body, const std::uint32_t* index) {
    return std::all_of(index, index + body.rows, [&](std::uint32_t i) { return i < body.u.indexed.index_limit; });
}

} // namespace gradus::ip
