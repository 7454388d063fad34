// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace gradus::files {

/// Locks an open file for this process, and returns nothing; or returns the process that has locked it (0: one that is
/// not known here, such as one of another machine). The lock is gone when this process closes the file or ends, however
/// it ends; children that it forks do not have it. On a file system without locks everybody gets one.
std::optional<int> lock(int file);

} // namespace gradus::files
