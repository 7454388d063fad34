// SPDX-License-Identifier: Apache-2.0
// Figures for people.
#pragma once

#include <cstdint>
#include <string>

namespace gradus::schedule {

/// "812 B", "1.5 KiB", "2.3 GiB".
std::string format_bytes(std::uint64_t bytes);
/// "4,192".
std::string format_count(std::uint64_t count);

} // namespace gradus::schedule
