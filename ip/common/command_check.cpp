// SPDX-License-Identifier: Apache-2.0
#include "ip/common/command_check.h"

#include <cstddef>

namespace gradus::ip {

std::optional<CommandError> check_header(const command_header& header) {
    if (header.flags & ~COMMAND_FLAG_INTERRUPT) return CommandError{QUEUE_ERROR_VALUE, offsetof(command_header, flags)};
    if (header.reserved0) return CommandError{QUEUE_ERROR_VALUE, offsetof(command_header, reserved0)};
    if (header.reserved1) return CommandError{QUEUE_ERROR_VALUE, offsetof(command_header, reserved1)};
    if (header.op >= COMMAND_MAX_OPS && header.op != COMMAND_NO_OP)
        return CommandError{QUEUE_ERROR_VALUE, offsetof(command_header, op)};
    return {};
}

std::optional<CommandError> check_wait(const command_header& header, unsigned index, unsigned queues) {
    if (header.waits[index].queue_plus_one <= queues) return {};
    return CommandError{QUEUE_ERROR_VALUE,
                        static_cast<std::uint32_t>(offsetof(command_header, waits) + index * sizeof(command_wait))};
}

} // namespace gradus::ip
