/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/recording.h"

#include <stddef.h>

#include "firmware/hal/info.h"
#include "firmware/runtime/runtime.h"

static struct {
    struct recording_memory* memory;
    uint32_t inputs, scalars;
    uint32_t slot; /* for which the addresses of inputs stand */
    uint32_t name;
    bool kept;                      /* the rings hold what was recorded under `name` */
    uint32_t commands[INFO_QUEUES]; /* of each queue */
    uint32_t early[INFO_QUEUES];    /* those before the first one with a scalar to be written */
} recording;

void recording_open(struct recording_memory* memory) {
    recording.memory = memory;
    recording.kept = false;
}

static void rewind_queues(uint32_t queue_count, uint32_t step) {
    for (uint64_t queue = 0; queue < queue_count; ++queue)
        queue_rewind(queue, step);
}

void recording_begin(uint32_t step) {
    const uint32_t queue_count = hal_info()->queue_count;
    recording.inputs = recording.scalars = 0;
    recording.kept = false;
    recording.slot = runtime.update.slot;
    for (uint64_t queue = 0; queue < queue_count; ++queue)
        recording.early[queue] = UINT32_MAX;
    rewind_queues(queue_count, step);
    runtime_rewound();
}

void recording_scalar(uint64_t queue, float* field, const float* source) {
    if (recording.early[queue] == UINT32_MAX) recording.early[queue] = queues[queue].submitted - 1;
    if (recording.memory && recording.scalars < RECORDING_SCALARS)
        recording.memory->scalars[recording.scalars] = (struct scalar_patch){field, source};
    ++recording.scalars;
}

void recording_input(uint64_t* address, uint32_t stride) {
    if (recording.memory && recording.inputs < RECORDING_INPUTS)
        recording.memory->inputs[recording.inputs] = (struct input_patch){address, stride};
    ++recording.inputs;
}

static bool rings_hold_all(void) {
    for (uint64_t queue = 0, count = hal_info()->queue_count; queue < count; ++queue) {
        recording.commands[queue] = queues[queue].submitted;
        if (queues[queue].submitted > queues[queue].entries) return false;
    }
    return recording.inputs <= RECORDING_INPUTS && recording.scalars <= RECORDING_SCALARS;
}

bool recording_end(uint32_t name) {
    runtime_drain();
    recording.name = name;
    return recording.kept = recording.memory && rings_hold_all();
}

static void move_inputs(uint32_t slot) {
    const uint64_t slots = (uint64_t)slot - recording.slot; /* modulo 2^64, as addresses are */
    for (uint32_t i = 0; i < recording.inputs; ++i)
        *recording.memory->inputs[i].address += slots * recording.memory->inputs[i].stride;
    recording.slot = slot;
}

static void write_scalars(void) {
    const struct scalar_patch* const end = recording.memory->scalars + recording.scalars;
    for (const struct scalar_patch* patch = recording.memory->scalars; patch != end; ++patch)
        *patch->field = *patch->source;
}

bool recording_run(uint32_t name, uint32_t step) {
    if (!recording.kept || recording.name != name) return false;
    const uint32_t queue_count = hal_info()->queue_count;
    move_inputs(runtime.update.slot);
    rewind_queues(queue_count, step);
    /* The optimizer comes last: the forward pass begins before its scalars are written. */
    for (uint64_t queue = 0; queue < queue_count; ++queue) {
        const uint32_t early = recording.early[queue], all = recording.commands[queue];
        if (all) queue_run(queue, early < all ? early : all);
    }
    write_scalars();
    for (uint64_t queue = 0; queue < queue_count; ++queue)
        if (recording.early[queue] < recording.commands[queue]) queue_run(queue, recording.commands[queue]);
    queue_wait(0, recording.commands[0]); /* the last command of queue 0 waits for all others */
    return true;
}
