// SPDX-License-Identifier: Apache-2.0
// What of a run shows in the terminal while it goes on, and uart.log.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "platform/chip/simulation.h"
#include "platform/files/whole_file.h"
#include "platform/report/progress.h"

namespace gradus::cli {

/// Passes what the firmware prints on to uart.log and, unless `quiet`, to stdout; keeps progress up to date;
/// warns of the first loss that is not finite.
class Listener : public chip::RunListener {
public:
    /// `cause` says where a loss that is not finite comes from; it may be empty, and so may what it says.
    using Cause = std::function<std::string()>;
    Listener(files::WholeFile uart_log, bool quiet, bool has_loss, report::Progress& progress, Cause cause = {});
    /// Keeps uart.log.
    ~Listener() override { uart_log_.keep(); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void uart(char character) override;
    void step_done(std::uint32_t step, float loss, ip::Picoseconds time) override;
    void validated(std::uint32_t step, float loss, ip::Picoseconds time) override;
    /// Prints a last line that has no end. Returns uart.log, to be kept.
    files::WholeFile& finish();

private:
    void print_line();

    files::WholeFile uart_log_;
    bool quiet_;
    bool has_loss_;
    bool warned_ = false;
    std::optional<float> validation_; ///< loss of the last one
    report::Progress& progress_;
    const Cause cause_;
    std::string line_;
};

} // namespace gradus::cli
