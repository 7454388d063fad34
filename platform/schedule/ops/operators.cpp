// SPDX-License-Identifier: Apache-2.0
// The table of definitions, by the rows of firmware/include/operators.h.
#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "platform/schedule/ops/definition.h"

namespace gradus::schedule {
namespace ops {

#define OPERATOR_DECLARATION(ID, name, number, operands, flags, accumulates) OperatorDefinition name();
OPERATORS(OPERATOR_DECLARATION)
#undef OPERATOR_DECLARATION

} // namespace ops

namespace {

struct Row {
    const char* name = "?";
    unsigned operands = 0;
    std::uint32_t flags = 0;
    std::uint32_t accumulates = 0;
    OperatorDefinition definition;
};

std::array<Row, OP_KINDS> make_rows() {
    std::array<Row, OP_KINDS> rows;
#define OPERATOR_ROW(ID, name, number, operands, flags, accumulates)                                                   \
    rows[number] = {#name, operands, flags, accumulates, ops::name()};
    OPERATORS(OPERATOR_ROW)
#undef OPERATOR_ROW
    for (const Row& row : rows)
        if (row.definition.operands.size() != row.operands)
            throw std::logic_error(fmt::format("{} is defined with {} operands, its row says {}", row.name,
                                               row.definition.operands.size(), row.operands));
    return rows;
}

const Row& row_of(std::uint16_t kind) {
    static const std::array<Row, OP_KINDS> rows = make_rows();
    static const Row none;
    return kind < rows.size() ? rows[kind] : none;
}

} // namespace

const OperatorDefinition& definition_of(std::uint16_t kind) {
    const Row& row = row_of(kind);
    if (!row.definition.reference) throw std::logic_error(fmt::format("there is no operator of kind {}", kind));
    return row.definition;
}

const char* operator_name(std::uint16_t kind) { return row_of(kind).name; }
std::uint32_t operator_flags(std::uint16_t kind) { return row_of(kind).flags; }
bool accumulates(std::uint16_t kind, unsigned operand) { return (row_of(kind).accumulates >> operand) & 1; }

} // namespace gradus::schedule
