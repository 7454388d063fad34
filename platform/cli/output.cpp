// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/output.h"

#include <new>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "platform/cli/standard_output.h"

namespace gradus::cli {

std::filesystem::path made_folder(const Command& command, const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        throw UsageError(
            fmt::format("{}: cannot make the output folder '{}': {}", command.name, folder.string(), error.message()));
    return folder;
}

OutputFolder::OutputFolder(const Command& command, const std::filesystem::path& folder,
                           const std::vector<std::string>& names)
    : folder_(made_folder(command, folder)) {
    try {
        for (const std::string& name : names)
            claimed_.emplace(name, files::WholeFile(path(name)));
        for (auto& [name, file] : claimed_)
            file.remove_earlier();
    } catch (const files::CannotBegin& error) {
        throw UsageError(fmt::format("{}: {}", command.name, error.what()));
    }
}

files::WholeFile OutputFolder::take(const std::string& name) { return std::move(claimed_.extract(name).mapped()); }

void OutputFolder::write(const std::string& name, const std::function<std::string()>& content) {
    fill(name, [&](files::WholeFile& file) { file.append(content()); });
}

void OutputFolder::fill(const std::string& name, const std::function<void(files::WholeFile&)>& content) {
    files::WholeFile file = take(name);
    try {
        content(file);
    } catch (const std::bad_alloc&) {
        errors_.push_back(fmt::format("cannot write '{}': out of memory", file.path()));
        return;
    } catch (const std::exception& error) {
        errors_.push_back(fmt::format("cannot write '{}': {}", file.path(), error.what()));
        return;
    }
    keep(file);
}

void OutputFolder::keep(files::WholeFile& file) {
    file.keep();
    if (file.error())
        errors_.push_back(*file.error());
    else
        written_.insert(file.path());
}

int OutputFolder::complain_of_errors() const {
    for (const std::string& error : errors_)
        complain(error);
    return errors_.empty() ? exit_ok : exit_failed;
}

} // namespace gradus::cli
