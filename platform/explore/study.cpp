// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/study.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/cost/clock_limits.h"
#include "platform/explore/constraints.h"
#include "platform/explore/evaluation.h"
#include "platform/explore/inputs.h"
#include "platform/explore/pool.h"
#include "platform/scenario/load.h"

namespace gradus::explore {

namespace {

std::string varied_json(const Sweep& sweep, const Choice& choice) {
    nlohmann::ordered_json varied = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < choice.size(); ++i)
        varied[sweep.dimensions[i].key] = sweep.dimensions[i].levels[choice[i]];
    return varied.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace

Runner local_runner(unsigned jobs, const process::Limits& limits, const std::string& firmware,
                    const std::vector<std::string>& figures) {
    return [=](const WorkSource& next, const WorkEvents& events) {
        std::map<std::size_t, Work> running;
        std::size_t number = 0;
        run_each(
            jobs, limits,
            [&]() -> Job {
                std::optional<Work> work = next();
                if (!work) return nullptr;
                events.started(*work);
                const Work& kept = running[number++] = std::move(*work);
                return [&] { return evaluate(kept.scenario, firmware, figures); };
            },
            [&](process::Outcome outcome) {
                const auto work = running.extract(outcome.number);
                events.ended(work.mapped(), record_of(std::move(outcome)));
            });
    };
}

Study::Study(const Sweep& sweep, Database& database, Runner runner, report::Progress& progress)
    : sweep_(sweep), database_(database), runner_(std::move(runner)), progress_(progress) {}

std::vector<Point> Study::evaluate(const std::vector<Choice>& choices) {
    std::vector<std::int64_t> ids;
    std::set<std::int64_t> handed_out;
    // One at a time, as they are asked for: children run meanwhile, and a large sweep fits into memory.
    const auto next = [&] {
        std::optional<Work> work;
        while (!work && ids.size() < choices.size()) {
            ids.push_back(enter(choices[ids.size()], work));
            if (work && !handed_out.insert(work->id).second) work.reset();
            if (!work) progress_.skip(1);
        }
        return work;
    };
    runner_(next, {[this](const Work& started) { database_.set_running(started.id); },
                   [this](const Work& ended, Record record) { end(ended, std::move(record)); }});
    database_.commit();
    std::vector<Point> points;
    for (const std::int64_t id : ids)
        points.push_back(database_.point(id));
    return points;
}

std::int64_t Study::enter(const Choice& choice, std::optional<Work>& work) {
    const std::string varied = varied_json(sweep_, choice);
    try {
        scenario::Scenario scenario = scenario_of(sweep_, choice);
        const std::string inputs = canonical_text(scenario);
        const std::string hash = hash_of(inputs);
        if (const auto warning = cost::clock_warning(scenario.chip); warning && sweep_.clock_limits)
            return refuse(hash, inputs, varied, *warning);
        const Point point = database_.add(hash, inputs, varied);
        if (point.status == Status::pending) work = Work{point.id, hash, std::move(scenario)};
        return point.id;
    } catch (const scenario::ScenarioError& error) {
        const std::string inputs = "no scenario: " + varied;
        return refuse(hash_of(inputs), inputs, varied, error.what());
    }
}

std::int64_t Study::refuse(const std::string& hash, const std::string& inputs, const std::string& varied,
                           const std::string& why) {
    const Point point = database_.add(hash, inputs, varied);
    Record record;
    record.message = why;
    if (point.status == Status::pending) database_.set_ended(point.id, Status::infeasible, record);
    return point.id;
}

void Study::end(const Work& work, Record record) {
    Status status = Status::failed;
    switch (record.end) {
    case End::done:
        record.message = broken_constraints(sweep_, record.figures);
        status = record.message.empty() ? Status::done : Status::infeasible;
        break;
    case End::refused:
        status = Status::infeasible;
        break;
    case End::missing:
        if (!database_.has_results())
            throw scenario::ScenarioError(
                fmt::format("{}: {}", sweep_.places.at(wanted_figures(sweep_)[record.figures.size()]), record.message));
        record.figures.clear();
        break;
    case End::failed:
        break;
    }
    database_.set_ended(work.id, status, record);
    progress_.advance();
}

} // namespace gradus::explore
