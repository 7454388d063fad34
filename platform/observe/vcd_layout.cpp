// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/vcd_layout.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/observe/names.h"

namespace gradus::observe {

namespace {

// Flags of a trace in a save file (GTKWave, analyzer.h: TR_*).
constexpr unsigned decimal = 0x24;         // right-justified
constexpr unsigned binary = 0x28;          // right-justified
constexpr unsigned curve = 0x88024;        // decimal, as steps, scaled to all of the data
constexpr unsigned curve_height = 0x20000; // one more line for the curve above
constexpr unsigned open_group = 0x800200;
constexpr unsigned close_group = 0x1000200;

// A zoom of -z shows 2^z units of time on so many pixels.
constexpr double zoom_pixels = 200;
constexpr double window_pixels = 500;

std::string code_of(std::size_t number) {
    std::string code;
    do {
        code += static_cast<char>('!' + number % 94);
        number /= 94;
    } while (number > 0);
    return code;
}

} // namespace

VcdLayout::VcdLayout(const std::vector<UnitInfo>& unit_infos, const TraceSelection& selection) {
    step = add("", "steps_done", 32);
    for (ip::UnitId id = 0; id < unit_infos.size(); ++id) {
        const UnitInfo& info = unit_infos[id];
        VcdUnit unit;
        const auto activity = [&](ip::Activity which) {
            const std::string name =
                which == ip::Activity::busy ? "busy" : fmt::format("stall_{}", activity_name(which));
            unit.activity[static_cast<std::size_t>(which)] = add(info.name, name, 1);
        };
        if (info.kind != UnitKind::cpu && selection.shows_queue(id)) {
            unit.depth = add(info.name, "depth", 13); // a ring holds at most 4096 commands
            unit.fence = add(info.name, "fence", 32);
        }
        activity(ip::Activity::busy);
        if (info.kind == UnitKind::cpu) {
            activity(ip::Activity::stall_bus);
        } else {
            activity(ip::Activity::stall_fetch);
            activity(ip::Activity::stall_fence);
            activity(ip::Activity::stall_memory);
            unit.op = add(info.name, "op", 20);
        }
        units.push_back(unit);
    }
}

std::uint16_t VcdLayout::add(const std::string& scope, const std::string& name, unsigned bits) {
    signals.push_back({scope, name, bits, code_of(signals.size())});
    return static_cast<std::uint16_t>(signals.size() - 1);
}

std::string VcdLayout::header() const {
    std::string text = "$version gradus $end\n$timescale 1 ps $end\n$scope module chip $end\n";
    std::string scope;
    for (const VcdSignal& signal : signals) {
        if (signal.scope != scope) {
            if (!scope.empty()) text += "$upscope $end\n";
            scope = signal.scope;
            text += fmt::format("$scope module {} $end\n", scope);
        }
        const std::string range = signal.bits > 1 ? fmt::format(" [{}:0]", signal.bits - 1) : "";
        text += fmt::format("$var {} {} {} {}{} $end\n", signal.bits > 1 ? "reg" : "wire", signal.bits, signal.code,
                            signal.name, range);
    }
    if (!scope.empty()) text += "$upscope $end\n";
    return text + "$upscope $end\n$enddefinitions $end\n";
}

std::string VcdLayout::save_file(const std::vector<UnitInfo>& unit_infos, ip::Picoseconds from,
                                 ip::Picoseconds to) const {
    const auto show = [&](std::uint16_t index, unsigned flags) {
        if (index == VcdUnit::none) return std::string();
        const VcdSignal& signal = signals[index];
        const std::string range = signal.bits > 1 ? fmt::format("[{}:0]", signal.bits - 1) : "";
        if (signal.scope.empty()) return fmt::format("@{:x}\nchip.{}{}\n", flags, signal.name, range);
        return fmt::format("@{:x}\n+{{{} {}}} chip.{}.{}{}\n", flags, signal.scope, signal.name, signal.scope,
                           signal.name, range);
    };
    const double length = static_cast<double>(std::max(to, from + 1) - from);
    std::string text = fmt::format("[timestart] {}\n*{:.6f} {}\n[treeopen] chip.\n", from,
                                   -std::log2(length * zoom_pixels / window_pixels), from);
    text += show(step, decimal);
    text += fmt::format("@{:x}\n-queue depths\n", open_group);
    for (const VcdUnit& unit : units)
        if (unit.depth != VcdUnit::none) text += show(unit.depth, curve) + fmt::format("@{:x}\n-\n-\n", curve_height);
    text += fmt::format("@{:x}\n-queue depths\n", close_group);
    for (std::size_t id = 0; id < units.size(); ++id) {
        const VcdUnit& unit = units[id];
        text += fmt::format("@{:x}\n-{}\n", open_group, unit_infos[id].name);
        for (const std::uint16_t activity : unit.activity)
            text += show(activity, binary);
        text += show(unit.op, decimal) + show(unit.fence, decimal);
        text += fmt::format("@{:x}\n-{}\n", close_group, unit_infos[id].name);
    }
    return text;
}

} // namespace gradus::observe
