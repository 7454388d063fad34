// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/command_words.h"

#include <cstring>

#include <fmt/format.h>

#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"
#include "platform/observe/names.h"

namespace gradus::observe {

namespace {

template <typename Body>
Body body_of(const command& descriptor) {
    static_assert(sizeof(Body) == COMMAND_BODY_BYTES);
    Body body;
    std::memcpy(&body, descriptor.body, sizeof body);
    return body;
}

std::string shape_of(UnitKind kind, const command& descriptor) {
    if (descriptor.header.opcode == COMMAND_FENCE) return "-";
    if (kind == UnitKind::matrix) {
        const auto body = body_of<matrix_body>(descriptor);
        return fmt::format("{}x{}x{}", body.m, body.n, body.k);
    }
    if (kind == UnitKind::vector) {
        const auto body = body_of<vector_body>(descriptor);
        return fmt::format("{}x{}", body.rows, body.cols);
    }
    const auto body = body_of<dma_body>(descriptor);
    return fmt::format("{}x{}", body.rows, body.cols);
}

std::string waits_of(const command_header& header, const std::vector<UnitInfo>& units) {
    std::string text;
    for (const command_wait& wait : header.waits)
        if (wait.queue_plus_one)
            text +=
                fmt::format("{}{} {}", text.empty() ? "" : ", ", units.at(wait.queue_plus_one - 1).name, wait.count);
    return text.empty() ? "-" : text;
}

} // namespace

CommandWords command_words(const std::vector<UnitInfo>& units, unsigned queue, const command& descriptor) {
    const UnitInfo& unit = units.at(queue);
    return {unit.name, opcode_name(unit.kind, descriptor.header.opcode), shape_of(unit.kind, descriptor),
            waits_of(descriptor.header, units)};
}

std::string command_line(const CommandWords& words) {
    return fmt::format("{} {}{}", words.command, words.shape, words.waits == "-" ? "" : ", waits for " + words.waits);
}

} // namespace gradus::observe
