// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/evaluation.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "platform/chip/simulation.h"
#include "platform/cost/clock_limits.h"
#include "platform/explore/figures.h"
#include "platform/explore/point.h"
#include "platform/report/result_reader.h"
#include "platform/schedule/schedule.h"

namespace gradus::explore {

namespace {

/// With the steps only if one of the figures is theirs.
nlohmann::ordered_json parsed(const std::string& result, const std::vector<std::string>& figures) {
    const auto of_a_step = [](const std::string& path) { return path.rfind("steps", 0) == 0; };
    if (std::any_of(figures.begin(), figures.end(), of_a_step)) return nlohmann::ordered_json::parse(result);
    std::istringstream text(result);
    return report::read_result(text, [](std::size_t, nlohmann::ordered_json&) {});
}

} // namespace

std::string evaluate(const scenario::Scenario& point, const std::string& firmware,
                     const std::vector<std::string>& figures) {
    Record record;
    const auto refused = [&](const std::runtime_error& error) {
        record.end = End::refused;
        record.message = error.what();
    };
    try {
        const std::string result = simulate(point, firmware);
        const nlohmann::ordered_json json = parsed(result, figures);
        // A training that went wrong is no point to weigh against others, whichever of its figures are wanted. That
        // its clock is beyond the limits of its process was known, and accepted, before.
        for (const auto& warning : json.at("warnings"))
            if (warning != cost::clock_warning(point.chip).value_or("")) {
                record.message = warning.get<std::string>();
                return pack(record);
            }
        Figures found = figures_of(json, figures);
        record.end = found.missing.empty() ? End::done : End::missing;
        record.message = std::move(found.missing);
        record.figures = std::move(found.values);
        record.result = compress(result);
    } catch (const schedule::ScheduleError& error) {
        refused(error);
    } catch (const chip::Refused& error) {
        refused(error);
    }
    return pack(record);
}

Record record_of(process::Outcome outcome) {
    Record record;
    if (outcome.failure)
        record.message = std::move(*outcome.failure);
    else
        record = unpack(std::move(outcome.answer));
    record.log = std::move(outcome.log);
    record.wall_seconds = outcome.wall_seconds;
    record.cpu_seconds = outcome.cpu_seconds;
    record.peak_memory_bytes = outcome.peak_memory_bytes;
    return record;
}

} // namespace gradus::explore
