/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/background.h"

#include <stdbool.h>
#include <stddef.h>

#include "firmware/kernels/kernels.h"
#include "firmware/kernels/update.h"
#include "firmware/runtime/runtime.h"

#define USABLE 15u /* of 16 parts of the bandwidth that the info block promises */
#define MOST_OPERANDS 8u
#define WIDE_TILES 4u       /* of fp32, of any optimizer */
#define SLICE_ALIGNMENT 64u /* elements */

/* An operator on some of the elements. */
union slice {
    struct {
        struct image_op op;
        struct image_operand operands[MOST_OPERANDS];
    };
    uint64_t words[1];
};

/* Between its two parts. */
struct open_slice {
    union slice slice;
    uint32_t number, arena;
    struct update_slice update;
};

static struct {
    const struct image_op* (*get)(uint32_t);
    struct background_op* ops; /* by number; null: no slices */
    uint32_t count;            /* of updates that may begin early: ops[0 .. count - 1].number, .ready */
    uint32_t next;             /* of them */
    uint32_t first, end;       /* numbers of all updates */
    uint32_t slice;            /* elements */
    int64_t credit;            /* bytes that slices may move */
    struct open_slice open[2];
    uint32_t turn; /* whose turn comes next */
    bool pending;  /* the other one has been loaded, and has to be finished */
} background;

static uint64_t elements_of(const struct image_op* op) { return (uint64_t)op->dims[0] * op->dims[1]; }

/* Those of an update that have all of its elements; the last one of the mixed forms is a scalar. */
static uint32_t whole_operands(const struct image_op* op) {
    return op->operand_count - (op->kind == OP_ADAM_MIXED || op->kind == OP_SGD_MIXED);
}

/* Whole operands that are there have no gaps. */
static bool can_be_sliced(const struct image_op* op) {
    const bool mixed = op->kind == OP_ADAM_MIXED || op->kind == OP_SGD_MIXED;
    if (!mixed && op->kind != OP_ADAM && op->kind != OP_SGD) return false;
    for (uint32_t i = 0; i < whole_operands(op); ++i) {
        const struct image_operand* operand = &image_operands(op)[i];
        const uint64_t bytes = operand->format == FORMAT_BF16 ? 2 : 4;
        if (operand->address && op->dims[0] > 1 && operand->pitch != op->dims[1] * bytes) return false;
    }
    return op->outer_count == 1 && op->inner_count == 1 && elements_of(op) <= UINT32_MAX;
}

/* After which operator this one may begin; IMAGE_NO_OP: not before its turn. */
static uint32_t ready_after(const struct image_op* op) {
    if (op->phase != COMMAND_PHASE_UPDATE || !can_be_sliced(op)) return IMAGE_NO_OP;
    uint32_t ready = 0;
    for (uint32_t i = 0; i < op->operand_count; ++i) {
        const struct image_operand* operand = &image_operands(op)[i];
        if (operand->address && operand->after != IMAGE_NO_OP && operand->after > ready) ready = operand->after;
    }
    return ready;
}

/* By `ready`. They come last to first, which is nearly their order: the backward pass begins with the last layer. */
static void insert(uint32_t number, uint32_t ready) {
    uint32_t i = background.count++;
    for (; i && background.ops[i - 1].ready > ready; --i) {
        background.ops[i].number = background.ops[i - 1].number;
        background.ops[i].ready = background.ops[i - 1].ready;
    }
    background.ops[i].number = number;
    background.ops[i].ready = ready;
}

/* The number of the first of the updates, which are the last operators. */
static uint32_t first_update(uint32_t op_count) {
    uint32_t first = op_count;
    while (first && background.get(first - 1)->phase == COMMAND_PHASE_UPDATE)
        --first;
    return first;
}

static void forget(void) {
    for (uint32_t number = background.first; number < background.end; ++number)
        background.ops[number].done = 0;
}

/* Those that another one waits for stay where they are. */
static void find_updates(uint32_t op_count) {
    const uint32_t first = background.first;
    forget();
    for (uint32_t number = first; number < op_count; ++number) {
        const struct image_op* op = background.get(number);
        for (uint32_t i = 0; i < op->operand_count; ++i) {
            const uint32_t after = image_operands(op)[i].after;
            if (image_operands(op)[i].address && after >= first && after < number) background.ops[after].done = 1;
        }
    }
    for (uint32_t number = op_count; number-- > first;) {
        const uint32_t ready = ready_after(background.get(number));
        if (ready < first && !background.ops[number].done) insert(number, ready);
    }
}

void background_open(const struct image_op* (*get)(uint32_t), uint32_t op_count, struct background_op* memory) {
    runtime.has_background = false;
    background.get = get;
    background.ops = memory;
    background.count = 0;
    background.end = op_count;
    background.first = first_update(op_count);
    find_updates(op_count);
    const uint32_t bytes = background.count ? runtime_reserve_slices() : 0;
    if (!bytes) {
        background.ops = NULL;
        return;
    }
    background.slice = (bytes / (WIDE_TILES * 4) - SLICE_ALIGNMENT) & ~(SLICE_ALIGNMENT - 1);
}

void background_begin_step(void) {
    if (!background.ops) return;
    background.next = 0;
    background.credit = 0;
    background.turn = 0;
    background.pending = false;
    forget();
    runtime.has_background = true;
}

static void cut(union slice* slice, const struct image_op* op, uint64_t first, uint64_t count) {
    /* By words: the library's memcpy goes by bytes. */
    const uint64_t* from = (const uint64_t*)(const void*)op;
    const uint64_t* const end = (const uint64_t*)(const void*)(image_operands(op) + op->operand_count);
    for (uint64_t* to = slice->words; from != end; ++to, ++from)
        *to = *from;
    slice->op.dims[0] = 1;
    slice->op.dims[1] = (uint32_t)count;
    for (uint32_t i = 0; i < whole_operands(op); ++i) {
        struct image_operand* operand = &slice->operands[i];
        const uint64_t shift = operand->format == FORMAT_BF16 ? 1 : 2;
        if (!operand->address) continue;
        operand->address += first << shift;
        operand->pitch = count << shift;
    }
}

/* What an update moves of each element: all but the gradient and the copy for mixed precision comes and goes. */
static uint64_t element_bytes(const struct image_op* op) {
    const bool mixed = op->kind == OP_ADAM_MIXED || op->kind == OP_SGD_MIXED;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < whole_operands(op); ++i) {
        const struct image_operand* operand = &image_operands(op)[i];
        const bool once = i == 1 || (mixed && i + 1 == whole_operands(op));
        if (operand->address) bytes += (operand->format == FORMAT_BF16 ? 2 : 4) << !once;
    }
    return bytes;
}

static void finish_pending(void) {
    if (!background.pending) return;
    struct open_slice* open = &background.open[background.turn ^ 1];
    runtime_return_to_slice(&open->slice.op, open->number, open->slice.op.phase, open->arena);
    update_slice_finish(&open->update);
    runtime_end_slice();
    background.pending = false;
}

/*
 * Loads the next slice if there is one that may begin, and has been given its time, and finishes the one before it: in
 * the meantime that has arrived, so the vector unit and the channel are not made to wait for it.
 */
static bool run_slice(void) {
    if (background.next == background.count) return false;
    const struct background_op* next = &background.ops[background.next];
    if (next->ready >= runtime.walked) return false;
    const uint32_t number = next->number;
    const struct image_op* op = background.get(number);
    const uint64_t done = background.ops[number].done, left = elements_of(op) - done;
    const uint64_t count = left < background.slice ? left : background.slice;
    const int64_t bytes = (int64_t)(count * element_bytes(op));
    if (background.credit < bytes) return false;
    background.credit -= bytes;
    background.ops[number].done = done + count;
    if (count == left) ++background.next;

    struct open_slice* open = &background.open[background.turn];
    cut(&open->slice, op, done, count);
    open->number = number;
    runtime_begin_slice(&open->slice.op, number, op->phase);
    update_slice_load(&open->update, &open->slice.op);
    open->arena = runtime_leave_slice();
    finish_pending();
    background.turn ^= 1;
    background.pending = true;
    return true;
}

/* What comes while no update may begin is not kept for later. */
void background_work(uint64_t cycles) {
    background.credit +=
        (int64_t)(cycles * runtime.memory_bytes_per_1024 / 1024 * USABLE / 16) - (int64_t)runtime.moved;
    while (run_slice()) {}
    runtime.moved = 0; /* what slices have moved is no operator's */
    if (background.next == background.count || background.ops[background.next].ready >= runtime.walked)
        background.credit = 0;
}

void background_run_op(const struct image_op* op) {
    const bool updates = op->phase == COMMAND_PHASE_UPDATE;
    if (updates && background.ops) finish_pending();
    if (updates) runtime.has_background = false;
    const uint64_t done = background.ops && updates ? background.ops[runtime.op_number].done : 0;
    if (done == 0) {
        kernel_run(op);
        return;
    }
    const uint64_t left = elements_of(op) - done;
    if (left == 0) return;
    union slice rest;
    cut(&rest, op, done, left);
    runtime.op = &rest.op;
    kernel_run(&rest.op);
}
