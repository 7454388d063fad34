// SPDX-License-Identifier: Apache-2.0
#include "platform/report/memory.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "platform/report/human.h"
#include "platform/report/layout.h"
#include "platform/schedule/format.h"
#include "platform/schedule/memory_plan.h"
#include "platform/schedule/recompute.h"

namespace gradus::report {

namespace {

using schedule::format_bytes;
using schedule::format_count;
using schedule::Schedule;
using schedule::Tensor;
using schedule::TensorKind;

const char* arena_of(TensorKind kind) {
    switch (kind) {
    case TensorKind::parameter:
        return "parameters";
    case TensorKind::weight:
        return "weights";
    case TensorKind::gradient:
        return "gradients";
    case TensorKind::moment:
        return "moments";
    case TensorKind::constant:
        return "constants";
    case TensorKind::activation:
    case TensorKind::activation_gradient:
        break;
    }
    return "activations";
}

std::uint64_t end_of(const Tensor& tensor) { return tensor.address + schedule::aligned(tensor.bytes()); }

/// A stretch of DRAM from the lowest to the highest address of some tensors.
struct Arena {
    const char* name;
    std::uint64_t begin = ~std::uint64_t{0};
    std::uint64_t end = 0;
    std::uint64_t tensors = 0;
};

std::vector<Arena> arenas(const Schedule& schedule) {
    std::vector<Arena> all;
    for (const char* name : {"parameters", "weights", "gradients", "moments", "constants", "activations"}) {
        Arena arena{name};
        for (const Tensor& tensor : schedule.tensors) {
            if (arena_of(tensor.kind) != std::string_view(name)) continue;
            arena.begin = std::min(arena.begin, tensor.address);
            arena.end = std::max(arena.end, end_of(tensor));
            ++arena.tensors;
        }
        if (arena.tensors != 0) all.push_back(arena);
    }
    return all;
}

std::string arena_table(const Schedule& schedule, std::size_t width) {
    constexpr auto right = Table::Align::right;
    Table table({{"arena", Table::Align::left, 24},
                 {"tensors", right, 7},
                 {"from", right, 12},
                 {"to", right, 12},
                 {"bytes", right, 10},
                 {"share", right, 7}});
    const std::vector<Arena> all = arenas(schedule);
    std::uint64_t total = schedule.image_range.bytes;
    for (const Arena& arena : all)
        total += arena.end - arena.begin;
    const auto line = [&](const char* name, const std::string& tensors, std::uint64_t begin, std::uint64_t end) {
        table.row({name, tensors, fmt::format("{:#x}", begin), fmt::format("{:#x}", end), format_bytes(end - begin),
                   human_percent(static_cast<double>(end - begin) / static_cast<double>(total))});
    };
    line("image and step inputs", "-", schedule.image_range.base, schedule.image_range.end());
    for (const Arena& arena : all)
        line(arena.name, format_count(arena.tensors), arena.begin, arena.end);
    table.row({"all", format_count(schedule.tensors.size()), "", "", format_bytes(total), ""});
    return table.text(width);
}

/// By tensor, how many others have the same place at another time.
std::vector<std::uint64_t> sharers(const Schedule& schedule) {
    const std::vector<Tensor>& tensors = schedule.tensors;
    std::vector<std::size_t> by_address(tensors.size());
    std::iota(by_address.begin(), by_address.end(), std::size_t{0});
    std::sort(by_address.begin(), by_address.end(),
              [&](std::size_t a, std::size_t b) { return tensors[a].address < tensors[b].address; });
    std::vector<std::uint64_t> begins, ends;
    for (const Tensor& tensor : tensors) {
        begins.push_back(tensor.address);
        ends.push_back(end_of(tensor));
    }
    std::sort(begins.begin(), begins.end());
    std::sort(ends.begin(), ends.end());
    // Of all that begin before its end, those that end by its beginning do not touch it; itself does.
    std::vector<std::uint64_t> count;
    for (const Tensor& tensor : tensors) {
        const auto begun = std::lower_bound(begins.begin(), begins.end(), end_of(tensor)) - begins.begin();
        const auto ended = std::upper_bound(ends.begin(), ends.end(), tensor.address) - ends.begin();
        count.push_back(static_cast<std::uint64_t>(begun - ended) - 1);
    }
    return count;
}

std::string tensor_table(const Schedule& schedule, std::size_t most, std::size_t width) {
    constexpr auto left = Table::Align::left, right = Table::Align::right;
    const std::vector<std::uint64_t> others = sharers(schedule);
    std::vector<std::size_t> order(schedule.tensors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return schedule.tensors[a].bytes() > schedule.tensors[b].bytes();
    });
    Table table({{"tensor", left, 0, 12},
                 {"kind", left, 11},
                 {"format", left, 6},
                 {"shape", right},
                 {"bytes", right, 10},
                 {"address", right, 12},
                 {"ops", right},
                 {"shared with", right}});
    for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
        const Tensor& tensor = schedule.tensors[order[i]];
        table.row({tensor.name, arena_of(tensor.kind), tensor.format == FORMAT_BF16 ? "bf16" : "fp32",
                   fmt::format("{}x{}", tensor.rows, tensor.cols), format_bytes(tensor.bytes()),
                   fmt::format("{:#x}", tensor.address),
                   tensor.first_op == IMAGE_NO_OP ? "-" : fmt::format("{}-{}", tensor.first_op, tensor.last_op),
                   others[order[i]] == 0 ? "-" : format_count(others[order[i]])});
    }
    std::string text = table.text(width);
    if (order.size() > most)
        text += fmt::format("and {} smaller ones: --all lists them\n", format_count(order.size() - most));
    return text;
}

/// Columns of eighths, each the most that is alive in its part of the operators.
std::string picture(const Schedule& schedule, std::size_t width) {
    constexpr std::array bars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr std::size_t height = 4, eighths = 8 * height;
    const std::vector<std::uint64_t>& alive = schedule.activation_bytes;
    if (alive.empty()) return {};
    const std::uint64_t peak = std::max<std::uint64_t>(1, *std::max_element(alive.begin(), alive.end()));
    const std::size_t columns = std::min(width, alive.size());
    std::vector<std::size_t> levels;
    for (std::size_t column = 0; column < columns; ++column) {
        const auto at = [&](std::size_t c) {
            return alive.begin() + static_cast<std::ptrdiff_t>(c * alive.size() / columns);
        };
        const double share =
            static_cast<double>(*std::max_element(at(column), at(column + 1))) / static_cast<double>(peak);
        levels.push_back(static_cast<std::size_t>(share * eighths + 0.5));
    }
    const auto top = std::max_element(alive.begin(), alive.end()) - alive.begin();
    std::string text = fmt::format("activations alive, operator 0 to {}; most: {}, at {}\n", alive.size() - 1,
                                   format_bytes(peak), top);
    for (std::size_t row = height; row-- > 0;) {
        for (const std::size_t level : levels)
            text += bars[std::min<std::size_t>(8, level - std::min(level, 8 * row))];
        text += "\n";
    }
    return text;
}

} // namespace

std::string describe_memory(const Schedule& schedule, std::size_t most, std::size_t width) {
    const std::string layers = schedule::described(schedule.recomputed);
    return (layers.empty() ? "" : "computed again for the backward pass: " + layers + "\n\n") +
           arena_table(schedule, width) + "\n" + tensor_table(schedule, most, width) + "\n" + picture(schedule, width);
}

} // namespace gradus::report
