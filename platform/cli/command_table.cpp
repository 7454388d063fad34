// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/command_table.h"

#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "platform/observe/command_words.h"
#include "platform/schedule/format.h"

namespace gradus::cli {

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
    const observe::CommandWords words = observe::command_words(units_, queue, descriptor);
    const std::uint32_t op = descriptor.header.op;
    const bool known = op < ops_.size();
    table_.row({known ? std::to_string(op) : "-", known ? ops_[op].name : "-", words.queue, std::to_string(number),
                words.command, words.shape, words.waits});
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
