// SPDX-License-Identifier: Apache-2.0
// Many machines through Slurm's job arrays. Submitter and nodes share a file system and nothing else:
//
//   FOLDER/slurm/job              name of the scenario, path of the firmware, figures wanted; one a line
//   FOLDER/slurm/points/HASH.toml inputs of a point
//   FOLDER/slurm/batch-N/TASK     hashes of the points of one task, one a line; a batch is one job array
//   FOLDER/slurm/results/HASH     the record of a point, which takes its name when it is complete
//
// That is also all the state there is. A submitter that was killed looks at the folder and at the queue, where its
// arrays are known by name, and goes on. A point that has no result and is in no task of the queue is submitted again,
// whatever became of its task; after three tasks that ended without its result it has failed. No node opens the
// database.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/explore/study.h"

namespace gradus::explore {

struct SlurmOptions {
    std::string program; ///< this program, by a path that the nodes know
    std::size_t points_per_task = 10;
    process::Limits limits;                    ///< of each point
    std::vector<std::string> sbatch_arguments; ///< "--partition=main" ...
};

/// The runner on a cluster; `folder` is the sweep's. Throws std::runtime_error with sbatch's own words when Slurm does
/// not take a job.
Runner slurm_runner(const SlurmOptions& options, const std::filesystem::path& folder, const std::string& firmware,
                    const std::vector<std::string>& figures);

/// On a node: runs the points of one task, FOLDER/slurm/batch-N/TASK, that have no result yet, `jobs` at a time.
void run_slurm_task(const std::filesystem::path& task, unsigned jobs, const process::Limits& limits);

} // namespace gradus::explore
