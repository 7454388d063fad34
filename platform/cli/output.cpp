// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/output.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "platform/report/human.h"

namespace gradus::cli {

std::filesystem::path made_folder(const Command& command, const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        throw UsageError(
            fmt::format("{}: cannot make the output folder '{}': {}", command.name, folder.string(), error.message()));
    return folder;
}

OutputFolder::OutputFolder(const std::filesystem::path& folder) : folder_(made_folder(run_command, folder)) {
    uart_log_.reset(std::fopen(path("uart.log").c_str(), "w"));
    if (!uart_log_)
        throw UsageError(
            fmt::format("run: cannot write to the output folder '{}': {}", folder_.string(), std::strerror(errno)));
    std::error_code error;
    // A run that fails, or that writes no trace, must not leave the last one's files to be mistaken for its own.
    for (const char* name :
         {"result.json", "summary.txt", "report.html", "trace.json", "trace.vcd", "trace.gtkw", "operators.csv"}) {
        std::filesystem::remove(folder_ / name, error);
        if (error) throw UsageError(fmt::format("run: cannot write '{}': {}", path(name), error.message()));
    }
}

Listener::Listener(std::FILE* uart_log, bool quiet, bool has_loss, report::Progress& progress)
    : uart_log_(uart_log), quiet_(quiet), has_loss_(has_loss), progress_(progress) {}

void Listener::uart(char character) {
    constexpr std::size_t longest_line = 4096; // firmware may never end its line
    line_ += character;
    if (character == '\n' || line_.size() >= longest_line) print_line();
}

void Listener::print_line() {
    std::fwrite(line_.data(), 1, line_.size(), uart_log_);
    std::fflush(uart_log_);
    if (!quiet_) {
        progress_.hide();
        std::fwrite(line_.data(), 1, line_.size(), stdout);
        std::fflush(stdout);
    }
    line_.clear();
}

void Listener::step_done(std::uint32_t, float loss, ip::Picoseconds time) {
    progress_.advance([&] {
        const std::string chip = "chip " + report::human_time(time);
        return has_loss_ ? fmt::format("loss {:.3f}  {}", loss, chip) : chip;
    });
}

void Listener::finish() {
    if (!line_.empty()) {
        print_line();
        if (!quiet_) std::fputc('\n', stdout); // what follows begins a line of its own
    }
    progress_.hide();
}

} // namespace gradus::cli
