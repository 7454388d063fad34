/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adam: see VECTOR_ADAM. Stochastic gradient descent with decoupled weight decay:
 *
 *     v = momentum v + g     (g itself where there is no v)
 *     p = p - decay p - step_size v
 */
#include "firmware/kernels/update.h"

#include "firmware/kernels/kernels.h"

enum { PARAMETER, GRADIENT, FIRST_MOMENT, SECOND_MOMENT, VELOCITY = FIRST_MOMENT };

static bool is_adam(const struct image_op* op) { return op->kind == OP_ADAM || op->kind == OP_ADAM_MIXED; }
static bool is_mixed(const struct image_op* op) { return op->kind == OP_ADAM_MIXED || op->kind == OP_SGD_MIXED; }

void update_open(struct update* update, const struct image_op* op) {
    const uint32_t needed = is_adam(op) ? 4 : 2, most = is_adam(op) ? 4 : 3; /* then come those of the mixed form */
    update->op = op;
    update->count = needed;
    for (uint32_t i = 0; i < needed; ++i)
        tensor_open(&update->states[i], i);
    if (needed < most && tensor_open_optional(&update->states[needed], needed)) update->count = most;
    update->has_weight = is_mixed(op) && tensor_open_optional(&update->weight, most);
    update->has_factor = is_mixed(op) && tensor_open_optional(&update->factor, most + 1);
    if (!update->has_factor) return;
    update->value = tile_allocate(1, 1, FORMAT_FP32);
    tile_load(&update->value, &update->factor, 0, 0, 1, 1);
}

static void load_states(struct update* update, const struct at* at, const struct tile* const* tiles) {
    for (uint32_t i = 0; i < update->count; ++i)
        tile_load(tiles[i], &update->states[i], at->row, at->col, at->rows, at->cols);
}

/* g = factor g; the factor is one value for a single row, so rows go one by one. */
static void scale_gradient(const struct update* update, const struct at* at, const struct tile* g) {
    for (uint32_t row = 0; row < at->rows; ++row) {
        const struct tile view = tile_view(g, row, 0);
        vector_by_row(VECTOR_MUL, 1, at->cols, &view, &view, &update->value);
    }
}

static void descend(const struct update* update, const struct at* at, const struct tile* const* tiles) {
    const struct tile *p = tiles[PARAMETER], *v = tiles[GRADIENT];
    if (update->count > VELOCITY) {
        v = tiles[VELOCITY];
        blend(at, v, update->op->scalar[0], tiles[GRADIENT], 1.0f);
    }
    blend(at, p, runtime.update.kept, v, runtime.update.step_back);
    vector_scalar_follows(0, &runtime.update.kept);
    vector_scalar_follows(1, &runtime.update.step_back);
}

static void finish(struct update* update, const struct at* at, const struct tile* const* tiles) {
    if (update->has_factor) scale_gradient(update, at, tiles[GRADIENT]);
    if (is_adam(update->op)) /* a block's tiles have no gaps */
        vector_adam(at->rows * at->cols, tiles[PARAMETER], tiles[GRADIENT], tiles[FIRST_MOMENT], tiles[SECOND_MOMENT],
                    update->op->scalar);
    else
        descend(update, at, tiles);
    store(at, tiles[PARAMETER], &update->states[PARAMETER]);
    if (update->has_weight) store(at, tiles[PARAMETER], &update->weight);
    for (uint32_t i = FIRST_MOMENT; i < update->count; ++i)
        store(at, tiles[i], &update->states[i]);
}

static struct blocks blocks_of(const struct update* update) {
    const struct tensor* tensors[UPDATE_STATES + 1];
    for (uint32_t i = 0; i < update->count; ++i)
        tensors[i] = &update->states[i];
    if (update->has_weight) tensors[update->count] = &update->weight;
    return blocks_of_elements(update->op, update->count, tensors, update->count + update->has_weight);
}

void update_run(struct update* update) {
    const struct blocks blocks = blocks_of(update);
    struct tile_sets sets[UPDATE_STATES];
    for (uint32_t i = 0; i < update->count; ++i)
        sets[i] = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile* tiles[UPDATE_STATES];
            next_tiles(&at);
            for (uint32_t i = 0; i < update->count; ++i)
                tiles[i] = wide(&at, &sets[i]);
            load_states(update, &at, tiles);
            finish(update, &at, tiles);
        }
}

static void run(const struct image_op* op) {
    struct update update;
    update_open(&update, op);
    update_run(&update);
}

void kernel_adam(const struct image_op* op) { run(op); }
void kernel_adam_mixed(const struct image_op* op) { run(op); }
void kernel_sgd(const struct image_op* op) { run(op); }
void kernel_sgd_mixed(const struct image_op* op) { run(op); }

/* Of all of a slice. */
static struct at whole(const struct image_op* op) { return (struct at){.rows = op->dims[0], .cols = op->dims[1]}; }

static void point_to(const struct update_slice* slice, const struct tile** tiles) {
    for (uint32_t i = 0; i < slice->update.count; ++i)
        tiles[i] = &slice->tiles[i];
}

void update_slice_load(struct update_slice* slice, const struct image_op* op) {
    const struct tile* tiles[UPDATE_STATES];
    const struct at at = whole(op);
    update_open(&slice->update, op);
    for (uint32_t i = 0; i < slice->update.count; ++i)
        slice->tiles[i] = tile_allocate(at.rows, at.cols, FORMAT_FP32);
    point_to(slice, tiles);
    load_states(&slice->update, &at, tiles);
}

void update_slice_finish(struct update_slice* slice) {
    const struct tile* tiles[UPDATE_STATES];
    const struct at at = whole(slice->update.op);
    point_to(slice, tiles);
    finish(&slice->update, &at, tiles);
}
