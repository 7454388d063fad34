// SPDX-License-Identifier: Apache-2.0
// Lines of memory traces, of this program and of others. See doc/replay.md.
//
//   gradus            12.5 R 0x1000 64     ns, R or W, address, bytes; all or none without ns
//   ramulator         0x1000 R             Ramulator 1, memory traces (README, "Memory Trace Driven")
//   ramulator-ldst    LD 0x1000            Ramulator 2, src/ramulator/frontend/impl/memory_trace/loadstore_trace.cpp
//   ramulator-cpu     3 4096 8192          Ramulator 1, CPU traces: instructions before, read, write back
//   dramsim           0x1000 READ 12       DRAMSim2, TraceBasedSim.cpp; DRAMsim3, src/common.cc
//   dramsys           12: (64) read 0x1000 DRAMSys, src/DRAMSys/initiators/player/StlPlayer.cpp
//   dramsys-relative  the same, in cycles after the request before
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ip/common/units.h"

namespace gradus::replay {

enum class TraceFormat { gradus, ramulator, load_store, cpu, dramsim, dramsys, dramsys_relative };

struct TraceFormatInfo {
    TraceFormat format = TraceFormat::gradus;
    std::string_view name;
    std::string_view line; ///< what one looks like
    bool cycles = false;   ///< says when in cycles
    bool no_bytes = false; ///< need not say how many bytes a request has
};

/// All of them.
const std::vector<TraceFormatInfo>& trace_formats();
const TraceFormatInfo& info_of(TraceFormat format);

/// What is wrong with a line, without its place.
class LineError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What a line says; nothing of what it does not say.
struct TraceLine {
    std::optional<ip::Picoseconds> at;
    std::optional<std::uint64_t> cycle;
    bool write = false;
    std::uint64_t address = 0;
    std::optional<std::uint64_t> bytes;
    std::optional<std::uint64_t> write_back; ///< an address, written after this request
};

/// The only format that the line can be in. Throws LineError if there is none.
TraceFormat recognised_format(std::string_view line);

/// `line` has a word or more. Throws LineError.
TraceLine parse_line(std::string_view line, TraceFormat format);

/// A number, in hexadecimal behind 0x. Throws LineError: it is no `what`.
std::uint64_t parse_number(std::string_view word, const char* what);

} // namespace gradus::replay
