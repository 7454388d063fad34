// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/slurm.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "platform/explore/evaluation.h"
#include "platform/explore/inputs.h"
#include "platform/explore/pool.h"
#include "platform/files/whole_file.h"
#include "platform/process/command.h"
#include "platform/scenario/load.h"
#include "platform/scenario/read_file.h"

namespace gradus::explore {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds poll_interval{1};
constexpr std::size_t most_tasks = 1000; // Slurm's MaxArraySize is 1001 unless somebody changes it
constexpr std::size_t most_attempts = 3;

std::vector<std::string> lines_of(const fs::path& file) {
    std::istringstream stream(scenario::read_file(file.string()));
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

class Cluster {
public:
    Cluster(SlurmOptions options, const fs::path& folder, const std::string& firmware, std::vector<std::string> figures)
        : options_(std::move(options)), folder_(fs::absolute(folder).lexically_normal() / "slurm"),
          firmware_(fs::absolute(firmware).lexically_normal().string()), figures_(std::move(figures)),
          job_name_("gradus-" + hash_of(folder_.string()).substr(0, 12)) {}

    void run(const WorkSource& next, const WorkEvents& events) {
        std::vector<Work> work;
        while (std::optional<Work> each = next())
            work.push_back(std::move(*each));
        if (work.empty()) return;
        prepare(work);
        std::map<std::string, const Work*> missing;
        for (const Work& each : work)
            missing.emplace(each.hash, &each);
        for (;;) {
            // In this order: a task that has left the queue has left its results before.
            const auto waiting = points_in_queue();
            collect(missing, events);
            if (missing.empty()) return;
            if (waiting) submit_again(missing, *waiting, events);
            std::this_thread::sleep_for(poll_interval);
        }
    }

private:
    void prepare(const std::vector<Work>& work) const {
        fs::create_directories(folder_ / "points");
        fs::create_directories(folder_ / "results");
        std::string job = work.front().scenario.name + "\n" + firmware_ + "\n";
        for (const std::string& figure : figures_)
            job += figure + "\n";
        files::write((folder_ / "job").string(), job);
        for (const Work& each : work)
            if (const std::string& text = each.scenario.run.text; text != "synthetic" && !scenario::is_regular(text))
                throw scenario::ScenarioError(
                    fmt::format("run.text: '{}' is no file that the nodes of a cluster can read", text));
        for (const Work& each : work)
            if (const fs::path file = folder_ / "points" / (each.hash + ".toml"); !fs::exists(file))
                files::write(file.string(), canonical_text(each.scenario));
    }

    /// Batches by number.
    std::map<std::size_t, fs::path> batches() const {
        std::map<std::size_t, fs::path> found;
        for (const auto& entry : fs::directory_iterator(folder_))
            if (const std::string name = entry.path().filename().string(); name.rfind("batch-", 0) == 0)
                found[std::stoul(name.substr(6))] = entry.path();
        return found;
    }

    std::string name_of_batch(std::size_t number) const { return fmt::format("{}-{}", job_name_, number); }

    /// Hashes; nothing when the queue does not answer, which says nothing about the points.
    std::optional<std::set<std::string>> points_in_queue() const {
        std::set<std::string> points;
        for (const auto& [number, batch] : batches()) {
            const process::CommandOutput queue = process::run_command(
                {"squeue", "--noheader", "--array", "--me", "--format=%K", "--name=" + name_of_batch(number)});
            if (!queue.succeeded) return std::nullopt;
            std::size_t begin = 0;
            for (std::size_t end; (end = queue.text.find('\n', begin)) != std::string::npos; begin = end + 1) {
                const fs::path task = batch / queue.text.substr(begin, end - begin);
                if (!fs::is_regular_file(task)) continue;
                for (std::string& hash : lines_of(task))
                    points.insert(std::move(hash));
            }
        }
        return points;
    }

    void collect(std::map<std::string, const Work*>& missing, const WorkEvents& events) const {
        for (const auto& entry : fs::directory_iterator(folder_ / "results")) {
            const auto found = missing.find(entry.path().filename().string());
            if (found == missing.end()) continue;
            try {
                events.ended(*found->second, unpack(scenario::read_file(entry.path().string())));
                missing.erase(found);
            } catch (const BadRecord&) { // a file system that lost half of it: the point has no result
                std::error_code ignored;
                fs::remove(entry.path(), ignored);
            }
        }
    }

    void submit_again(std::map<std::string, const Work*>& missing, const std::set<std::string>& waiting,
                      const WorkEvents& events) {
        std::map<std::string, std::size_t> attempts;
        for (const auto& [number, batch] : batches())
            for (const auto& task : fs::directory_iterator(batch))
                if (!task.path().has_extension())
                    for (const std::string& hash : lines_of(task.path()))
                        ++attempts[hash];
        std::vector<const Work*> again;
        for (auto each = missing.begin(); each != missing.end();) {
            const Work& work = *(each++)->second;
            if (waiting.count(work.hash)) continue;
            if (attempts[work.hash] < most_attempts) {
                again.push_back(&work);
                continue;
            }
            Record record;
            record.message = fmt::format("{} tasks of the cluster ended without a result of this point", most_attempts);
            events.ended(work, record);
            missing.erase(work.hash);
        }
        std::sort(again.begin(), again.end(), [](const Work* left, const Work* right) { return left->id < right->id; });
        const std::size_t at_once = most_tasks * options_.points_per_task;
        for (std::size_t begin = 0; begin < again.size(); begin += at_once)
            submit({again.begin() + static_cast<std::ptrdiff_t>(begin),
                    again.begin() + static_cast<std::ptrdiff_t>(std::min(again.size(), begin + at_once))},
                   events);
    }

    void submit(const std::vector<const Work*>& work, const WorkEvents& events) {
        const auto known = batches();
        const std::size_t number = known.empty() ? 1 : known.rbegin()->first + 1;
        const fs::path batch = folder_ / fmt::format("batch-{}", number);
        fs::create_directories(batch);
        std::size_t tasks = 0;
        for (std::size_t begin = 0; begin < work.size(); begin += options_.points_per_task, ++tasks) {
            std::string hashes;
            for (std::size_t i = begin; i < std::min(work.size(), begin + options_.points_per_task); ++i)
                hashes += work[i]->hash + "\n";
            files::write((batch / std::to_string(tasks)).string(), hashes);
        }
        std::vector<std::string> words{"sbatch",
                                       "--parsable",
                                       "--job-name=" + name_of_batch(number),
                                       fmt::format("--array=0-{}", tasks - 1),
                                       "--output=" + (batch / "%a.log").string(),
                                       "--open-mode=append"};
        words.insert(words.end(), options_.sbatch_arguments.begin(), options_.sbatch_arguments.end());
        const process::CommandOutput answer = process::run_command(words, script(batch));
        if (!answer.succeeded) {
            std::error_code ignored;
            fs::remove_all(batch, ignored); // nobody tried these
            throw std::runtime_error(fmt::format("Slurm does not take the job: {}", answer.text));
        }
        for (const Work* each : work)
            events.started(*each);
    }

    std::string script(const fs::path& batch) const {
        std::string limits;
        if (options_.limits.memory_bytes)
            limits += fmt::format(" --memory-limit {}", options_.limits.memory_bytes >> 20);
        if (options_.limits.wall_seconds > 0) limits += fmt::format(" --time-limit {}", options_.limits.wall_seconds);
        return fmt::format(
            "#!/bin/sh\nexec {} sweep --jobs \"${{SLURM_CPUS_PER_TASK:-1}}\"{} --task {}/\"$SLURM_ARRAY_TASK_ID\"\n",
            shell_quoted(options_.program), limits, shell_quoted(batch.string()));
    }

    static std::string shell_quoted(const std::string& text) {
        std::string result = "'";
        for (const char each : text)
            result += each == '\'' ? std::string("'\\''") : std::string(1, each);
        return result + "'";
    }

    SlurmOptions options_;
    fs::path folder_;
    std::string firmware_;
    std::vector<std::string> figures_;
    std::string job_name_;
};

} // namespace

Runner slurm_runner(const SlurmOptions& options, const fs::path& folder, const std::string& firmware,
                    const std::vector<std::string>& figures) {
    return [=](const WorkSource& next, const WorkEvents& events) {
        Cluster(options, folder, firmware, figures).run(next, events);
    };
}

void run_slurm_task(const fs::path& task, unsigned jobs, const process::Limits& limits) {
    const fs::path folder = task.parent_path().parent_path();
    std::vector<std::string> job = lines_of(folder / "job");
    if (job.size() < 2) throw std::runtime_error(fmt::format("'{}' is no job of a sweep", (folder / "job").string()));
    const std::vector<std::string> figures(job.begin() + 2, job.end());
    std::vector<std::string> hashes = lines_of(task);
    const auto result = [&](const std::string& hash) { return folder / "results" / hash; };
    // A task that is run again goes on where it was.
    hashes.erase(
        std::remove_if(hashes.begin(), hashes.end(), [&](const std::string& hash) { return fs::exists(result(hash)); }),
        hashes.end());
    run_each(
        hashes.size(), jobs, limits,
        [&](std::size_t number) {
            scenario::Scenario scenario = scenario::load(folder / "points" / (hashes[number] + ".toml"));
            scenario.name = job[0];
            return evaluate(scenario, job[1], figures);
        },
        [&](process::Outcome outcome) {
            const std::string file = result(hashes[outcome.number]).string();
            files::write(file, pack(record_of(std::move(outcome))));
        });
}

} // namespace gradus::explore
