// SPDX-License-Identifier: Apache-2.0
// The files that a command leaves in a folder.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "platform/cli/command.h"
#include "platform/files/whole_file.h"

namespace gradus::cli {

/// `folder`, which is there now. Throws UsageError in the name of `command`.
std::filesystem::path made_folder(const Command& command, const std::filesystem::path& folder);

/// A folder and its files, all claimed before anything is simulated: what cannot be written is refused then, and so is
/// a folder that another process is writing into. What an earlier one left under these names is gone, so that nothing
/// of it is mistaken for this one's. Files that are not written do not come to be.
class OutputFolder {
public:
    /// Makes the folder. Throws UsageError in the name of `command`.
    OutputFolder(const Command& command, const std::filesystem::path& folder, const std::vector<std::string>& names);

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    /// One of the files, for whoever writes it bit by bit.
    files::WholeFile take(const std::string& name);
    /// Leaves the file to others, unless it was taken.
    void release(const std::string& name) { claimed_.erase(name); }
    /// Writes what `content` makes. What goes wrong is an error of this file alone.
    void write(const std::string& name, const std::function<std::string()>& content);
    /// The same for what comes piece by piece.
    void fill(const std::string& name, const std::function<void(files::WholeFile&)>& content);
    /// Gives a file that was taken its name. What goes wrong is an error of this file alone.
    void keep(files::WholeFile& file);
    /// A file that was taken could not be written; a message for people.
    void note_error(const std::string& message) { errors_.push_back(message); }

    /// Paths of the files that write() and keep() have made.
    const std::set<std::string>& written() const { return written_; }
    /// Complains of every file that could not be written, and returns the exit code that follows from it.
    int complain_of_errors() const;

private:
    std::filesystem::path folder_;
    std::map<std::string, files::WholeFile> claimed_;
    std::set<std::string> written_;
    std::vector<std::string> errors_;
};

} // namespace gradus::cli
