// SPDX-License-Identifier: Apache-2.0
// A sweep under way: points asked for become rows of the database, and those without a result are run. What the
// database knows already is not run again; a sweep that was killed is resumed by asking for the same points.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platform/explore/database.h"
#include "platform/explore/sweep_file.h"
#include "platform/process/pool.h"
#include "platform/report/progress.h"
#include "platform/scenario/parameters.h"

namespace gradus::explore {

/// A point that has to run.
struct Work {
    std::int64_t id = 0;
    std::string hash;
    scenario::Scenario scenario;
};

/// What happens to work while it is run.
struct WorkEvents {
    std::function<void(const Work&)> started;
    std::function<void(const Work&, Record)> ended;
};

/// The next piece of work; nothing at the end.
using WorkSource = std::function<std::optional<Work>()>;

/// Runs all of the work.
using Runner = std::function<void(const WorkSource&, const WorkEvents&)>;

/// The runner on this machine: `jobs` children at a time.
Runner local_runner(unsigned jobs, const process::Limits& limits, const std::string& firmware,
                    const std::vector<std::string>& figures);

class Study {
public:
    Study(const Sweep& sweep, Database& database, Runner runner, report::Progress& progress);

    /// One a choice, in their order; none is pending. Throws process::Interrupted, and scenario::ScenarioError when the
    /// first result lacks a figure that the sweep asks for.
    std::vector<Point> evaluate(const std::vector<Choice>& choices);

private:
    /// The id of the point; `work` when it has to run.
    std::int64_t enter(const Choice& choice, std::optional<Work>& work);
    /// Records a point that does not run.
    std::int64_t refuse(const std::string& hash, const std::string& inputs, const std::string& varied,
                        const std::string& why);
    void end(const Work& work, Record record);

    const Sweep& sweep_;
    Database& database_;
    Runner runner_;
    report::Progress& progress_;
};

} // namespace gradus::explore
