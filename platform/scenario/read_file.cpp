// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/read_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace gradus::scenario {

namespace {

constexpr std::size_t longest_path = 1000;

std::string quoted(const std::string& path) { return "'" + shown(path, longest_path) + "'"; }

[[noreturn]] void refuse_file(const std::string& path, int error) {
    if (error == ENOENT) throw FileError(fmt::format("there is no file {}", quoted(path)), true);
    if (error == EISDIR) throw FileError(fmt::format("{} is a directory, not a file", quoted(path)), false);
    throw FileError(fmt::format("{} cannot be read: {}", quoted(path), std::strerror(error)), false);
}

[[noreturn]] void fail_large(const std::string& path, std::uint64_t most_bytes) {
    constexpr std::uint64_t kibi = 1024, mebi = kibi * kibi;
    const bool large = most_bytes >= mebi;
    throw FileError(
        fmt::format("{} is larger than {} {}", quoted(path), most_bytes / (large ? mebi : kibi), large ? "MiB" : "KiB"),
        false);
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return number_; }
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

int opened(const std::string& path) {
    int number = -1;
    do
        number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    while (number < 0 && errno == EINTR);
    return number;
}

/// Hands everything that comes out of `file` to `use`, part by part.
template <typename Use>
void read_all(int file, const std::string& path, std::uint64_t most_bytes, const Use& use) {
    std::array<char, 1 << 16> part; // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
    std::uint64_t bytes = 0;
    for (;;) {
        const ssize_t count = ::read(file, part.data(), part.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse_file(path, errno);
        if (count == 0) return;
        bytes += static_cast<std::uint64_t>(count);
        if (bytes > most_bytes) fail_large(path, most_bytes);
        use(std::string_view(part.data(), static_cast<std::size_t>(count)));
    }
}

void write_all(int file, std::string_view part, const std::string& path) {
    while (!part.empty()) {
        const ssize_t count = ::write(file, part.data(), part.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse_file(path, errno);
        part.remove_prefix(static_cast<std::size_t>(count));
    }
}

using Identity = std::pair<dev_t, ino_t>; // a path under /dev/fd may be another pipe's later

/// Descriptors of what has come out of pipes. They stay open as long as the program runs.
std::map<Identity, int>& kept() {
    static std::map<Identity, int> files;
    return files;
}

struct stat status_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) refuse_file(path, errno);
    if (S_ISDIR(status.st_mode)) refuse_file(path, EISDIR);
    return status;
}

int opened_or_fail(const std::string& path) {
    const int file = opened(path);
    if (file < 0) refuse_file(path, errno);
    return file;
}

/// Of what is no regular file: a path to what has come out of it, which is read now unless it has been before.
std::string kept_path(const std::string& path, const struct stat& status, std::uint64_t most_bytes) {
    const Identity identity{status.st_dev, status.st_ino};
    auto known = kept().find(identity);
    if (known == kept().end()) { // opening a pipe again could wait forever
        const Descriptor file(opened_or_fail(path));
        Descriptor copy(::memfd_create("gradus", MFD_CLOEXEC));
        if (copy.get() < 0) refuse_file(path, errno);
        read_all(file.get(), path, most_bytes, [&](std::string_view part) { write_all(copy.get(), part, path); });
        known = kept().emplace(identity, copy.release()).first;
    }
    return fmt::format("/proc/self/fd/{}", known->second); // opened anew, it has a position of its own
}

/// What the shell passes: its folder and name mean nothing.
bool is_passed(const std::filesystem::path& file) {
    const std::string path = file.string();
    return path.rfind("/dev/fd/", 0) == 0 || path.rfind("/proc/", 0) == 0 || path == "/dev/stdin";
}

} // namespace

int open_file(const std::string& path, std::uint64_t most_bytes) {
    const struct stat status = status_of(path);
    if (!S_ISREG(status.st_mode)) return opened_or_fail(kept_path(path, status, most_bytes));
    if (static_cast<std::uint64_t>(status.st_size) > most_bytes) fail_large(path, most_bytes);
    return opened_or_fail(path);
}

std::string seekable_path(const std::string& path) {
    const struct stat status = status_of(path);
    if (!S_ISREG(status.st_mode)) return kept_path(path, status, largest_file);
    const Descriptor readable(opened_or_fail(path));
    return path;
}

std::string streamable_path(const std::string& path) {
    return S_ISREG(status_of(path).st_mode) ? seekable_path(path) : path;
}

std::string read_file(const std::string& path, std::uint64_t most_bytes) {
    const Descriptor file(open_file(path, most_bytes));
    std::string content;
    read_all(file.get(), path, most_bytes, [&](std::string_view part) { content += part; });
    return content;
}

void check_readable(const std::string& path, std::uint64_t most_bytes) {
    const Descriptor file(open_file(path, most_bytes));
}

bool is_regular(const std::string& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && !is_passed(path);
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return is_passed(file) ? std::filesystem::path() : file.parent_path();
}

std::string name_of(const std::filesystem::path& file) { return is_passed(file) ? "pipe" : file.stem().string(); }

} // namespace gradus::scenario
