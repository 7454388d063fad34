/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/command.h"

struct issue issue;

void command_place_surplus(void)
{
    while (issue.wait_count > COMMAND_WAITS) {
        struct command *command = queue_next(issue.queue);
        *(uint64_t *)&command->header = issue.tag | COMMAND_FENCE;
        command->header.step = issue.step;
        command_take_waits(&command->header);
        queue_submit(issue.queue);
        issue.wait_count -= COMMAND_WAITS;
    }
}

void command_drain(void)
{
    issue.entered = UINT32_MAX;
    command_begin(0);
    for (uint32_t queue = 1; queue < issue.queues; ++queue) command_wait(queue, queue_submitted(queue));
    command_place(COMMAND_FENCE | COMMAND_FLAG_INTERRUPT << 8);
    queue_wait(0, queue_submit(0));
}
