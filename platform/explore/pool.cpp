// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/pool.h"

#include <utility>

#include "platform/explore/point.h"

namespace gradus::explore {

void run_each(std::size_t count, unsigned jobs, const process::Limits& limits,
              const std::function<std::string(std::size_t)>& work, const std::function<void(std::size_t)>& started,
              const std::function<void(process::Outcome)>& ended) {
    process::Pool pool(jobs, limits);
    for (std::size_t next = 0; next < count || pool.running();) {
        if (next == count || pool.full()) {
            ended(pool.wait());
            continue;
        }
        pool.start(next, [&] { return work(next); });
        started(next++);
    }
}

std::vector<process::Outcome> run_points(const std::vector<scenario::Scenario>& points, const std::string& firmware,
                                         const PoolOptions& options) {
    std::vector<process::Outcome> outcomes(points.size());
    report::Progress progress(stderr, options.progress, points.size(), "points");
    run_each(
        points.size(), options.jobs, options.limits,
        [&](std::size_t point) { return simulate(points[point], firmware); }, [](std::size_t) {},
        [&](process::Outcome outcome) {
            const std::size_t point = outcome.number;
            outcomes[point] = std::move(outcome);
            progress.advance();
        });
    return outcomes;
}

} // namespace gradus::explore
