// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/evaluation.h"

#include <utility>

#include "platform/explore/figures.h"
#include "platform/explore/point.h"
#include "platform/schedule/schedule.h"

namespace gradus::explore {

std::string evaluate(const scenario::Scenario& point, const std::string& firmware,
                     const std::vector<std::string>& figures) {
    Record record;
    try {
        const std::string result = simulate(point, firmware);
        Figures found = figures_of(result, figures);
        record.end = found.missing.empty() ? End::done : End::missing;
        record.message = std::move(found.missing);
        record.figures = std::move(found.values);
        record.result = compress(result);
    } catch (const schedule::ScheduleError& error) {
        record.end = End::refused;
        record.message = error.what();
    }
    return pack(record);
}

Record record_of(const process::Outcome& outcome) {
    Record record;
    if (outcome.failure)
        record.message = *outcome.failure;
    else
        record = unpack(outcome.answer);
    record.log = outcome.log;
    record.wall_seconds = outcome.wall_seconds;
    record.cpu_seconds = outcome.cpu_seconds;
    record.peak_memory_bytes = outcome.peak_memory_bytes;
    return record;
}

} // namespace gradus::explore
