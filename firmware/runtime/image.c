/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/image.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "firmware/hal/fail.h"
#include "firmware/hal/info.h"
#include "firmware/hal/mailbox.h"
#include "firmware/hal/memory.h"
#include "firmware/runtime/background.h"
#include "firmware/runtime/op_table.h"
#include "firmware/runtime/recording.h"
#include "firmware/runtime/runtime.h"

#define NO_PHASE UINT32_MAX

static void check_header(const struct image_header* header) {
    if (header->magic != IMAGE_MAGIC)
        hal_fail(EXIT_IMAGE, "no schedule image: magic 0x%x, expected 0x%x", header->magic, IMAGE_MAGIC);
    if (header->version != IMAGE_VERSION)
        hal_fail(EXIT_IMAGE, "schedule image version %u, this firmware reads version %u", header->version,
                 IMAGE_VERSION);
    if (header->flags & ~IMAGE_FLAGS) hal_fail(EXIT_IMAGE, "schedule image with flags 0x%x", header->flags);
    if (header->op_bytes < sizeof(struct image_op) || header->op_bytes % 8)
        hal_fail(EXIT_IMAGE, "schedule image with %u bytes an op", header->op_bytes);
    if (header->op_count == 0 || header->op_count > COMMAND_MAX_OPS || header->generate_op_count > header->op_count)
        hal_fail(EXIT_IMAGE, "schedule image with %u ops, %u of them to generate", header->op_count,
                 header->generate_op_count);
}

/* Of an image with IMAGE_VALIDATE; it stays where it is. */
static const struct image_validation* validation_of(const struct image* image) {
    return (const struct image_validation*)(uintptr_t)(image->address + sizeof(struct image_header));
}

static void check_validation(const struct image_validation* validation, uint32_t op_count) {
    if (validation->every == 0 || validation->op_count > op_count)
        hal_fail(EXIT_IMAGE, "schedule image with validation every %u steps by %u ops", validation->every,
                 validation->op_count);
}

/* Each operator stores something. */
static bool rings_may_hold(uint32_t op_count) {
    uint64_t entries = 0;
    for (uint64_t i = 0; i < runtime.fence_queues; ++i)
        entries += queues[runtime.fence_queue[i]].entries;
    return op_count <= entries;
}

/* Where the table of operators is all there, and room is left to look into it. */
static void open_background(uint32_t op_count) {
    const uint64_t bytes = (uint64_t)op_count * sizeof(struct background_op);
    if (op_table_is_whole() && memory_left() >= bytes)
        background_open(op_table_get, op_count, memory_allocate(bytes, sizeof(uint64_t)));
}

void image_open(struct image* image) {
    image->address = hal_info()->image_address;
    image->phase = NO_PHASE;
    if (!image->address) hal_fail(EXIT_IMAGE, "no schedule image: the info block points to none");
    image->header = *(const struct image_header*)(uintptr_t)image->address;
    check_header(&image->header);
    if (image->header.flags & IMAGE_VALIDATE) check_validation(validation_of(image), image->header.op_count);
    op_table_open(image->address + image->header.op_offset, image->header.op_count, image->header.op_bytes);
    (void)op_table_get(0); /* here, so that no step brings the table again */
    runtime_drain();
    const bool records = image->header.flags & IMAGE_RECORD && rings_may_hold(image->header.op_count) &&
                         memory_left() >= sizeof(struct recording_memory);
    runtime.commands_are_cheap = records;
    recording_open(records ? memory_allocate(sizeof(struct recording_memory), sizeof(uint64_t)) : NULL);
    if (image->header.flags & IMAGE_EARLY_UPDATES) open_background(image->header.op_count);
}

static void enter_phase(struct image* image, uint32_t phase) {
    if (image->phase == phase) return;
    image->phase = phase;
    mailbox_send(MAILBOX_PHASE, phase, 0);
}

/* All of the operators are submitted, none has to have retired, when this returns. */
static void submit_ops(struct image* image, uint32_t count, uint32_t phase) {
    for (uint32_t i = 0; i < count; ++i) {
        const struct image_op* op = op_table_get(i);
        const uint32_t op_phase = phase == NO_PHASE ? op->phase : phase;
        enter_phase(image, op_phase);
        runtime_begin_op(op, i, op_phase);
        background_run_op(op);
        runtime_end_op();
    }
}

/* Returns when the operators have retired. `phase` NO_PHASE: their own. What runs again is always the same `count`. */
static void run_ops(struct image* image, uint32_t step, uint32_t count, uint32_t phase) {
    image->phase = NO_PHASE;
    enter_phase(image, COMMAND_PHASE_OTHER);
    if (recording_run(phase, step)) return;
    recording_begin(step);
    op_table_rewound();
    submit_ops(image, count, phase);
    runtime.commands_are_cheap = recording_end(phase);
}

static volatile uint32_t* words_at(uint64_t address) { return (volatile uint32_t*)(uintptr_t)address; }

uint32_t image_train_step(struct image* image, uint32_t step) {
    const struct image_header* header = &image->header;
    const uint64_t update = image->address + header->update_offset + (uint64_t)step * header->update_stride;
    runtime_begin_step((const struct image_update*)(uintptr_t)update, 0);
    background_begin_step();
    run_ops(image, step, header->op_count, NO_PHASE);
    return *words_at(header->loss_address);
}

static bool validation_follows(const struct image* image, uint32_t step) {
    const struct image_validation* validation = validation_of(image);
    return (validation->first_step + step + 1) % validation->every == 0 || step + 1 == image->header.step_count;
}

void image_validate(struct image* image, uint32_t step) {
    const struct image_validation* validation = validation_of(image);
    if (!validation_follows(image, step)) return;
    const bool cheap = runtime.commands_are_cheap; /* whether a step's commands fit the rings, not those of a part */
    for (uint32_t batch = 0; batch < validation->batches; ++batch) {
        runtime_begin_step(&(struct image_update){.slot = validation->slot + batch}, 0);
        run_ops(image, step, validation->op_count, COMMAND_PHASE_VALIDATE);
        mailbox_send(MAILBOX_VALIDATION, step, *words_at(image->header.loss_address));
    }
    runtime.commands_are_cheap = cheap;
}

/* splitmix64: Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014. */
static uint64_t next_random(uint64_t* state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static float float_at(uint64_t address, uint32_t index) { return ((volatile float*)(uintptr_t)address)[index]; }

static uint32_t likeliest(uint64_t logits, uint32_t count) {
    uint32_t best = 0;
    float maximum = float_at(logits, 0);
    for (uint32_t i = 1; i < count; ++i) {
        const float value = float_at(logits, i);
        if (value > maximum) {
            maximum = value;
            best = i;
        }
    }
    return best;
}

/* A token drawn from softmax(logits / temperature); the likeliest one at temperature 0. */
static uint32_t sample(uint64_t logits, uint32_t count, float temperature, uint64_t* random) {
    const uint32_t best = likeliest(logits, count);
    if (!(temperature > 0)) return best;
    const float maximum = float_at(logits, best), scale = 1.0f / temperature;
    float sum = 0;
    for (uint32_t i = 0; i < count; ++i)
        sum += expf((float_at(logits, i) - maximum) * scale);
    float left = (float)(next_random(random) >> 40) * (1.0f / 16777216.0f) * sum;
    for (uint32_t i = 0; i < count; ++i) {
        left -= expf((float_at(logits, i) - maximum) * scale);
        if (left < 0) return i;
    }
    return best; /* rounding only */
}

void image_generate(struct image* image, uint32_t text, uint64_t* random) {
    const struct image_header* header = &image->header;
    volatile uint32_t* const tokens = words_at(header->tokens_address);
    for (uint32_t i = 0; i < header->batch * header->sequence; ++i)
        tokens[i] = header->boundary_token;
    runtime_begin_step(&(struct image_update){0}, header->tokens_address);
    for (uint32_t position = 0; position < header->sequence; ++position) {
        run_ops(image, header->step_count, header->generate_op_count, COMMAND_PHASE_GENERATE);
        const uint64_t logits = header->logits_address + (uint64_t)position * header->logits_pitch;
        const uint32_t token = sample(logits, header->vocabulary, header->temperature, random);
        mailbox_send(MAILBOX_TEXT, token, text);
        if (token == header->boundary_token) return;
        if (position + 1 < header->sequence) tokens[position + 1] = token;
    }
    /* The context is full: the text ends here. */
    mailbox_send(MAILBOX_TEXT, header->boundary_token, text);
}
