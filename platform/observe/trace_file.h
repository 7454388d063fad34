// SPDX-License-Identifier: Apache-2.0
// A file that grows during the run, through one large buffer. Errors do not stop the run: the first one is kept, and
// nothing is written after it.
#pragma once

#include <cstdint>
#include <cstdio>
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
    void append(std::string_view text) { buffer_.append(text.data(), text.data() + text.size()); }
    /// For fmt::format_to.
    auto out() { return fmt::appender(buffer_); }
    /// To be called after each piece that was appended.
    void written() {
        if (buffer_.size() >= buffer_bytes) flush();
    }
    /// Later calls change nothing.
    void close();

    const std::string& path() const { return path_; }
    std::uint64_t bytes() const { return bytes_; }
    /// A message for people.
    const std::optional<std::string>& error() const { return error_; }

private:
    static constexpr std::size_t buffer_bytes = 1 << 20;

    void flush();
    void fail(int error_number);

    std::string path_;
    std::FILE* file_;
    fmt::memory_buffer buffer_;
    std::uint64_t bytes_ = 0;
    std::optional<std::string> error_;
};

} // namespace gradus::observe
