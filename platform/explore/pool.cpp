// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/pool.h"

#include <optional>
#include <utility>

#include "platform/explore/point.h"

namespace gradus::explore {

void run_each(unsigned jobs, const process::Limits& limits, const std::function<Job()>& next,
              const std::function<void(process::Outcome)>& ended) {
    process::Pool pool(jobs, limits);
    Job job = next();
    for (std::size_t number = 0; job || pool.running();) {
        std::optional<process::Outcome> outcome;
        if (!job || pool.full()) outcome = pool.wait();
        if (job) pool.start(number++, job);
        // While the next one runs: no processor waits for this.
        if (outcome) ended(std::move(*outcome));
        if (job) job = next();
    }
}

void run_each(std::size_t count, unsigned jobs, const process::Limits& limits,
              const std::function<std::string(std::size_t)>& work, const std::function<void(process::Outcome)>& ended) {
    std::size_t handed_out = 0;
    run_each(
        jobs, limits,
        [&]() -> Job {
            if (handed_out == count) return nullptr;
            return [&work, number = handed_out++] { return work(number); };
        },
        ended);
}

std::vector<process::Outcome> run_points(const std::vector<scenario::Scenario>& points, const std::string& firmware,
                                         const PoolOptions& options) {
    std::vector<process::Outcome> outcomes(points.size());
    report::Progress progress(stderr, options.progress, points.size(), "points");
    run_each(
        points.size(), options.jobs, options.limits,
        [&](std::size_t point) { return simulate(points[point], firmware); },
        [&](process::Outcome outcome) {
            const std::size_t point = outcome.number;
            outcomes[point] = std::move(outcome);
            progress.advance();
        });
    return outcomes;
}

} // namespace gradus::explore
