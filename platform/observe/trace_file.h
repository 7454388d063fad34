// SPDX-License-Identifier: Apache-2.0
// A file that grows during the run, through one buffer: large enough that writing it costs little, small enough that it
// leaves the processor's caches to the simulation. Errors do not stop the run: the first one is kept, and
// nothing is written after it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace gradus::observe {

class TraceFile {
public:
    /// Throws std::runtime_error when the file cannot be opened.
    explicit TraceFile(std::string path);
    ~TraceFile() { close(); }
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    /// False once it is closed, or an error has happened: what is appended is lost.
    bool good() const { return file_ && !error_; }
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
    /// Later calls change nothing.
    void close();

    const std::string& path() const { return path_; }
    std::uint64_t bytes() const { return bytes_; }
    /// A message for people.
    const std::optional<std::string>& error() const { return error_; }

private:
    static constexpr std::size_t buffer_bytes = 1 << 16;

    void append_rest(std::string_view text);
    void flush();
    void fail(int error_number);

    std::string path_;
    std::FILE* file_;
    std::unique_ptr<char[]> buffer_{new char[buffer_bytes]};
    std::size_t used_ = 0;
    std::uint64_t bytes_ = 0;
    std::optional<std::string> error_;
};

} // namespace gradus::observe
