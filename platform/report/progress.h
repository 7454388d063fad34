// SPDX-License-Identifier: Apache-2.0
// Says on stderr how far a run is. On a terminal one line that is rewritten, at most ten times a second; elsewhere a
// plain line every ten seconds, for log files. Nothing for runs that are over within a second. The host's clock is read
// every few steps only, and nothing here is seen by the simulation.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "ip/common/units.h"

namespace gradus::report {

class Progress {
public:
    enum class Mode { silent, lines, bar };
    /// Seconds since some fixed moment.
    using HostClock = std::function<double()>;

    /// silent if `quiet`, bar on a terminal, else lines.
    static Mode mode_for(std::FILE* out, bool quiet);

    Progress(std::FILE* out, Mode mode, unsigned steps, HostClock clock = steady_clock());
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// No loss: no numbers are computed.
    void step_done(std::optional<float> loss, ip::Picoseconds time);
    /// Clears the bar, for whoever wants to print something else; the next step draws it again.
    void hide();

    static HostClock steady_clock();

private:
    std::string line(double now, std::optional<float> loss, ip::Picoseconds time) const;
    void print(const std::string& text);
    void show(double now, const std::string& text);

    std::FILE* out_;
    Mode mode_;
    unsigned steps_;
    HostClock clock_;
    double begin_;
    double next_show_;
    double last_check_;
    std::uint64_t done_ = 0;
    std::uint64_t last_checked_ = 0;
    std::uint64_t next_check_ = 1;
    bool shown_ = false;
};

} // namespace gradus::report
