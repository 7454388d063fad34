// SPDX-License-Identifier: Apache-2.0
#include "platform/report/progress.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "platform/report/human.h"
#include "platform/report/terminal.h"

namespace gradus::report {

namespace {

constexpr double bar_after = 1; // seconds
constexpr double bar_interval = 0.1;
constexpr double lines_interval = 10;
constexpr double check_interval = 0.02;
constexpr std::uint64_t check_steps = 64; // at most: steps may get slower
constexpr std::size_t bar_width = 10;

} // namespace

Progress::HostClock Progress::steady_clock() {
    return [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
}

Progress::Mode Progress::mode_for(std::FILE* out, bool quiet) {
    if (quiet) return Mode::silent;
    return terminal(out).rewrites ? Mode::bar : Mode::lines;
}

Progress::Progress(std::FILE* out, Mode mode, std::uint64_t total, std::string noun, HostClock clock, Width width)
    : out_(out), mode_(mode), total_(total), noun_(std::move(noun)), clock_(std::move(clock)),
      width_(width ? std::move(width) : [out] { return terminal(out).width; }), begin_(clock_()),
      next_show_(begin_ + (mode == Mode::bar ? bar_after : lines_interval)), last_check_(begin_) {}

Progress::~Progress() { hide(); }

void Progress::advance(const std::function<std::string()>& details) {
    ++done_;
    if (mode_ == Mode::silent || done_ < next_check_) return;
    const double now = clock_();
    // As many steps as fit between two looks at the clock, going by the last ones.
    const double per_step = (now - last_check_) / static_cast<double>(done_ - last_checked_);
    const double fitting = per_step > 0 ? check_interval / per_step : static_cast<double>(check_steps);
    next_check_ = done_ + static_cast<std::uint64_t>(std::clamp(fitting, 1.0, static_cast<double>(check_steps)));
    last_check_ = now;
    last_checked_ = done_;
    if (now >= next_show_) show(now, line(now, details ? details() : ""));
}

void Progress::between(const std::function<std::string()>& details) {
    if (mode_ == Mode::silent) return;
    const double now = clock_();
    if (now >= next_show_) show(now, line(now, details()));
}

std::string Progress::line(double now, const std::string& details) const {
    const double rate = static_cast<double>(done_) / (now - begin_);
    const double share = total_ ? static_cast<double>(done_) / static_cast<double>(total_) : 0;
    std::string text = fmt::format("{}/{}", done_, total_);
    if (!details.empty()) text += "  " + details;
    if (done_ > 0)
        text += rate < 9.95 ? fmt::format("  {:.2g} {}/s", rate, noun_) : fmt::format("  {:.0f} {}/s", rate, noun_);
    if (done_ > 0 && done_ < total_)
        text += fmt::format("  {} left", human_seconds(std::max(1.0, static_cast<double>(total_ - done_) / rate)));
    // The last column stays free: some terminals go on to the next line as soon as it is taken.
    const std::size_t room = width_() - 1;
    const bool fits = columns(text) + bar_width + 3 <= room;
    return plain(mode_ == Mode::bar && fits ? fmt::format("▕{}▏ {}", bar(share, bar_width), text) : text, room);
}

// A terminal that has gone away is no reason to end a run: errors are ignored.
void Progress::print(const std::string& text) {
    std::fputs(text.c_str(), out_);
    std::fflush(out_);
}

void Progress::show(double now, const std::string& text) {
    print(mode_ == Mode::bar ? "\r" + text + "\x1b[K" : text + "\n");
    shown_ = mode_ == Mode::bar;
    next_show_ = now + (mode_ == Mode::bar ? bar_interval : lines_interval);
}

void Progress::hide() {
    if (!shown_) return;
    print("\r\x1b[K");
    shown_ = false;
}

} // namespace gradus::report
