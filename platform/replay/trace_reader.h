// SPDX-License-Identifier: Apache-2.0
// Reads a trace of memory requests, line by line: it is never held as a whole.
//
//   # anything
//   12.5 R 0x1000 64      when it is issued in ns, R or W, address, bytes
//   R 4096 64             without time: as soon as the request before it is accepted
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

class TraceReader {
public:
    static constexpr ip::Bytes most_bytes = 64 << 10; ///< of a request
    static constexpr std::size_t longest_line = 4096;

    /// Requests have to lie within the first `capacity` bytes.
    TraceReader(std::istream& in, std::string name, ip::Bytes capacity);

    /// The next request, or nothing at the end. Throws TraceError.
    std::optional<TraceRequest> next();
    /// "FILE:LINE: " of the request that was read last.
    std::string place() const;

private:
    bool read_line();
    TraceRequest parse(std::string_view text);
    ip::Picoseconds parse_time(std::string_view word);
    std::uint64_t parse_number(std::string_view word, const char* what) const;
    [[noreturn]] void fail(const std::string& message) const;

    std::istream& in_;
    const std::string name_;
    const ip::Bytes capacity_;
    std::string line_;
    std::uint64_t number_ = 0;
    std::optional<bool> timed_;
    ip::Picoseconds last_ = 0;
};

} // namespace gradus::replay
