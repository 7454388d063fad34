// SPDX-License-Identifier: Apache-2.0
#include "platform/files/lock.h"

#include <cerrno>

#include <fcntl.h>

namespace gradus::files {

namespace {

/// Of a file system without locks, or one whose server of locks does not run.
bool has_no_locks(int error) { return error == ENOLCK || error == EOPNOTSUPP || error == ENOSYS || error == EINVAL; }

} // namespace

// A lock of the process (POSIX), not of the open file: a forked child that outlives its parent for a moment must not
// hold it.
std::optional<LockFailure> lock(int file) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    int result = 0;
    do
        result = fcntl(file, F_SETLK, &whole);
    while (result != 0 && errno == EINTR);
    if (result == 0 || has_no_locks(errno)) return std::nullopt;
    if (errno != EACCES && errno != EAGAIN) return LockFailure{errno, 0};
    struct flock holder = whole;
    if (fcntl(file, F_GETLK, &holder) != 0 || holder.l_type == F_UNLCK || holder.l_pid < 0) return LockFailure{0, 0};
    return LockFailure{0, holder.l_pid};
}

} // namespace gradus::files
