// SPDX-License-Identifier: Apache-2.0
// Whole files, read in one place with the true reason when that fails. What is no regular file (a pipe, the shell's
// <(...), /dev/stdin) gives its content once: it is kept in memory, so that it can be read again, by this process and
// by the children it forks afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "platform/text/plain.h"

namespace gradus::scenario {

inline constexpr std::uint64_t largest_file = std::uint64_t{1} << 30;

/// One message for people, which names the file: it is not there, is a directory, cannot be read and why, is too large.
class FileError : public std::runtime_error {
public:
    FileError(const std::string& message, bool missing) : std::runtime_error(message), missing_(missing) {}
    /// There is no such file.
    bool missing() const { return missing_; }

private:
    bool missing_;
};

/// The content of a file of at most `most_bytes`. Throws FileError.
std::string read_file(const std::string& path, std::uint64_t most_bytes = largest_file);
/// A descriptor at the beginning of it, for libraries that read themselves; the caller closes it. Throws FileError.
int open_file(const std::string& path, std::uint64_t most_bytes = largest_file);
/// For a std::ifstream that goes back and forth: the path, or that of what was kept of a pipe. Throws FileError.
std::string seekable_path(const std::string& path);
/// For one that goes to the end only: a pipe is not kept. Throws FileError.
std::string streamable_path(const std::string& path);
/// Makes sure that the file can be read, also by children. Throws FileError.
void check_readable(const std::string& path, std::uint64_t most_bytes = largest_file);
/// Other processes find the same content under this path.
bool is_regular(const std::string& path);

/// What relative paths in a file begin at: its folder; for what the shell passes under /dev or /proc the working
/// directory.
std::filesystem::path folder_of(const std::filesystem::path& file);
/// What a thing is called that is read from a file: "names" for names.toml, "pipe" for what the shell passes.
std::string name_of(const std::filesystem::path& file);

using text::shown;

} // namespace gradus::scenario
