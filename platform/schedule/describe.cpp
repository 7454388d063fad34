// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ip/common/command.h"
#include "platform/schedule/format.h"
#include "platform/schedule/memory_plan.h"
#include "platform/schedule/schedule.h"

namespace gradus::schedule {

std::string format_bytes(std::uint64_t bytes) {
    constexpr std::array units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit)
        value /= 1024;
    return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string format_count(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

namespace {

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

std::string op_table(const Schedule& schedule) {
    std::size_t name_width = 4;
    std::size_t kind_width = 4;
    std::size_t shape_width = 5;
    for (const Op& op : schedule.ops) {
        name_width = std::max(name_width, op.name.size());
        kind_width = std::max(kind_width, op.kind.size());
        shape_width = std::max(shape_width, op.shape.size());
    }
    std::string table =
        fmt::format("{:>5}  {:<8}  {:>5}  {:<{}}  {:<{}}  {:>{}}  {:>10}  {:>10}  {:>15}\n", "op", "phase", "layer",
                    "name", name_width, "kind", kind_width, "shape", shape_width, "read", "written", "MACs");
    for (std::size_t i = 0; i < schedule.ops.size(); ++i) {
        const Op& op = schedule.ops[i];
        const std::string layer = op.image.layer == COMMAND_NO_LAYER ? "-" : std::to_string(op.image.layer);
        table += fmt::format("{:>5}  {:<8}  {:>5}  {:<{}}  {:<{}}  {:>{}}  {:>10}  {:>10}  {:>15}\n", i,
                             phase_name(op.image.phase), layer, op.name, name_width, op.kind, kind_width, op.shape,
                             shape_width, format_bytes(op.bytes_read), format_bytes(op.bytes_written),
                             op.macs == 0 ? "-" : format_count(op.macs));
    }
    return table;
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

std::string phase_table(const Schedule& schedule) {
    std::string table = fmt::format("{:<10}{:>8}{:>13}{:>13}{:>22}\n", "phase", "ops", "read", "written", "MACs");
    const auto line = [&](const char* name, const Total& total) {
        table +=
            fmt::format("{:<10}{:>8}{:>13}{:>13}{:>22}\n", name, format_count(total.ops),
                        format_bytes(total.bytes_read), format_bytes(total.bytes_written), format_count(total.macs));
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
    return table;
}

/// A stretch of DRAM from the lowest to the highest address of some tensors, and what they would take side by side.
struct Region {
    std::uint64_t begin = ~std::uint64_t{0};
    std::uint64_t end = 0;
    std::uint64_t tensor_bytes = 0;
    std::size_t tensors = 0;

    void add(const Tensor& tensor) {
        begin = std::min(begin, tensor.address);
        end = std::max(end, tensor.address + aligned(tensor.bytes()));
        tensor_bytes += aligned(tensor.bytes());
        ++tensors;
    }
};

std::string memory_table(const Schedule& schedule) {
    Region parameters;
    Region gradients;
    Region moments;
    Region activations;
    for (const Tensor& tensor : schedule.tensors) {
        switch (tensor.kind) {
        case TensorKind::parameter:
            parameters.add(tensor);
            break;
        case TensorKind::gradient:
            gradients.add(tensor);
            break;
        case TensorKind::moment:
            moments.add(tensor);
            break;
        case TensorKind::activation:
        case TensorKind::activation_gradient:
            activations.add(tensor);
            break;
        }
    }
    std::string table = fmt::format("{:<14}{:>9}{:>20}{:>13}\n", "memory", "tensors", "address", "bytes");
    const auto line = [&](const char* name, const std::string& tensors, std::uint64_t begin, std::uint64_t end) {
        table += fmt::format("{:<14}{:>9}{:>#20x}{:>13}\n", name, tensors, begin, format_bytes(end - begin));
    };
    line("image", "-", schedule.image_range.base, schedule.image_range.end());
    for (const auto& [name, region] : {std::pair{"parameters", parameters}, std::pair{"gradients", gradients},
                                       std::pair{"moments", moments}, std::pair{"activations", activations}})
        line(name, format_count(region.tensors), region.begin, region.end);
    table += fmt::format("activations and their gradients share addresses: side by side they would take {}\n",
                         format_bytes(activations.tensor_bytes));
    return table;
}

} // namespace

std::string describe(const Schedule& schedule) {
    std::string text =
        fmt::format("{} parameters, vocabulary {}, {} tokens a step\n", format_count(schedule.parameter_count),
                    format_count(schedule.vocabulary), format_count(schedule.tokens_per_step));
    if (schedule.text.documents > 0)
        text += fmt::format("text: {} documents, {} lines left out\n", format_count(schedule.text.documents),
                            format_count(schedule.text.skipped));
    return text + "\n" + op_table(schedule) + "\n" + phase_table(schedule) + "\n" + memory_table(schedule);
}

} // namespace gradus::schedule
