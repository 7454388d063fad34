// SPDX-License-Identifier: Apache-2.0
// A file that takes its name when it is whole. Until then its content stands beside it, under its name and ".part":
//
//   files::WholeFile file("out/result.json"); // out/result.json.part is there
//   file.append(text);
//   file.keep();                              // it has become out/result.json
//
// What is not kept is removed. The name belongs to the process that makes the object: another one that wants it too is
// refused, until this one keeps the file, drops it, or ends, however it ends. What a killed process leaves under the
// name with ".part" is taken over by the next.
//
// Errors do not stop whoever writes: the first one is remembered, nothing is written after it, and such a file is not
// kept. A link stays a link, and what it points to is replaced. What is no regular file (a pipe, a device) is written
// directly, and nobody can claim it.
//
// One buffer: large enough that writing costs little, small enough that it leaves the processor's caches to the
// simulation.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace gradus::files {

/// A file that cannot be begun; one message for people, with path and reason.
class CannotBegin : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A file that could not be written to its end; one message for people, with path and reason.
class CannotWrite : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class WholeFile {
public:
    /// Throws CannotBegin: there is no such folder, no permission, the name is that of a folder or of a file that
    /// nobody may write, or another process is writing it.
    explicit WholeFile(std::string path);
    ~WholeFile() { drop(); }
    WholeFile(WholeFile&& other) noexcept;
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;

    /// Removes what has the name now. Throws CannotBegin.
    void remove_earlier();

    /// False once it is kept or dropped, or an error has happened: what is appended is lost.
    bool good() const { return file_ >= 0 && !error_; }
    void append(std::string_view text) {
        if (text.size() > buffer_bytes - used_) return append_rest(text);
        std::memcpy(buffer_.get() + used_, text.data(), text.size());
        used_ += text.size();
    }
    /// Decimal.
    void append(std::uint64_t number) {
        const fmt::format_int digits(number);
        append(std::string_view(digits.data(), digits.size()));
    }
    void append(const char* text) { append(std::string_view(text)); }
    /// Passes what is in the buffer on to the file.
    void flush();
    /// Gives the file its name, unless an error has happened: then it is dropped. Later calls change nothing.
    void keep();
    /// Removes what was written. Later calls change nothing.
    void drop();

    const std::string& path() const { return path_; }
    std::uint64_t bytes() const { return bytes_; } ///< that were flushed
    /// A message for people, with path and reason.
    const std::optional<std::string>& error() const { return error_; }

private:
    static constexpr std::size_t buffer_bytes = 1 << 16;

    void open_directly();
    void open_part();
    [[noreturn]] void refuse(const std::string& reason) const;
    void append_rest(std::string_view text);
    void fail(int error_number);

    std::string path_;   // as people know it
    std::string target_; // what it means, through links
    std::string part_;   // empty: the target is written directly
    int file_ = -1;
    std::unique_ptr<char[]> buffer_{new char[buffer_bytes]};
    std::size_t used_ = 0;
    std::uint64_t bytes_ = 0;
    std::optional<std::string> error_;
};

/// Writes the whole file or leaves what was there. Throws CannotWrite.
void write(WholeFile& file, std::string_view content);
/// The same. Throws CannotBegin, too.
void write(const std::string& path, std::string_view content);

} // namespace gradus::files
