// SPDX-License-Identifier: Apache-2.0
// The files of a run, and what of it shows in the terminal.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "platform/chip/simulation.h"
#include "platform/cli/command.h"
#include "platform/report/progress.h"

namespace gradus::cli {

/// `folder`, which is there now. Throws UsageError in the name of `command`.
std::filesystem::path made_folder(const Command& command, const std::filesystem::path& folder);

/// A folder that is known to be writable: uart.log is open in it, and the files of an earlier run are gone.
class OutputFolder {
public:
    /// Throws UsageError when the folder cannot be made or written to.
    explicit OutputFolder(const std::filesystem::path& folder);

    std::string path(const char* name) const { return (folder_ / name).string(); }
    std::FILE* uart_log() const { return uart_log_.get(); }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::filesystem::path folder_;
    std::unique_ptr<std::FILE, Close> uart_log_;
};

/// Passes what the firmware prints on to uart.log and, unless `quiet`, to stdout; keeps progress up to date.
class Listener : public chip::RunListener {
public:
    Listener(std::FILE* uart_log, bool quiet, bool has_loss, report::Progress& progress);

    void uart(char character) override;
    void step_done(std::uint32_t step, float loss, ip::Picoseconds time) override;
    /// Prints a last line that has no end.
    void finish();

private:
    void print_line();

    std::FILE* uart_log_;
    bool quiet_;
    bool has_loss_;
    report::Progress& progress_;
    std::string line_;
};

} // namespace gradus::cli
