// SPDX-License-Identifier: Apache-2.0
#include "platform/report/json_parts.h"

#include <algorithm>
#include <variant>

#include "platform/observe/names.h"
#include "platform/scenario/schema.h"

namespace gradus::report {

using Json = nlohmann::ordered_json;

namespace {

Json usage_json(const observe::Usage& usage, ip::Picoseconds time) {
    Json json;
    for (int activity = 0; activity < ip::activity_count; ++activity)
        json[observe::activity_name(static_cast<ip::Activity>(activity))] =
            usage.by_activity[static_cast<std::size_t>(activity)];
    json["idle"] = time - usage.covered();
    return json;
}

} // namespace

double nanoseconds(ip::Picoseconds time) { return static_cast<double>(time) / 1000; }

void put_time(Json& object, const std::string& name, ip::Picoseconds time) {
    object[name + "_ns"] = nanoseconds(time);
    object[name + "_ps"] = time;
}

Json usages_json(const observe::Result& result, const std::vector<observe::Usage>& units, ip::Picoseconds time) {
    Json json = Json::object();
    for (std::size_t unit = 0; unit < std::min(units.size(), result.units.size()); ++unit)
        json[result.units[unit].name] = usage_json(units[unit], time);
    return json;
}

Json origins_json(const scenario::Scenario& scenario) {
    using From = scenario::Origin::From;
    Json json = Json::object();
    for (const scenario::Parameter& parameter : scenario::schema()) {
        const auto found = scenario.origins.find(parameter.key);
        if (found == scenario.origins.end()) continue;
        const scenario::Origin& origin = found->second;
        Json& entry = json[std::string(parameter.key)];
        entry["from"] = origin.from == From::base ? "base" : origin.from == From::file ? "file" : "override";
        entry["place"] = origin.place;
        if (!origin.base) continue;
        std::visit([&](const auto& value) { entry["base"] = value; }, *origin.base);
        entry["base_place"] = origin.base_place.empty() ? Json(nullptr) : Json(origin.base_place);
    }
    return json;
}

Json over_time_json(const observe::Result& result) {
    const observe::OverTime& over_time = result.over_time;
    const auto series = [](const auto& windows, const auto& value_of) {
        Json values = Json::array();
        for (const auto& window : windows)
            values.push_back(value_of(window));
        return values;
    };
    Json json;
    json["window_ps"] = over_time.window;
    json["units"] = Json::array();
    for (std::size_t unit = 0; unit < std::min(result.units.size(), over_time.units.size()); ++unit) {
        const std::vector<observe::Usage>& windows = over_time.units[unit];
        Json entry;
        entry["name"] = result.units[unit].name;
        entry["busy_ps"] = series(windows, [](const observe::Usage& usage) { return usage.busy(); });
        entry["stalls"] = Json::object();
        for (std::size_t activity = 1; activity < static_cast<std::size_t>(ip::activity_count); ++activity) {
            const auto time = [&](const observe::Usage& usage) { return usage.by_activity[activity]; };
            if (std::any_of(windows.begin(), windows.end(), time))
                entry["stalls"][observe::activity_name(static_cast<ip::Activity>(activity))] = series(windows, time);
        }
        json["units"].push_back(std::move(entry));
    }
    json["counters"] = Json::array();
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const auto counter = static_cast<observe::Counter>(i);
        Json entry;
        entry["name"] = observe::info(counter).name;
        entry["unit"] = observe::info(counter).unit;
        entry["total"] = over_time.total[counter];
        entry["values"] = series(over_time.counts, [&](const observe::Counts& counts) { return counts[counter]; });
        json["counters"].push_back(std::move(entry));
    }
    return json;
}

Json bounds_json(const std::vector<LowerBound>& bounds) {
    Json list = Json::array();
    for (const LowerBound& bound : bounds) {
        Json entry;
        entry["resource"] = bound.resource;
        put_time(entry, "time", bound.time);
        list.push_back(std::move(entry));
    }
    return list;
}

Json path_of_step_json(const observe::Result& result, const observe::StepRecord& record) {
    Json json = Json::object();
    for (std::size_t unit = 0; unit < std::min(record.path.size(), result.units.size()); ++unit)
        if (record.path[unit]) json[result.units[unit].name] = record.path[unit];
    return json;
}

} // namespace gradus::report
