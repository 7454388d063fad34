// SPDX-License-Identifier: Apache-2.0
#include "platform/report/verdict.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "platform/observe/names.h"
#include "platform/report/bounds.h"
#include "platform/report/derive.h"
#include "platform/report/human.h"

namespace gradus::report {

namespace {

using observe::Result;
using observe::UnitKind;
using observe::Usage;

constexpr double phase_matters = 0.05; // of the run; a shorter phase is not worth a clause

struct Candidate {
    enum Kind { hart, channel, engine, memory, fabric } kind;
    std::string name; ///< of the unit or the memory
    double taken = 0;
    double waiting = 0; ///< the part of it that waits for a memory or the bus
    std::size_t unit = 0;
    double port = 0; ///< of an engine: what its port alone needs, where that is more than array or lanes need
};

/// An engine that has its operands as its cause: it waits half of its time, or its port takes longer than its lanes.
bool lacks_operands(const Candidate& engine) { return engine.waiting >= engine.taken / 2 || engine.port > 0; }

std::string memory_title(const std::string& name) { return name == "dram" ? "DRAM" : plain(name, 16); }

Candidate unit_candidate(const Result& result, std::size_t unit, const Usage& usage, ip::Picoseconds time) {
    const observe::UnitInfo& info = result.units[unit];
    const ip::Picoseconds total = occupied(info.kind, usage);
    Candidate candidate;
    candidate.kind = info.kind == UnitKind::cpu   ? Candidate::hart
                     : info.kind == UnitKind::dma ? Candidate::channel
                                                  : Candidate::engine;
    candidate.name = plain(info.name, 16);
    candidate.taken = ratio(static_cast<double>(total), static_cast<double>(time));
    candidate.waiting = ratio(static_cast<double>(total - usage.busy()), static_cast<double>(time));
    candidate.unit = unit;
    return candidate;
}

std::vector<Candidate> candidates(const Result& result) {
    std::vector<Candidate> all;
    for (std::size_t unit = 0; unit < std::min(result.units.size(), result.unit_totals.size()); ++unit) {
        Candidate candidate = unit_candidate(result, unit, result.unit_totals[unit].usage, result.time);
        const ip::CommandWork& work = result.unit_totals[unit].work.work;
        if (work.port_cycles > work.compute_cycles)
            candidate.port = ratio(static_cast<double>(work.port_cycles * result.units[unit].clock.period),
                                   static_cast<double>(result.time));
        all.push_back(std::move(candidate));
    }
    for (const observe::MemoryTotals& memory : result.memories)
        all.push_back({Candidate::memory, memory.name, taken(memory, result.time), 0, 0});
    for (const LowerBound& bound : lower_bounds_of_run(result))
        if (bound.resource == "fabric") all.push_back({Candidate::fabric, bound.resource, bound.share, 0, 0});
    return all;
}

/// Not the fabric: bytes need it beside what they come from or go to, and it is the cause only where that has room.
const Candidate* most_taken(const std::vector<Candidate>& all) {
    const auto rank = [](const Candidate& each) { return each.kind == Candidate::fabric ? -1 : each.taken; };
    const auto top = std::max_element(all.begin(), all.end(),
                                      [&](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); });
    return top == all.end() ? nullptr : &*top;
}

const Candidate* find(const std::vector<Candidate>& all, Candidate::Kind kind, const std::string& name) {
    for (const Candidate& candidate : all)
        if (candidate.kind == kind && candidate.name == name) return &candidate;
    return nullptr;
}

// A channel is taken while it waits for the DRAM, and an engine while it waits for the scratchpad: if that memory is
// full, it is the cause and the unit the symptom.
const Candidate& cause_of(const std::vector<Candidate>& all, const Candidate& top) {
    const bool channel = top.kind == Candidate::channel;
    const bool starved_engine = top.kind == Candidate::engine && top.waiting >= top.taken / 2;
    for (const char* name : {"dram", "scratchpad"}) {
        if (!channel && !(starved_engine && name == std::string("scratchpad"))) continue;
        const Candidate* memory = find(all, Candidate::memory, name);
        if (memory && memory->taken >= bound_share) return *memory;
    }
    const Candidate* fabric = channel ? find(all, Candidate::fabric, "fabric") : nullptr;
    if (fabric && fabric->taken >= bound_share) return *fabric;
    return top;
}

std::string title(const Candidate& candidate) {
    switch (candidate.kind) {
    case Candidate::hart:
        return "CPU issue";
    case Candidate::channel:
        return fmt::format("DMA ({})", candidate.name);
    case Candidate::engine:
        return lacks_operands(candidate) ? fmt::format("operand bandwidth ({})", candidate.name)
                                         : fmt::format("compute ({})", candidate.name);
    case Candidate::memory:
        return memory_title(candidate.name) + " bandwidth";
    case Candidate::fabric:
        return "fabric bandwidth";
    }
    return {};
}

std::string hart_detail(const Candidate& hart) {
    std::string text = fmt::format("the hart is busy {} of the time", human_percent(hart.taken));
    if (hart.waiting >= 0.05) text += fmt::format(", {} of it waiting for the bus", human_percent(hart.waiting));
    return text;
}

std::string channel_detail(const Candidate& channel, const std::vector<Candidate>& all) {
    std::string text = fmt::format("{} executes {} of the time", channel.name, human_percent(channel.taken));
    if (const Candidate* dram = find(all, Candidate::memory, "dram"))
        text += fmt::format(", while the DRAM's data bus is busy only {}", human_percent(dram->taken));
    return text;
}

std::string engine_detail(const Result& result, const Candidate& engine) {
    if (engine.port > 0)
        return fmt::format("the {} unit executes {} of the time, and its port alone needs {}", engine.name,
                           human_percent(engine.taken), human_percent(engine.port));
    if (engine.waiting >= engine.taken / 2)
        return fmt::format("the {} unit executes {} of the time and waits for its operands during {}", engine.name,
                           human_percent(engine.taken), human_percent(engine.waiting));
    std::string text = fmt::format("the {} unit is busy {} of the time", engine.name, human_percent(engine.taken));
    if (const double reached = efficiency(result.units[engine.unit], result.unit_totals[engine.unit]); reached > 0)
        text += fmt::format(", at {} of its peak while it is", human_percent(reached));
    return text;
}

std::string memory_detail(const Result& result, const Candidate& memory) {
    std::string text = fmt::format("its data bus is busy {} of the time", human_percent(memory.taken));
    const observe::MemoryTotals* totals = find_memory(result, memory.name);
    const double bytes = static_cast<double>(totals->bytes_read + totals->bytes_written);
    if (totals->peak_bytes_per_second > 0)
        text += fmt::format(", {} of {} at peak", human_rate(ratio(bytes, seconds(result.time)), "B"),
                            human_rate(totals->peak_bytes_per_second, "B"));
    return text;
}

std::string detail(const Result& result, const std::vector<Candidate>& all, const Candidate& cause) {
    switch (cause.kind) {
    case Candidate::hart:
        return hart_detail(cause);
    case Candidate::channel:
        return channel_detail(cause, all);
    case Candidate::engine:
        return engine_detail(result, cause);
    case Candidate::memory:
        return memory_detail(result, cause);
    case Candidate::fabric:
        return fmt::format("its busier port is taken {} of the time", human_percent(cause.taken));
    }
    return {};
}

// Another resource nearly as full: relieving the first alone will not help much.
std::string runner_up(const std::vector<Candidate>& all, const Candidate& top, const Candidate& cause) {
    std::vector<Candidate> others;
    for (const Candidate& candidate : all) {
        const bool same = &candidate == &top || &candidate == &cause;
        // The channels in front of a full DRAM or fabric are full because of it.
        const bool symptom = (cause.kind == Candidate::memory || cause.kind == Candidate::fabric) &&
                             candidate.kind == Candidate::channel;
        if (!same && !symptom) others.push_back(candidate);
    }
    const Candidate* next = most_taken(others);
    if (!next || next->taken < bound_share || next->taken < cause.taken - 0.10) return {};
    return fmt::format("; close behind: {} ({})", title(*next), human_percent(next->taken));
}

struct PhaseBound {
    std::uint8_t phase = 0;
    double share = 0; ///< of the run
    Candidate cause;
};

/// What happened in the time of a phase.
struct PhaseSums {
    ip::Picoseconds time = 0;
    std::vector<Usage> usage;
    ip::Bytes dram = 0; ///< read and written
    ip::Bytes scratchpad = 0;
};

PhaseSums sums_of_phase(const Result& result, std::uint8_t phase) {
    PhaseSums sums;
    sums.usage.resize(result.units.size());
    for (const observe::OpTotals& op : result.ops) {
        if (op.phase != phase) continue;
        sums.time += op.time;
        sums.dram += op.work.work.dram_read + op.work.work.dram_written;
        sums.scratchpad += op.work.work.scratchpad_read + op.work.work.scratchpad_written;
        for (std::size_t unit = 0; unit < std::min(sums.usage.size(), op.during.size()); ++unit)
            sums.usage[unit] += op.during[unit];
    }
    return sums;
}

std::optional<PhaseBound> bound_of_phase(const Result& result, std::uint8_t phase) {
    const PhaseSums sums = sums_of_phase(result, phase);
    const double share = ratio(static_cast<double>(sums.time), static_cast<double>(result.time));
    if (share < phase_matters) return std::nullopt;
    std::vector<Candidate> all;
    for (std::size_t unit = 0; unit < sums.usage.size(); ++unit)
        all.push_back(unit_candidate(result, unit, sums.usage[unit], sums.time));
    // The phase's part of a data bus' time, by bytes. Its commands may move some of them in a neighbour's time.
    for (const auto& [name, bytes] : {std::pair{"dram", sums.dram}, {"scratchpad", sums.scratchpad}})
        if (const observe::MemoryTotals* memory = find_memory(result, name)) {
            const auto all_bytes = static_cast<double>(memory->bytes_read + memory->bytes_written);
            const double busy = taken(*memory, sums.time) * ratio(static_cast<double>(bytes), all_bytes);
            all.push_back({Candidate::memory, name, std::min(busy, 1.0), 0, 0});
        }
    const Candidate* top = most_taken(all);
    if (!top || top->taken < bound_share) return std::nullopt;
    return PhaseBound{phase, share, cause_of(all, *top)};
}

std::string by_phase(const Result& result) {
    double explained = 0;
    std::string clauses;
    for (std::uint8_t phase = COMMAND_PHASE_FORWARD; phase < COMMAND_PHASES; ++phase) {
        const std::optional<PhaseBound> bound = bound_of_phase(result, phase);
        if (!bound) continue;
        explained += bound->share;
        clauses +=
            fmt::format("{}{} ({} of the time) by {}, {} busy", clauses.empty() ? "" : "; ", observe::phase_name(phase),
                        human_percent(bound->share), title(bound->cause), human_percent(bound->cause.taken));
    }
    if (explained < 0.5) return {};
    return "bound phase by phase: " + clauses;
}

// The longest wait of an engine or channel, which is where to look first.
std::string longest_wait(const Result& result) {
    ip::Picoseconds longest = 0;
    std::string text;
    const auto consider = [&](const std::string& unit, ip::Picoseconds time, const std::string& what) {
        if (time <= longest) return;
        longest = time;
        text = fmt::format("{} waits {} for {}", plain(unit, 16),
                           human_percent(ratio(static_cast<double>(time), static_cast<double>(result.time))), what);
    };
    for (std::size_t unit = 0; unit < std::min(result.units.size(), result.unit_totals.size()); ++unit) {
        const observe::UnitTotals& totals = result.unit_totals[unit];
        const std::string& name = result.units[unit].name;
        for (std::size_t queue = 0; queue < totals.fence_stall_by_queue.size(); ++queue)
            consider(name, totals.fence_stall_by_queue[queue],
                     queue < result.units.size() ? plain(result.units[queue].name, 16) : "another queue");
        const auto& by_activity = totals.usage.by_activity;
        consider(name, by_activity[static_cast<std::size_t>(ip::Activity::stall_fetch)], "descriptors");
        consider(name, by_activity[static_cast<std::size_t>(ip::Activity::stall_memory)], "memory");
        consider(name, by_activity[static_cast<std::size_t>(ip::Activity::stall_bus)], "the bus");
    }
    if (longest < result.time / 20) return {};
    return "; longest wait: " + text;
}

/// Where to look first when nothing is full: what most of the steps' time waited for, unit by unit.
std::string critical_path(const Result& result) {
    constexpr double matters = 0.10;
    constexpr std::size_t most = 3;
    const observe::CriticalPath& path = result.critical_path;
    std::vector<std::pair<double, std::string>> parts;
    for (ip::UnitId unit = 0; unit < std::min(path.by_unit.size(), result.units.size()); ++unit) {
        const double share = ratio(static_cast<double>(path.of_unit(unit)), static_cast<double>(path.total()));
        if (share >= matters)
            parts.emplace_back(-share, fmt::format("{} {}", plain(result.units[unit].name, 16), human_percent(share)));
    }
    if (parts.empty()) return {};
    std::sort(parts.begin(), parts.end());
    parts.resize(std::min(parts.size(), most));
    std::string text = "; on the critical path: ";
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += (i ? ", " : "") + parts[i].second;
    return text;
}

} // namespace

std::string verdict(const Result& result) {
    if (result.time == 0) return "nothing ran";
    const std::vector<Candidate> all = candidates(result);
    const Candidate* top = most_taken(all);
    if (!top || top->taken == 0) return "nothing ran: no unit was ever busy";
    if (top->taken >= bound_share) {
        const Candidate& cause = cause_of(all, *top);
        return fmt::format("bound by {}: {}{}", title(cause), detail(result, all, cause), runner_up(all, *top, cause));
    }
    if (std::string phases = by_phase(result); !phases.empty()) return phases;
    const std::string path = critical_path(result);
    return fmt::format("bound by latency and dependencies: no unit is busy more than {} ({}){}",
                       human_percent(top->taken), top->kind == Candidate::memory ? memory_title(top->name) : top->name,
                       path.empty() ? longest_wait(result) : path);
}

} // namespace gradus::report
