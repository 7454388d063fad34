// SPDX-License-Identifier: Apache-2.0
#include "platform/report/json_timeline.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "platform/observe/names.h"

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;
using observe::TimelineLevel;
using observe::TimelineSlice;

Json op_or_null(std::uint32_t op) { return op == COMMAND_NO_OP ? Json(nullptr) : Json(op); }

/// The activity of a slice that is one span.
std::size_t activity_of(const TimelineSlice& slice) {
    const auto& times = slice.usage.by_activity;
    return static_cast<std::size_t>(std::max_element(times.begin(), times.end()) - times.begin());
}

Json unit_json(const observe::UnitInfo& unit, const std::vector<TimelineSlice>& slices) {
    Json json = {{"name", unit.name}, {"opcodes", Json::object()}, {"spans", Json::array()}, {"merged", Json::array()}};
    for (const TimelineSlice& slice : slices) {
        Json row = {slice.begin, slice.end - slice.begin, slice.phase, op_or_null(slice.op)};
        if (slice.spans == 1) {
            row.push_back(activity_of(slice));
            row.push_back(slice.opcode);
            row.push_back(slice.detail);
            json["spans"].push_back(std::move(row));
            if (unit.kind != observe::UnitKind::cpu)
                json["opcodes"][std::to_string(slice.opcode)] = observe::opcode_name(unit.kind, slice.opcode);
        } else {
            row.push_back(slice.spans);
            for (const ip::Picoseconds time : slice.usage.by_activity)
                row.push_back(time);
            json["merged"].push_back(std::move(row));
        }
    }
    return json;
}

} // namespace

Json timeline_json(const observe::Result& result) {
    Json json;
    json["phases"] = Json::array();
    for (std::uint8_t phase = 0; phase < COMMAND_PHASES; ++phase)
        json["phases"].push_back(observe::phase_name(phase));
    json["activities"] = Json::array();
    for (int activity = 0; activity < ip::activity_count; ++activity)
        json["activities"].push_back(observe::activity_name(static_cast<ip::Activity>(activity)));
    json["levels"] = Json::array();
    for (const TimelineLevel& level : result.timeline) {
        Json entry = {{"name", level.name},
                      {"begin_ps", level.begin},
                      {"end_ps", level.end},
                      {"grain_ps", level.grain},
                      {"units", Json::array()}};
        for (std::size_t unit = 0; unit < std::min(result.units.size(), level.units.size()); ++unit)
            entry["units"].push_back(unit_json(result.units[unit], level.units[unit]));
        json["levels"].push_back(std::move(entry));
    }
    return json;
}

Json memory_plan_json(const schedule::Schedule& schedule) {
    using schedule::TensorKind;
    constexpr std::array kinds = {
        std::pair{TensorKind::parameter, "parameters"}, std::pair{TensorKind::weight, "weights"},
        std::pair{TensorKind::gradient, "gradients"}, std::pair{TensorKind::moment, "moments"},
        std::pair{TensorKind::constant, "constants"}};
    Json json;
    json["image_bytes"] = schedule.image.size();
    for (const auto& [kind, name] : kinds) {
        std::uint64_t bytes = 0;
        for (const schedule::Tensor& tensor : schedule.tensors)
            if (tensor.kind == kind) bytes += tensor.bytes();
        json[std::string(name) + "_bytes"] = bytes;
    }
    const auto& by_op = schedule.activation_bytes;
    json["activations_bytes"] = by_op.empty() ? 0 : *std::max_element(by_op.begin(), by_op.end());
    json["activation_bytes_by_op"] = by_op;
    return json;
}

} // namespace gradus::report
