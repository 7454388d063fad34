// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/pool.h"

#include <utility>

#include "platform/explore/point.h"

namespace gradus::explore {

std::vector<process::Outcome> run_points(const std::vector<scenario::Scenario>& points, const std::string& firmware,
                                         const PoolOptions& options) {
    std::vector<process::Outcome> outcomes(points.size());
    report::Progress progress(stderr, options.progress, points.size(), "points");
    process::Pool pool(options.jobs, options.limits);
    for (std::size_t next = 0; next < points.size() || pool.running();) {
        if (next < points.size() && !pool.full()) {
            pool.start(next, [&] { return simulate(points[next], firmware); });
            ++next;
            continue;
        }
        process::Outcome outcome = pool.wait();
        const std::size_t number = outcome.number;
        outcomes[number] = std::move(outcome);
        progress.advance();
    }
    return outcomes;
}

} // namespace gradus::explore
