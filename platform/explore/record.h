// SPDX-License-Identifier: Apache-2.0
// What is known about a point once it has run: what a child hands to its parent, and a cluster's node to the collector.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradus::explore {

enum class End {
    done,
    refused, ///< the inputs make no run: a model that does not fit into the DRAM, an operator into the scratchpad
    missing, ///< it ran, but its result lacks a figure that is asked for
    failed   ///< it came to no end, or to one with a loss that is not finite
};

struct Record {
    End end = End::failed;
    std::string message;         ///< why it is not done
    std::vector<double> figures; ///< in the order they were asked for; of a point that is done, all of them
    std::string result;          ///< result.json, compressed by zlib
    std::string log;
    double wall_seconds = 0;
    double cpu_seconds = 0;
    std::uint64_t peak_memory_bytes = 0;
};

/// A text that pack() did not write.
class BadRecord : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One line of JSON, a line feed, then `result` as it is.
std::string pack(const Record& record);
/// Throws BadRecord.
Record unpack(std::string text);

/// For `result`.
std::string compress(const std::string& text);

} // namespace gradus::explore
