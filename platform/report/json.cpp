// SPDX-License-Identifier: Apache-2.0
#include "platform/report/json.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/cost/clock_limits.h"
#include "platform/observe/names.h"
#include "platform/report/analysis.h"
#include "platform/report/derive.h"
#include "platform/report/json_cost.h"
#include "platform/report/json_parts.h"
#include "platform/report/json_timeline.h"
#include "platform/report/last_step.h"
#include "platform/scenario/clocks.h"
#include "platform/scenario/schema.h"
#include "platform/scenario/texts.h"

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;
using observe::Result;

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json scenario_json(const scenario::Scenario& scenario) {
    Json json;
    json["name"] = scenario.name;
    for (const scenario::Parameter& parameter : scenario::schema()) {
        // "chip.cpu.alu" is json["chip"]["cpu"]["alu"].
        std::string pointer = "/" + std::string(parameter.key);
        for (char& character : pointer)
            if (character == '.') character = '/';
        std::visit([&](const auto& value) { json[Json::json_pointer(pointer)] = value; }, parameter.get(scenario));
    }
    return json;
}

Json chip_json(const Result& result) {
    Json json;
    json["name"] = result.scenario.chip.name;
    const ip::Clock clock = scenario::chip_clock(result.scenario.chip);
    json["clock_hz"] = clock.hertz();
    json["clock_period_ps"] = clock.period;
    const cost::ChipClocks clocks = cost::clocks_of(result.scenario.chip);
    json["supply_v"] = clocks.volts;
    json["clock_limits"] = Json::array();
    for (const cost::BlockClock& block : clocks.blocks)
        json["clock_limits"].push_back({{"name", block.name},
                                        {"mhz", block.mhz},
                                        {"nominal_mhz", block.nominal_mhz},
                                        {"highest_mhz", block.highest_mhz}});
    return json;
}

/// As usages_json, but only the numbers: there are many steps.
Json usage_rows_json(const Result& result, const std::vector<observe::Usage>& units, ip::Picoseconds time) {
    Json json = Json::object();
    for (std::size_t unit = 0; unit < std::min(units.size(), result.units.size()); ++unit) {
        Json row = units[unit].by_activity;
        row.push_back(time - units[unit].covered());
        json[result.units[unit].name] = std::move(row);
    }
    return json;
}

Json step_json(const Result& result, const observe::StepRecord& record, bool has_loss) {
    const ip::Picoseconds time = record.end - record.begin;
    Json step;
    step["step"] = record.step;
    step["loss"] = has_loss ? number_or_null(static_cast<double>(record.loss)) : Json(nullptr);
    put_time(step, "time", time);
    step["lower_bounds_ps"] = Json::object();
    for (const LowerBound& bound : lower_bounds(result, work_of_step(result, record)))
        step["lower_bounds_ps"][bound.resource] = bound.time;
    step["critical_path_ps"] = path_of_step_json(result, record);
    step["units_ps"] = usage_rows_json(result, record.units, time);
    return step;
}

Json totals_json(const Result& result, const Analysis& analysis) {
    Json totals;
    put_time(totals, "time", result.time);
    put_time(totals, "training_time", analysis.training_time);
    put_time(totals, "validation_time", analysis.validation_time);
    totals["steps"] = result.steps.size();
    put_time(totals, "mean_step", analysis.mean_step);
    totals["tokens_per_step"] = result.tokens_per_step;
    totals["tokens_per_second"] = analysis.tokens_per_second;
    totals["parameters"] = result.parameter_count;
    std::uint64_t macs = 0;
    for (const observe::UnitTotals& unit : result.unit_totals)
        macs += unit.work.work.macs;
    totals["macs"] = macs;
    totals["commands"] = result.commands;
    totals["instructions"] = result.instructions;
    totals["exit_code"] = result.exit_code;
    return totals;
}

void put_stalls(Json& json, const Result& result, const observe::UnitTotals& totals) {
    Json in_ns = {{"fetch", 0.0}, {"memory", 0.0}, {"bus", 0.0}, {"fence", Json::object()}};
    Json in_ps = {{"fetch", 0}, {"memory", 0}, {"bus", 0}, {"fence", Json::object()}};
    for (const auto activity : {ip::Activity::stall_fetch, ip::Activity::stall_memory, ip::Activity::stall_bus}) {
        const ip::Picoseconds time = totals.usage.by_activity[static_cast<std::size_t>(activity)];
        in_ns[observe::activity_name(activity)] = nanoseconds(time);
        in_ps[observe::activity_name(activity)] = time;
    }
    for (std::size_t queue = 0; queue < totals.fence_stall_by_queue.size(); ++queue) {
        const ip::Picoseconds time = totals.fence_stall_by_queue[queue];
        if (!time) continue;
        const std::string name =
            queue < result.units.size() ? result.units[queue].name : "queue" + std::to_string(queue);
        in_ns["fence"][name] = nanoseconds(time);
        in_ps["fence"][name] = time;
    }
    json["stalled_ns"] = std::move(in_ns);
    json["stalled_ps"] = std::move(in_ps);
}

Json work_json(const observe::WorkTotals& totals) {
    Json work;
    work["commands"] = totals.commands;
    work["macs"] = totals.work.macs;
    work["elements"] = totals.work.elements;
    work["dram_bytes_read"] = totals.work.dram_read;
    work["dram_bytes_written"] = totals.work.dram_written;
    work["scratchpad_bytes_read"] = totals.work.scratchpad_read;
    work["scratchpad_bytes_written"] = totals.work.scratchpad_written;
    work["compute_cycles"] = totals.work.compute_cycles;
    work["port_cycles"] = totals.work.port_cycles;
    return work;
}

Json units_json(const Result& result, const Breakdown& run) {
    Json units = Json::array();
    for (std::size_t i = 0; i < run.units.size(); ++i) {
        const observe::UnitTotals& totals = result.unit_totals[i];
        Json unit;
        unit["name"] = result.units[i].name;
        unit["kind"] = observe::kind_name(result.units[i].kind);
        unit["peak_per_cycle"] = result.units[i].peak_per_cycle;
        unit["clock_period_ps"] = result.units[i].clock.period;
        put_time(unit, "busy", totals.usage.busy());
        put_stalls(unit, result, totals);
        put_time(unit, "idle", run.units[i].idle_time);
        unit["efficiency"] = run.units[i].efficiency;
        unit.update(work_json(totals.work));
        units.push_back(std::move(unit));
    }
    return units;
}

Json shares_json(const std::vector<Share>& shares) {
    Json list = Json::array();
    for (const Share& share : shares) {
        Json entry;
        entry["name"] = share.name;
        put_time(entry, "time", share.time);
        list.push_back(std::move(entry));
    }
    return list;
}

Json levels_json(const Result& result, const std::vector<LevelAnalysis>& levels, bool numbered) {
    Json list = Json::array();
    for (const LevelAnalysis& level : levels) {
        Json entry;
        entry["name"] = level.total.name;
        if (numbered) entry["layer"] = level.number == COMMAND_NO_LAYER ? Json(nullptr) : Json(level.number);
        put_time(entry, "time", level.total.time);
        entry["critical_path_ps"] = level.path;
        entry["lower_bounds"] = bounds_json(level.bounds);
        entry["units_ps"] = usages_json(result, level.units, level.total.time);
        list.push_back(std::move(entry));
    }
    return list;
}

Json path_json(const Result& result, const Breakdown& stretch) {
    Json path;
    put_time(path, "time", result.critical_path.total());
    path["units"] = Json::array();
    for (ip::UnitId unit = 0; unit < std::min(result.units.size(), result.critical_path.by_unit.size()); ++unit) {
        Json entry;
        entry["name"] = result.units[unit].name;
        put_time(entry, "time", result.critical_path.of_unit(unit));
        for (int reason = 0; reason < observe::path_reason_count; ++reason)
            entry[fmt::format("{}_ps", observe::path_reason_name(static_cast<observe::PathReason>(reason)))] =
                result.critical_path.by_unit[unit][static_cast<std::size_t>(reason)];
        path["units"].push_back(std::move(entry));
    }
    std::vector<const OpAnalysis*> ops;
    for (const OpAnalysis& op : stretch.ops)
        if (op.totals.path) ops.push_back(&op);
    std::stable_sort(ops.begin(), ops.end(),
                     [](const OpAnalysis* a, const OpAnalysis* b) { return a->totals.path > b->totals.path; });
    path["ops"] = Json::array();
    for (const OpAnalysis* op : ops) {
        Json entry;
        entry["name"] = op->name;
        entry["op"] = op->totals.op == COMMAND_NO_OP ? Json(nullptr) : Json(op->totals.op);
        entry["phase"] = op->phase;
        put_time(entry, "time", op->totals.path);
        path["ops"].push_back(std::move(entry));
    }
    return path;
}

Json ops_json(const Result& result, const Breakdown& run) {
    Json ops = Json::array();
    for (const OpAnalysis& op : run.ops) {
        Json entry;
        entry["name"] = op.name;
        entry["op"] = op.totals.op == COMMAND_NO_OP ? Json(nullptr) : Json(op.totals.op);
        entry["phase"] = op.phase;
        entry["layer"] = op.layer == COMMAND_NO_LAYER ? Json(nullptr) : Json(op.layer);
        entry["kind"] = op.kind;
        entry["shape"] = op.shape;
        entry["scheduled_macs"] = op.scheduled_macs;
        put_time(entry, "time", op.totals.time);
        entry.update(work_json(op.totals.work));
        Json busy = Json::object();
        for (std::size_t unit = 0; unit < std::min(op.totals.by_unit.size(), result.units.size()); ++unit)
            if (const ip::Picoseconds time = op.totals.by_unit[unit].busy()) busy[result.units[unit].name] = time;
        entry["busy_ps"] = std::move(busy);
        entry["critical_path_ps"] = op.totals.path;
        entry["units_ps"] = usages_json(result, op.totals.during, op.totals.time);
        ops.push_back(std::move(entry));
    }
    return ops;
}

Json memories_json(const Result& result) {
    Json memories = Json::array();
    for (const observe::MemoryTotals& totals : result.memories) {
        Json memory;
        const auto bytes = static_cast<double>(totals.bytes_read + totals.bytes_written);
        memory["name"] = totals.name;
        memory["capacity_bytes"] = totals.capacity;
        memory["reads"] = totals.reads;
        memory["writes"] = totals.writes;
        memory["bytes_read"] = totals.bytes_read;
        memory["bytes_written"] = totals.bytes_written;
        put_time(memory, "busy", totals.busy);
        memory["bytes_per_second"] = ratio(bytes, seconds(result.time));
        memory["peak_bytes_per_second"] = number_or_null(totals.peak_bytes_per_second);
        if (const auto& rows = totals.rows) {
            memory["bursts_read"] = totals.bursts.read;
            memory["bursts_written"] = totals.bursts.written;
            memory["row_hits"] = rows->hits;
            memory["row_misses"] = rows->misses;
            memory["row_conflicts"] = rows->conflicts;
            memory["refreshes"] = rows->refreshes;
            memory["forwarded_reads"] = rows->forwarded;
        }
        memories.push_back(std::move(memory));
    }
    return memories;
}

std::vector<observe::Usage> usages_of(const Result& result) {
    std::vector<observe::Usage> usages;
    for (const observe::UnitTotals& unit : result.unit_totals)
        usages.push_back(unit.usage);
    return usages;
}

/// As ops_json, but only the times: what each does is the same in every step.
Json op_times_json(const Breakdown& step) {
    Json ops = Json::array();
    for (const OpAnalysis& op : step.ops)
        ops.push_back({{"name", op.name},
                       {"phase", op.phase},
                       {"kind", op.kind},
                       {"time_ps", op.totals.time},
                       {"critical_path_ps", op.totals.path}});
    return ops;
}

Json dram_of_step_json(const Result& step, const TrafficAnalysis& traffic) {
    Json dram;
    dram["bytes_per_second"] = traffic.bytes_per_second;
    const observe::MemoryTotals* totals = find_memory(step, "dram");
    if (!totals) return dram;
    put_time(dram, "busy", totals->busy);
    if (const auto& rows = totals->rows) {
        dram["row_hits"] = rows->hits;
        dram["row_misses"] = rows->misses;
        dram["row_conflicts"] = rows->conflicts;
        dram["refreshes"] = rows->refreshes;
    }
    return dram;
}

/// The figures of a step in the long run, and where its time went.
Json whole_steady_json(const Result& result, const Analysis& analysis) {
    Json json = steady_json(*analysis.steady);
    const std::optional<Result> step = last_step_of(result);
    if (!step || !analysis.step) return json;
    const Breakdown& parts = *analysis.step;
    json["lower_bounds"] = bounds_json(parts.bounds);
    json["critical_path"] = path_json(*step, parts);
    json["units_ps"] = usages_json(*step, usages_of(*step), step->time);
    json["phases"] = levels_json(*step, parts.phases, false);
    json["kinds"] = shares_json(parts.kinds);
    json["ops"] = op_times_json(parts);
    json["dram"] = dram_of_step_json(*step, parts.dram);
    return json;
}

Json traffic_json(const Result& result) {
    Json flows = Json::array();
    for (const observe::Flow& flow : result.traffic) {
        Json entry;
        entry["unit"] = result.units.at(flow.unit).name;
        entry["memory"] = result.memories.at(flow.memory).name;
        entry["what"] = flow.what == observe::Flow::What::data ? "data" : "descriptors";
        entry["bytes_read"] = flow.bytes_read;
        entry["bytes_written"] = flow.bytes_written;
        flows.push_back(std::move(entry));
    }
    return flows;
}

Json text_json(const schedule::Text& text) {
    Json json;
    json["unit"] = text.symbols.empty() ? "tokens" : "characters";
    json["length"] = text.length;
    json["documents"] = text.documents;
    json["documents_held_back"] = text.documents_held_back;
    json["held_back"] = text.held_back;
    json["lines_left_out"] = text.lines_left_out;
    json["left_out"] = text.left_out;
    json["documents_cut"] = text.documents_cut;
    json["cut"] = text.cut;
    return json;
}

Json check_json(const observe::CheckTotals& check) {
    Json json;
    json["operators"] = check.operators;
    json["elements"] = check.elements;
    json["worst"] = number_or_null(check.worst);
    if (!check.worst_op.empty()) json["worst_op"] = check.worst_op;
    if (!check.worst_op.empty()) json["worst_tensor"] = check.worst_tensor;
    if (check.failure) json["failure"] = *check.failure;
    if (check.first_not_finite) json["first_not_finite"] = *check.first_not_finite;
    return json;
}

/// `runs` in their order, and of them together.
Json validation_json(const Result& result) {
    const bool has_loss = result.scenario.run.data == scenario::DataPlane::full;
    const auto loss_of = [&](const observe::Validation& validation) {
        return has_loss ? number_or_null(static_cast<double>(validation.loss)) : Json(nullptr);
    };
    const auto less = [](const observe::Validation& a, const observe::Validation& b) { return a.loss < b.loss; };
    const std::vector<observe::Validation>& runs = result.validations;
    Json json;
    json["loss"] = loss_of(runs.back());
    json["least_loss"] = loss_of(*std::min_element(runs.begin(), runs.end(), less));
    put_time(json, "time", validation_time(result));
    json["runs"] = Json::array();
    for (const observe::Validation& run : runs) {
        Json entry = {{"step", run.step}, {"loss", loss_of(run)}};
        put_time(entry, "time", run.end - run.begin);
        json["runs"].push_back(std::move(entry));
    }
    return json;
}

Json host_json(const Result& result) {
    Json host;
    host["wall_seconds"] = number_or_null(result.host.wall_seconds);
    host["peak_memory_bytes"] = result.host.peak_memory_bytes;
    return host;
}

} // namespace

ResultText::ResultText(const Result& result, const schedule::Schedule& schedule)
    : result_(result), schedule_(schedule), json_([this](std::string_view text) { piece_ += text; }) {}

std::string ResultText::next() {
    const std::size_t steps = result_.steps.size();
    const std::size_t number = number_++;
    if (number == 0)
        put_head();
    else if (number <= steps)
        json_.element(
            step_json(result_, result_.steps[number - 1], result_.scenario.run.data == scenario::DataPlane::full));
    else if (number == steps + 1)
        put_tail();
    return std::exchange(piece_, {});
}

void ResultText::put_head() {
    const Analysis analysis = analyse(result_, schedule_);
    const CostAnalysis cost = analyse_cost(result_);
    json_.member("schema", "gradus.result/1");
    json_.member("scenario", scenario_json(result_.scenario));
    json_.member("origins", origins_json(result_.scenario));
    json_.member("chip", chip_json(result_));
    json_.member("totals", totals_json(result_, analysis));
    if (analysis.steady) json_.member("steady", whole_steady_json(result_, analysis));
    json_.member("bound", analysis.main().verdict);
    json_.member("warnings", analysis.warnings);
    if (result_.check) json_.member("check", check_json(*result_.check));
    json_.member("lower_bounds", bounds_json(analysis.run.bounds));
    json_.member("critical_path", path_json(result_, analysis.run));
    json_.member("units", units_json(result_, analysis.run));
    json_.member("phases", levels_json(result_, analysis.run.phases, false));
    json_.member("layers", levels_json(result_, analysis.run.layers, true));
    json_.member("kinds", shares_json(analysis.run.kinds));
    json_.member("ops", ops_json(result_, analysis.run));
    json_.member("memories", memories_json(result_));
    json_.member("traffic", traffic_json(result_));
    json_.member("energy", energy_json(result_, cost));
    json_.member("area", area_json(result_, cost));
    Json over_time = over_time_json(result_);
    over_time["power_w"] = power_json(cost);
    json_.member("over_time", over_time);
    json_.member("memory_plan", memory_plan_json(schedule_));
    json_.member("timeline", timeline_json(result_));
    Json instructions = Json::object();
    for (const auto& [name, count] : result_.instructions_by_class)
        instructions[name] = count;
    json_.member("instructions_by_class", instructions);
    if (schedule_.text.length != 0) json_.member("text", text_json(schedule_.text));
    if (!result_.validations.empty()) json_.member("validation", validation_json(result_));
    json_.member("texts", result_.texts);
    json_.member("texts_left_out", scenario::texts_left_out(result_.scenario.run));
    json_.begin_list("steps");
}

void ResultText::put_tail() {
    json_.end_list();
    json_.member("host", host_json(result_));
    json_.end();
}

void write_json(const Result& result, const schedule::Schedule& schedule, const TextSink& sink) {
    ResultText text(result, schedule);
    for (std::string piece = text.next(); !piece.empty(); piece = text.next())
        sink(piece);
}

std::string to_json(const Result& result, const schedule::Schedule& schedule) {
    std::string text;
    write_json(result, schedule, [&text](std::string_view piece) { text += piece; });
    return text;
}

} // namespace gradus::report
