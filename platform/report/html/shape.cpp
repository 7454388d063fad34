// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/shape.h"

#include <array>
#include <limits>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/report/html/page.h"
#include "platform/report/result_reader.h"

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;

enum class Type { number, number_or_null, text, object, list };

struct Field {
    /// Members joined by ".": "[]" behind a name stands for each element of a list, "{}" for each member of an object,
    /// "?" for what may be missing.
    std::string_view path;
    Type type;
};

constexpr std::array fields = {
    Field{"scenario.name", Type::text},
    Field{"scenario.chip", Type::object},
    Field{"scenario.model", Type::object},
    Field{"scenario.run", Type::object},
    Field{"origins?{}.from", Type::text},
    Field{"origins?{}.place", Type::text},
    Field{"chip.name", Type::text},
    Field{"chip.clock_hz", Type::number},
    Field{"totals.time_ps", Type::number},
    Field{"totals.training_time_ps", Type::number},
    Field{"totals.steps", Type::number},
    Field{"totals.tokens_per_step", Type::number},
    Field{"totals.parameters", Type::number},
    Field{"totals.macs", Type::number},
    Field{"totals.commands", Type::number},
    Field{"totals.instructions", Type::number},
    Field{"totals.exit_code", Type::number},
    Field{"steady?.time_ps", Type::number},
    Field{"steady?.tokens_per_second", Type::number},
    Field{"steady?.change", Type::number_or_null},
    Field{"steady?.first_ps", Type::number},
    Field{"steady?.macs", Type::number},
    Field{"steady?.commands", Type::number},
    Field{"steady?.instructions", Type::number},
    Field{"steady?.token_j", Type::number},
    Field{"steady?.tokens_per_joule?", Type::number},
    Field{"steady?.flop_utilisation?", Type::number},
    Field{"steady?.tokens_per_second_mm2?", Type::number},
    Field{"steady?.energy.total_j", Type::number},
    Field{"steady?.energy.low_j", Type::number},
    Field{"steady?.energy.high_j", Type::number},
    Field{"steady?.energy.average_w", Type::number},
    Field{"steady?.dram_bytes?", Type::number},
    Field{"steady?.dram?.bytes_per_second", Type::number},
    Field{"steady?.lower_bounds?[].resource", Type::text},
    Field{"steady?.lower_bounds?[].time_ps", Type::number},
    Field{"steady?.phases?[].name", Type::text},
    Field{"steady?.phases?[].time_ps", Type::number},
    Field{"steady?.units_ps?{}.busy", Type::number},
    Field{"steady?.units_ps?{}.memory", Type::number},
    Field{"steady?.units_ps?{}.fence", Type::number},
    Field{"steady?.units_ps?{}.fetch", Type::number},
    Field{"steady?.units_ps?{}.bus", Type::number},
    Field{"steady?.units_ps?{}.idle", Type::number},
    Field{"bound", Type::text},
    Field{"warnings?[]", Type::text},
    Field{"lower_bounds[].resource", Type::text},
    Field{"lower_bounds[].time_ps", Type::number},
    Field{"critical_path.units[].name", Type::text},
    Field{"critical_path.units[].time_ps", Type::number},
    Field{"units[].name", Type::text},
    Field{"units[].kind", Type::text},
    Field{"units[].peak_per_cycle", Type::number},
    Field{"units[].clock_period_ps?", Type::number},
    Field{"units[].busy_ps", Type::number},
    Field{"units[].idle_ps", Type::number},
    Field{"units[].efficiency", Type::number},
    Field{"units[].commands", Type::number},
    Field{"units[].stalled_ps.fetch", Type::number},
    Field{"units[].stalled_ps.memory", Type::number},
    Field{"units[].stalled_ps.bus", Type::number},
    Field{"units[].stalled_ps.fence{}", Type::number},
    Field{"units[].dram_bytes_read", Type::number},
    Field{"units[].dram_bytes_written", Type::number},
    Field{"units[].scratchpad_bytes_read", Type::number},
    Field{"units[].scratchpad_bytes_written", Type::number},
    Field{"phases[].name", Type::text},
    Field{"phases[].time_ps", Type::number},
    Field{"layers[].name", Type::text},
    Field{"layers[].time_ps", Type::number},
    Field{"kinds[].name", Type::text},
    Field{"kinds[].time_ps", Type::number},
    Field{"ops[].name", Type::text},
    Field{"ops[].op", Type::number_or_null},
    Field{"ops[].phase", Type::text},
    Field{"ops[].layer", Type::number_or_null},
    Field{"ops[].kind", Type::text},
    Field{"ops[].shape", Type::text},
    Field{"ops[].time_ps", Type::number},
    Field{"ops[].commands", Type::number},
    Field{"ops[].macs", Type::number},
    Field{"ops[].elements", Type::number},
    Field{"ops[].dram_bytes_read", Type::number},
    Field{"ops[].dram_bytes_written", Type::number},
    Field{"ops[].critical_path_ps", Type::number},
    Field{"memories[].name", Type::text},
    Field{"memories[].capacity_bytes", Type::number},
    Field{"memories[].bytes_read", Type::number},
    Field{"memories[].bytes_written", Type::number},
    Field{"memories[].busy_ps", Type::number},
    Field{"memories[].bytes_per_second", Type::number_or_null},
    Field{"memories[].peak_bytes_per_second", Type::number_or_null},
    Field{"memories[].row_hits?", Type::number},
    Field{"memories[].row_misses?", Type::number},
    Field{"memories[].row_conflicts?", Type::number},
    Field{"traffic[].unit", Type::text},
    Field{"traffic[].memory", Type::text},
    Field{"traffic[].what", Type::text},
    Field{"traffic[].bytes_read", Type::number},
    Field{"traffic[].bytes_written", Type::number},
    Field{"instructions_by_class{}", Type::number},
    Field{"validation?.loss", Type::number_or_null},
    Field{"validation?.time_ps", Type::number},
    Field{"validation?.runs[].step", Type::number},
    Field{"validation?.runs[].loss", Type::number_or_null},
    Field{"validation?.runs[].time_ps", Type::number},
    Field{"texts[]", Type::text},
    Field{"texts_left_out?", Type::number},
    Field{"steps", Type::list},
    Field{"over_time?.window_ps", Type::number},
    Field{"over_time?.units[].name", Type::text},
    Field{"over_time?.units[].busy_ps[]", Type::number},
    Field{"over_time?.units[].stalls{}[]", Type::number},
    Field{"over_time?.counters[].name", Type::text},
    Field{"over_time?.counters[].values[]", Type::number},
    Field{"over_time?.power_w?[].block", Type::text},
    Field{"over_time?.power_w?[].values[]", Type::number},
    Field{"energy?.total_j", Type::number},
    Field{"energy?.low_j", Type::number},
    Field{"energy?.high_j", Type::number},
    Field{"energy?.token_j", Type::number},
    Field{"energy?.average_w", Type::number},
    Field{"energy?.peak_w", Type::number},
    Field{"energy?.peak_window_ps?", Type::number},
    Field{"energy?.technology?", Type::text},
    Field{"energy?.blocks[].name", Type::text},
    Field{"energy?.blocks[].dynamic_j", Type::number},
    Field{"energy?.blocks[].leakage_j", Type::number},
    Field{"energy?.blocks[].standby_j", Type::number},
    Field{"energy?.blocks[].total_j", Type::number},
    Field{"energy?.blocks[].average_w", Type::number},
    Field{"area?.total_mm2?", Type::number},
    Field{"area?.blocks[].name", Type::text},
    Field{"area?.blocks[].mm2?", Type::number},
    Field{"area?.blocks[].lut?", Type::number},
    Field{"memory_plan?.image_bytes", Type::number},
    Field{"memory_plan?.parameters_bytes", Type::number},
    Field{"memory_plan?.weights_bytes?", Type::number},
    Field{"memory_plan?.gradients_bytes", Type::number},
    Field{"memory_plan?.moments_bytes", Type::number},
    Field{"memory_plan?.constants_bytes?", Type::number},
    Field{"memory_plan?.activations_bytes", Type::number},
    Field{"memory_plan?.activation_bytes_by_op[]", Type::number},
    Field{"timeline?.phases[]", Type::text},
    Field{"timeline?.activities[]", Type::text},
    Field{"timeline?.levels[].name", Type::text},
    Field{"timeline?.levels[].begin_ps", Type::number},
    Field{"timeline?.levels[].end_ps", Type::number},
    Field{"timeline?.levels[].grain_ps", Type::number},
    Field{"timeline?.levels[].units[].name", Type::text},
    Field{"timeline?.levels[].units[].opcodes{}", Type::text},
    Field{"timeline?.levels[].units[].spans[][]", Type::number_or_null},
    Field{"timeline?.levels[].units[].merged[][]", Type::number_or_null},
};

constexpr std::array fields_of_step = {
    Field{"step", Type::number},
    Field{"loss", Type::number_or_null},
    Field{"time_ps", Type::number},
};

bool is(const Json& value, Type type) {
    switch (type) {
    case Type::number:
        return value.is_number();
    case Type::number_or_null:
        return value.is_number() || value.is_null();
    case Type::text:
        return value.is_string();
    case Type::object:
        return value.is_object();
    case Type::list:
        return value.is_array();
    }
    return false;
}

const char* name_of(Type type) {
    constexpr std::array names = {"a number", "a number or null", "a text", "an object", "a list"};
    return names[static_cast<std::size_t>(type)];
}

const char* name_of(const Json& value) {
    if (value.is_number()) return "a number";
    if (value.is_string()) return "a text";
    if (value.is_object()) return "an object";
    if (value.is_array()) return "a list";
    return value.is_null() ? "null" : "true or false";
}

void expect(const Json& value, Type type, const std::string& place) {
    if (!is(value, type))
        throw PageError(
            fmt::format("this is no result: {}: {} is expected, not {}", place, name_of(type), name_of(value)));
}

/// What stands at `path`, which begins inside of `value`, has the type. `place` is where `value` stands.
void check(const Json& value, std::string_view path, Type type, const std::string& place) {
    if (path.empty()) return expect(value, type, place);
    if (path.substr(0, 2) == "[]" || path.substr(0, 2) == "{}") {
        expect(value, path[0] == '[' ? Type::list : Type::object, place);
        std::size_t index = 0;
        for (const Json& element : value) {
            check(element, path.substr(2), type, fmt::format("{}[{}]", place, index));
            ++index;
        }
        return;
    }
    if (path[0] == '.') path.remove_prefix(1);
    expect(value, Type::object, place.empty() ? "the file" : place);
    const std::string name(path.substr(0, path.find_first_of(".[{?")));
    path.remove_prefix(name.size());
    const bool optional = !path.empty() && path[0] == '?';
    if (optional) path.remove_prefix(1);
    const std::string inner = place.empty() ? name : place + "." + name;
    const auto found = value.find(name);
    if (found != value.end()) return check(*found, path, type, inner);
    if (!optional) throw PageError(fmt::format("this is no result: {} is missing", inner));
}

StepFigures figures_of(std::size_t index, const Json& step) {
    for (const Field& field : fields_of_step)
        check(step, field.path, field.type, fmt::format("steps[{}]", index));
    const Json& loss = step["loss"];
    return {step["step"].get<double>(), step["time_ps"].get<double>(),
            loss.is_null() ? std::numeric_limits<double>::quiet_NaN() : loss.get<double>()};
}

} // namespace

CheckedResult parse_result(std::istream& text) {
    CheckedResult result;
    try {
        result.json = read_result(
            text, [&](std::size_t index, const Json& step) { result.steps.push_back(figures_of(index, step)); });
    } catch (const UnreadableResult& error) {
        throw PageError(error.what());
    }
    const Json& json = result.json;
    const auto schema = json.is_object() ? json.find("schema") : json.end();
    if (!json.is_object() || schema == json.end() || *schema != "gradus.result/1")
        throw PageError(R"(this is no result: "schema": "gradus.result/1" is expected)");
    for (const Field& field : fields)
        check(json, field.path, field.type, "");
    return result;
}

} // namespace gradus::report
