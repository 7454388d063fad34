// SPDX-License-Identifier: Apache-2.0
// Runs many points, each in a child process of its own, several at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "platform/process/pool.h"
#include "platform/report/progress.h"
#include "platform/scenario/parameters.h"

namespace gradus::explore {

struct PoolOptions {
    unsigned jobs = process::default_jobs(); ///< points at a time
    process::Limits limits;                  ///< of each point
    report::Progress::Mode progress = report::Progress::mode_for(stderr, false);
};

using Job = std::function<std::string()>;

/// Does what `next` hands out in children, `jobs` at a time, until that is empty; `ended` is told, with the number of
/// the job in the order in which they were handed out. Throws process::Interrupted, and what they throw.
void run_each(unsigned jobs, const process::Limits& limits, const std::function<Job()>& next,
              const std::function<void(process::Outcome)>& ended);

/// The same for every number below `count`.
void run_each(std::size_t count, unsigned jobs, const process::Limits& limits,
              const std::function<std::string(std::size_t)>& work, const std::function<void(process::Outcome)>& ended);

/// The outcomes in the order of `points`: `answer` is the point's result.json as text, or `failure` says in one message
/// why there is none. A point that fails does not stop the rest. Throws process::Interrupted.
std::vector<process::Outcome> run_points(const std::vector<scenario::Scenario>& points, const std::string& firmware,
                                         const PoolOptions& options);

} // namespace gradus::explore
