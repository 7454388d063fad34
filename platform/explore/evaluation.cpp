// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/evaluation.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "platform/explore/figures.h"
#include "platform/explore/point.h"
#include "platform/report/json_text.h"
#include "platform/schedule/schedule.h"

namespace gradus::explore {

std::string evaluate(const scenario::Scenario& point, const std::string& firmware,
                     const std::vector<std::string>& figures) {
    Record record;
    try {
        const nlohmann::ordered_json result = simulate(point, firmware);
        Figures found = figures_of(result, figures);
        record.end = found.missing.empty() ? End::done : End::missing;
        record.message = std::move(found.missing);
        record.figures = std::move(found.values);
        record.result = compress(report::json_text(result));
    } catch (const schedule::ScheduleError& error) {
        record.end = End::refused;
        record.message = error.what();
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
