// SPDX-License-Identifier: Apache-2.0
// Reads a trace of memory requests, line by line: it is never held as a whole. Plain or gzip, in one of the formats of
// trace_formats.h, which its first request shows. What follows a # is a comment.
//
// Either all requests of a trace have a time or none has. See doc/replay.md.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "ip/common/units.h"
#include "platform/replay/trace_bytes.h"
#include "platform/replay/trace_formats.h"

namespace gradus::replay {

/// A trace that cannot be read or played: "FILE:LINE: what is wrong".
class TraceError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct TraceRequest {
    std::optional<ip::Picoseconds> at; ///< from the start of the trace
    bool write = false;
    std::uint64_t address = 0; ///< from the DRAM's first byte
    ip::Bytes bytes = 0;
};

/// How a trace is understood.
struct TraceSettings {
    ip::Bytes capacity = 0;            ///< requests lie within so many bytes
    std::optional<TraceFormat> format; ///< without one, what its first request looks like
    double cycle_ps = 1000;            ///< of formats with cycles
    ip::Bytes request_bytes = 64;      ///< of requests that do not say it
    /// Addresses of formats that need not say how many bytes are meant are rounded down to a multiple of it.
    ip::Bytes aligned_to = 1;
    std::uint64_t base = 0; ///< address of the DRAM's first byte in the trace
    bool wrap = false;      ///< addresses are taken modulo the capacity; a request that would cross the end ends there
};

class TraceReader {
public:
    static constexpr ip::Bytes most_bytes = 64 << 10; ///< of a request
    static constexpr std::size_t longest_line = 4096;

    TraceReader(std::istream& in, std::string name, TraceSettings settings);

    /// The next request, or nothing at the end. Throws TraceError.
    std::optional<TraceRequest> next();
    /// Of the requests so far; nothing before the first, unless the settings say it.
    std::optional<TraceFormat> format() const { return settings_.format; }
    /// "FILE:LINE: " of the request that was read last.
    std::string place() const;

private:
    bool read_line();
    int get();
    TraceRequest request_of(const TraceLine& line);
    std::optional<ip::Picoseconds> time_of(const TraceLine& line);
    void locate(TraceRequest& request) const;
    [[noreturn]] void fail(const std::string& message) const;

    TraceBytes bytes_;
    const std::string name_;
    TraceSettings settings_;
    std::string line_;
    std::uint64_t number_ = 0;
    std::optional<TraceRequest> written_back_; ///< comes next
    std::optional<bool> timed_;
    ip::Picoseconds last_ = 0;
    std::uint64_t last_cycle_ = 0;
};

} // namespace gradus::replay
