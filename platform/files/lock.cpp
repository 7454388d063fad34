// SPDX-License-Identifier: Apache-2.0
#include "platform/files/lock.h"

#include <cerrno>

#include <fcntl.h>

namespace gradus::files {

// A lock of the process (POSIX), not of the open file: a forked child that outlives its parent for a moment must not
// hold it.
std::optional<int> lock(int file) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (fcntl(file, F_SETLK, &whole) == 0) return std::nullopt;
    if (errno != EACCES && errno != EAGAIN) return std::nullopt;
    struct flock holder = whole;
    if (fcntl(file, F_GETLK, &holder) != 0 || holder.l_type == F_UNLCK || holder.l_pid < 0) return 0;
    return holder.l_pid;
}

} // namespace gradus::files
