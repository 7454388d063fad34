/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a step makes the units do differs from step to step in a few words only. So the kernels run once: the commands
 * of that step stay in the rings, and later steps run the rings again (QUEUE_REWIND), which costs the hart next to
 * nothing.
 *
 *     if (!recording_run(name, step)) {
 *         recording_begin(step);
 *         ... submit commands ...
 *         recording_end(name);
 *     }
 *
 * A ring must hold all commands that its queue gets; where one does not, nothing is kept, and the next step is
 * submitted as this one was.
 */
#ifndef GRADUS_FIRMWARE_RUNTIME_RECORDING_H
#define GRADUS_FIRMWARE_RUNTIME_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

/* Words of recorded commands that are written anew for each run. */
struct scalar_patch {
    float* field;
    const float* source;
};
struct input_patch {
    uint64_t* address;
    uint64_t stride;
};

#define RECORDING_INPUTS 128u /* more of them, and nothing is kept */
#define RECORDING_SCALARS 896u

struct recording_memory {
    struct input_patch inputs[RECORDING_INPUTS];
    struct scalar_patch scalars[RECORDING_SCALARS];
};

/* Nothing is kept without memory: null, or before the first call. */
void recording_open(struct recording_memory* memory);

/* Rewinds all queues: they are idle, and what is submitted from here on belongs to `step`. */
void recording_begin(uint32_t step);

/* A scalar of the last command of a queue is *source whenever it runs. */
void recording_scalar(uint64_t queue, float* field, const float* source);

/* The address moves with the slot of the step's inputs (image_operand.step_stride). */
void recording_input(uint64_t* address, uint32_t stride);

/* Submits a last command, and sleeps until all have retired. Returns whether they are kept. */
bool recording_end(uint32_t name);

/* Runs what was recorded under this name, and sleeps until it has retired; false if it is not in the rings. */
bool recording_run(uint32_t name, uint32_t step);

#endif
