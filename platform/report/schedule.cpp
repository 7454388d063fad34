// SPDX-License-Identifier: Apache-2.0
#include "platform/report/schedule.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ip/common/command.h"
#include "platform/report/layout.h"
#include "platform/schedule/format.h"
#include "platform/schedule/memory_plan.h"
#include "platform/schedule/recompute.h"
#include "platform/schedule/text_loss.h"

namespace gradus::report {

namespace {

using schedule::format_bytes;
using schedule::format_count;
using schedule::Op;
using schedule::Schedule;
using schedule::Tensor;
using schedule::TensorKind;

struct Phase {
    std::uint8_t code;
    const char* name;
};
constexpr std::array phases = {Phase{COMMAND_PHASE_FORWARD, "forward"}, Phase{COMMAND_PHASE_BACKWARD, "backward"},
                               Phase{COMMAND_PHASE_UPDATE, "update"}};

const char* phase_name(std::uint8_t code) {
    const auto found =
        std::find_if(phases.begin(), phases.end(), [=](const Phase& phase) { return phase.code == code; });
    return found == phases.end() ? "other" : found->name;
}

std::string op_table(const Schedule& schedule, std::size_t width) {
    constexpr auto left = Table::Align::left, right = Table::Align::right;
    Table table({{"op", right, 5},
                 {"phase", left, 8},
                 {"layer", right},
                 {"name", left, 0, 12},
                 {"kind", left, 0, 12},
                 {"shape", right},
                 {"read", right, 10},
                 {"written", right, 10},
                 {"MACs", right, 15}});
    for (std::size_t i = 0; i < schedule.ops.size(); ++i) {
        const Op& op = schedule.ops[i];
        table.row({std::to_string(i), phase_name(op.image.phase),
                   op.image.layer == COMMAND_NO_LAYER ? "-" : std::to_string(op.image.layer), op.name, op.kind,
                   op.shape, format_bytes(op.bytes_read), format_bytes(op.bytes_written),
                   op.macs == 0 ? "-" : format_count(op.macs)});
    }
    return table.text(width);
}

struct Total {
    std::uint64_t ops = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t macs = 0;

    void add(const Op& op) {
        ++ops;
        bytes_read += op.bytes_read;
        bytes_written += op.bytes_written;
        macs += op.macs;
    }
};

std::string phase_table(const Schedule& schedule, std::size_t width) {
    constexpr auto right = Table::Align::right;
    Table table({{"phase", Table::Align::left, 9},
                 {"ops", right, 7},
                 {"read", right, 11},
                 {"written", right, 11},
                 {"MACs", right, 20}});
    const auto line = [&](const char* name, const Total& total) {
        table.row({name, format_count(total.ops), format_bytes(total.bytes_read), format_bytes(total.bytes_written),
                   format_count(total.macs)});
    };
    Total step;
    for (const Phase& phase : phases) {
        Total total;
        for (const Op& op : schedule.ops)
            if (op.image.phase == phase.code) total.add(op);
        line(phase.name, total);
    }
    for (const Op& op : schedule.ops)
        step.add(op);
    line("step", step);
    return table.text(width);
}

/// A stretch of DRAM from the lowest to the highest address of some tensors, and what they would take side by side.
struct Region {
    std::uint64_t begin = ~std::uint64_t{0};
    std::uint64_t end = 0;
    std::uint64_t tensor_bytes = 0;
    std::size_t tensors = 0;

    void add(const Tensor& tensor) {
        begin = std::min(begin, tensor.address);
        end = std::max(end, tensor.address + schedule::aligned(tensor.bytes()));
        tensor_bytes += schedule::aligned(tensor.bytes());
        ++tensors;
    }
};

std::string memory_table(const Schedule& schedule, std::size_t width) {
    Region parameters;
    Region weights;
    Region gradients;
    Region moments;
    Region constants;
    Region activations;
    for (const Tensor& tensor : schedule.tensors) {
        switch (tensor.kind) {
        case TensorKind::parameter:
            parameters.add(tensor);
            break;
        case TensorKind::weight:
            weights.add(tensor);
            break;
        case TensorKind::gradient:
            gradients.add(tensor);
            break;
        case TensorKind::moment:
            moments.add(tensor);
            break;
        case TensorKind::constant:
            constants.add(tensor);
            break;
        case TensorKind::activation:
        case TensorKind::activation_gradient:
            activations.add(tensor);
            break;
        }
    }
    constexpr auto right = Table::Align::right;
    Table table(
        {{"memory", Table::Align::left, 12}, {"tensors", right, 9}, {"address", right, 18}, {"bytes", right, 11}});
    const auto line = [&](const char* name, const std::string& tensors, std::uint64_t begin, std::uint64_t end) {
        table.row({name, tensors, fmt::format("{:#x}", begin), format_bytes(end - begin)});
    };
    line("image", "-", schedule.image_range.base, schedule.image_range.end());
    for (const auto& [name, region] :
         {std::pair{"parameters", parameters}, std::pair{"weights", weights}, std::pair{"gradients", gradients},
          std::pair{"moments", moments}, std::pair{"constants", constants}, std::pair{"activations", activations}})
        if (region.tensors != 0) line(name, format_count(region.tensors), region.begin, region.end);
    return table.text(width) +
           fmt::format("activations and their gradients share addresses: side by side they would take {}\n",
                       format_bytes(activations.tensor_bytes));
}

} // namespace

std::string describe(const Schedule& schedule, std::size_t width) {
    std::string text =
        fmt::format("{} parameters, vocabulary {}, {} tokens a step\n", format_count(schedule.parameter_count),
                    format_count(schedule.vocabulary), format_count(schedule.tokens_per_step));
    if (schedule.text.length != 0) text += fmt::format("text: {}\n", schedule::described(schedule.text));
    if (const std::string layers = schedule::described(schedule.recomputed); !layers.empty())
        text += fmt::format("computed again for the backward pass: {}\n", layers);
    text +=
        "\n" + op_table(schedule, width) + "\n" + phase_table(schedule, width) + "\n" + memory_table(schedule, width);
    return fitted(text, width);
}

} // namespace gradus::report
