// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace gradus::files {

/// Why a file could not be locked.
struct LockFailure {
    int error = 0;  ///< errno; 0: another process has locked it
    int holder = 0; ///< that process; 0: one that is not known here, such as one of another machine
};

/// Locks an open file for this process, and returns nothing. The lock is gone when this process closes the file or
/// ends, however it ends; children that it forks do not have it. On a file system without locks everybody gets one.
std::optional<LockFailure> lock(int file);

} // namespace gradus::files
