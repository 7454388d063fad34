// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gradus::report {

/// Writes a whole file or leaves what was there: the content goes to a temporary file beside it, which then takes its
/// name. What is no regular file (a pipe, a device) is written directly. Throws std::runtime_error with path and
/// reason.
void write_file(const std::string& path, std::string_view content);

} // namespace gradus::report
