// SPDX-License-Identifier: Apache-2.0
// The file of a training text, and all of it where that is text, plain or gzip.
#pragma once

#include <cstdint>
#include <string>

namespace gradus::schedule {

/// Larger files (after decompression) are refused: what is read has to stay in memory.
inline constexpr std::uint64_t text_limit_bytes = 64u << 20;

/// A descriptor at its beginning, which the caller closes. ScheduleError: unreadable, larger.
int open_text(const std::string& path, std::uint64_t most_bytes);
/// Decompressed. ScheduleError: unreadable, truncated, too large.
std::string read_text(const std::string& path);

} // namespace gradus::schedule
