// SPDX-License-Identifier: Apache-2.0
// Says on stderr how far a run, or a set of runs, is. On a terminal one line that is rewritten and never wider than it,
// at most ten times a second; elsewhere a plain line every ten seconds, for log files. Nothing for runs that are over
// within a second. The host's clock is read every few steps only, and nothing here is seen by the simulation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

namespace gradus::report {

class Progress {
public:
    enum class Mode { silent, lines, bar };
    /// Seconds since some fixed moment.
    using HostClock = std::function<double()>;

    /// silent if `quiet`, bar on a terminal that can rewrite a line, else lines.
    static Mode mode_for(std::FILE* out, bool quiet);

    /// Columns of what is written to, now.
    using Width = std::function<std::size_t()>;

    /// `noun` is what is counted, in the plural: "steps".
    Progress(std::FILE* out, Mode mode, std::uint64_t total, std::string noun, HostClock clock = steady_clock(),
             Width width = {});
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// One more is done. `details`, which may be empty, makes what stands behind the count; it is called only when that
    /// is shown.
    void advance(const std::function<std::string()>& details = {});
    /// Nothing more is done yet, and `details` says what is being done.
    void between(const std::function<std::string()>& details);
    /// That many fewer are to be done than was thought.
    void skip(std::uint64_t count) { total_ -= std::min(total_, count); }
    /// That many more are to be done than was thought.
    void expect(std::uint64_t count) { total_ += count; }
    /// Clears the bar, for whoever wants to print something else; the next step draws it again.
    void hide();

    static HostClock steady_clock();

private:
    std::string line(double now, const std::string& details) const;
    void print(const std::string& text);
    void show(double now, const std::string& text);

    std::FILE* out_;
    Mode mode_;
    std::uint64_t total_;
    std::string noun_;
    HostClock clock_;
    Width width_;
    double begin_;
    double next_show_;
    double last_check_;
    std::uint64_t done_ = 0;
    std::uint64_t last_checked_ = 0;
    std::uint64_t next_check_ = 1;
    bool shown_ = false;
};

} // namespace gradus::report
