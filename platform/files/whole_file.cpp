// SPDX-License-Identifier: Apache-2.0
#include "platform/files/whole_file.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/files/lock.h"

namespace gradus::files {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40; // as the kernel

/// Where a link leads, also when nothing is there yet.
std::string followed(const std::string& path) {
    std::error_code error;
    if (const fs::path whole = fs::canonical(path, error); !error) return whole.string();
    fs::path target = path;
    for (int links = 0; links < most_links && fs::is_symlink(target, error); ++links)
        target = target.parent_path() / fs::read_symlink(target, error);
    return target.string();
}

/// The path leads to the file that is open.
bool leads_to(const std::string& path, int file) {
    struct stat there {};
    struct stat open {};
    return ::stat(path.c_str(), &there) == 0 && ::fstat(file, &open) == 0 && there.st_dev == open.st_dev &&
           there.st_ino == open.st_ino;
}

std::string message(const std::string& path, const std::string& reason) {
    return fmt::format("cannot write '{}': {}", path, reason);
}

} // namespace

WholeFile::WholeFile(std::string path) : path_(std::move(path)), target_(followed(path_)) {
    struct stat there {};
    const bool exists = ::stat(path_.c_str(), &there) == 0;
    if (!exists && (errno != ENOENT || path_.empty())) refuse(std::strerror(errno));
    if (exists && S_ISDIR(there.st_mode)) refuse(std::strerror(EISDIR));
    if (exists && !S_ISREG(there.st_mode)) {
        open_directly();
        return;
    }
    // Its name could be given to another file all the same, but whoever protects a file means its content.
    constexpr mode_t writable_by_anybody = 0222;
    if (exists && !(there.st_mode & writable_by_anybody)) refuse("it is write-protected");
    if (exists && ::access(target_.c_str(), W_OK) != 0) refuse(std::strerror(errno));
    open_part();
}

WholeFile::WholeFile(WholeFile&& other) noexcept
    : path_(std::move(other.path_)), target_(std::move(other.target_)), part_(std::move(other.part_)),
      file_(std::exchange(other.file_, -1)), buffer_(std::move(other.buffer_)), used_(std::exchange(other.used_, 0)),
      bytes_(other.bytes_), error_(std::move(other.error_)) {}

void WholeFile::open_directly() {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file_ < 0) refuse(std::strerror(errno));
}

void WholeFile::open_part() {
    part_ = target_ + ".part";
    for (;;) {
        file_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (file_ < 0) refuse(std::strerror(errno));
        const std::optional<LockFailure> failure = lock(file_);
        if (!failure && leads_to(part_, file_)) break;
        ::close(std::exchange(file_, -1));
        if (failure && failure->error) refuse(std::strerror(failure->error));
        if (failure && failure->holder) refuse(fmt::format("process {} is writing it", failure->holder));
        if (failure) refuse("another process is writing it");
        // Somebody has kept or dropped it meanwhile: this is not the part any more.
    }
    if (::ftruncate(file_, 0) == 0) return;
    const int error = errno;
    drop();
    refuse(std::strerror(error));
}

void WholeFile::refuse(const std::string& reason) const { throw CannotBegin(message(path_, reason)); }

void WholeFile::remove_earlier() {
    if (!part_.empty() && ::unlink(target_.c_str()) != 0 && errno != ENOENT) refuse(std::strerror(errno));
}

void WholeFile::append_rest(std::string_view text) {
    while (!text.empty()) {
        if (used_ == buffer_bytes) flush();
        const std::size_t piece = std::min(text.size(), buffer_bytes - used_);
        std::memcpy(buffer_.get() + used_, text.data(), piece);
        used_ += piece;
        text.remove_prefix(piece);
    }
}

void WholeFile::flush() {
    std::size_t done = 0;
    while (good() && done < used_) {
        const ssize_t count = ::write(file_, buffer_.get() + done, used_ - done);
        if (count >= 0)
            done += static_cast<std::size_t>(count);
        else if (errno != EINTR)
            fail(errno);
    }
    bytes_ += done;
    used_ = 0;
}

void WholeFile::fail(int error_number) {
    if (!error_) error_ = message(path_, std::strerror(error_number));
}

// The part is closed when it has another name: until then nobody else may take it. What only closing brings to light,
// as on network file systems, takes the name away again.
void WholeFile::keep() {
    if (file_ < 0) return;
    flush();
    const bool directly = part_.empty();
    if (!error_ && !directly && !leads_to(part_, file_)) fail(ENOENT); // somebody has taken it away
    if (!error_ && !directly && ::rename(part_.c_str(), target_.c_str()) != 0) fail(errno);
    if (error_) return drop();
    if (::close(std::exchange(file_, -1)) == 0) return;
    fail(errno);
    if (!directly) ::unlink(target_.c_str());
}

void WholeFile::drop() {
    if (file_ < 0) return;
    if (!part_.empty() && leads_to(part_, file_)) ::unlink(part_.c_str());
    ::close(std::exchange(file_, -1));
    used_ = 0;
}

void write(WholeFile& file, std::string_view content) {
    file.append(content);
    file.keep();
    if (file.error()) throw CannotWrite(*file.error());
}

void write(const std::string& path, std::string_view content) {
    WholeFile file(path);
    write(file, content);
}

} // namespace gradus::files
