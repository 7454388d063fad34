/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/command.h"

struct command_context command_context;

struct command* command_split(struct command* command, uint64_t queue) {
    uint64_t* header = (uint64_t*)&command->header;
    header[0] = command_context.tag | COMMAND_FENCE;
    header[1] = command_context.step_op;
    command_context.known[queue][queue] = queue_submit(queue);
    struct command* another = queue_next(queue);
    command_clear_waits(another);
    return another;
}

void command_drain(uint64_t count) {
    command_context.entered = UINT64_MAX;
    struct issue issue = command_begin(0);
    for (uint64_t queue = 1; queue < count; ++queue)
        command_wait(&issue, queue, queues[queue].submitted);
    command_place(&issue, COMMAND_FENCE | COMMAND_FLAG_INTERRUPT << 8);
    queue_wait(0, command_submit(&issue));
}
