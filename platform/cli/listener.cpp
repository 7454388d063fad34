// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/listener.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "platform/cli/standard_output.h"
#include "platform/report/analysis.h"
#include "platform/report/human.h"

namespace gradus::cli {

Listener::Listener(files::WholeFile uart_log, bool quiet, bool has_loss, report::Progress& progress, Cause cause)
    : uart_log_(std::move(uart_log)), quiet_(quiet), has_loss_(has_loss), progress_(progress),
      cause_(std::move(cause)) {}

void Listener::uart(char character) {
    constexpr std::size_t longest_line = 4096; // firmware may never end its line
    line_ += character;
    if (character == '\n' || line_.size() >= longest_line) print_line();
}

void Listener::print_line() {
    uart_log_.append(line_);
    uart_log_.flush();
    if (!quiet_) {
        progress_.hide();
        put(line_);
        flush_output();
    }
    line_.clear();
}

void Listener::step_done(std::uint32_t step, float loss, ip::Picoseconds time) {
    if (has_loss_ && !warned_ && !std::isfinite(loss)) {
        progress_.hide();
        complain("warning: " + report::loss_warning(step, static_cast<double>(loss), cause_ ? cause_() : ""));
        warned_ = true;
    }
    progress_.advance([&] {
        std::string chip = "chip " + report::human_time(time);
        if (!has_loss_) return chip;
        const auto shown = [](float value) { return report::human_loss(static_cast<double>(value), 3); };
        const std::string validation = validation_ ? fmt::format("validation {}  ", shown(*validation_)) : "";
        return fmt::format("loss {}  {}{}", shown(loss), validation, chip);
    });
}

void Listener::validated(std::uint32_t /*step*/, float loss, ip::Picoseconds /*time*/) { validation_ = loss; }

files::WholeFile& Listener::finish() {
    if (!line_.empty()) {
        print_line();
        if (!quiet_) put("\n"); // what follows begins a line of its own
    }
    progress_.hide();
    return uart_log_;
}

} // namespace gradus::cli
