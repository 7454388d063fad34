// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/command_table.h"

#include <cstring>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"
#include "platform/observe/names.h"
#include "platform/schedule/format.h"

namespace gradus::cli {

namespace {

template <typename Body>
Body body_of(const command& descriptor) {
    static_assert(sizeof(Body) == COMMAND_BODY_BYTES);
    Body body;
    std::memcpy(&body, descriptor.body, sizeof body);
    return body;
}

std::string shape_of(observe::UnitKind kind, const command& descriptor) {
    if (descriptor.header.opcode == COMMAND_FENCE) return "-";
    if (kind == observe::UnitKind::matrix) {
        const auto body = body_of<matrix_body>(descriptor);
        return fmt::format("{}x{}x{}", body.m, body.n, body.k);
    }
    if (kind == observe::UnitKind::vector) {
        const auto body = body_of<vector_body>(descriptor);
        return fmt::format("{}x{}", body.rows, body.cols);
    }
    const auto body = body_of<dma_body>(descriptor);
    return fmt::format("{}x{}", body.rows, body.cols);
}

/// "dma0 5, vector 2": so many of these queues must have retired.
std::string waits_of(const command_header& header, const std::vector<observe::UnitInfo>& units) {
    std::string text;
    for (const command_wait& wait : header.waits)
        if (wait.queue_plus_one)
            text +=
                fmt::format("{}{} {}", text.empty() ? "" : ", ", units.at(wait.queue_plus_one - 1).name, wait.count);
    return text.empty() ? "-" : text;
}

} // namespace

CommandTable::CommandTable(std::vector<observe::UnitInfo> units, const std::vector<schedule::Op>& ops)
    : units_(std::move(units)), ops_(ops), table_({{"op", report::Table::Align::right, 4},
                                                   {"name", report::Table::Align::left, 0, 12},
                                                   {"queue", report::Table::Align::left},
                                                   {"number", report::Table::Align::right},
                                                   {"command", report::Table::Align::left, 0, 8},
                                                   {"shape", report::Table::Align::right},
                                                   {"waits for", report::Table::Align::left, 0, 12}}),
      count_(units_.size()) {}

void CommandTable::add(unsigned queue, std::uint32_t number, const command& descriptor) {
    const observe::UnitInfo& unit = units_.at(queue);
    const command_header& header = descriptor.header;
    const bool known = header.op < ops_.size();
    table_.row({known ? std::to_string(header.op) : "-", known ? ops_[header.op].name : "-", unit.name,
                std::to_string(number), observe::opcode_name(unit.kind, header.opcode), shape_of(unit.kind, descriptor),
                waits_of(header, units_)});
    ++count_[queue];
}

std::string CommandTable::text(std::size_t width) const {
    std::string queues;
    for (std::size_t queue = 0; queue < count_.size(); ++queue)
        if (count_[queue])
            queues += fmt::format("{}{} {}", queues.empty() ? "" : ", ", units_[queue].name, count_[queue]);
    const std::uint64_t all = std::accumulate(count_.begin(), count_.end(), std::uint64_t{0});
    return table_.text(width) + report::fitted(fmt::format("\n{} commands a step, {}: {}\n", all,
                                                           schedule::format_bytes(all * COMMAND_BYTES), queues),
                                               width);
}

} // namespace gradus::cli
