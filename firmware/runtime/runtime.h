/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of an operator. The scratchpad is halved into two arenas that operators use in turn, so that the loads of an
 * operator start while the one before it computes; an arena is used again after the operator that had it has retired.
 * Whatever an operator loads or computes goes into one of its stores, so it has retired when the store channels have
 * come to where they stood at its end. These fences are remembered, for later operators whose operands in DRAM depend
 * on it.
 */
#ifndef GRADUS_FIRMWARE_RUNTIME_RUNTIME_H
#define GRADUS_FIRMWARE_RUNTIME_RUNTIME_H

#include "firmware/include/schedule_image.h"
#include "firmware/runtime/command.h"

/* Operators whose fences are remembered. For an older one the oldest of these stands in: it retired later still. */
#define RUNTIME_HISTORY 64u
#define RUNTIME_STORE_QUEUES 8u
#define RUNTIME_TILES 40u /* of one operator */
#define SLICE_TILES 6u    /* of one slice, of which two are under way */

/* What operators that come one after the other share: channels, and arenas that they use in turn. */
struct stream {
    /*
     * DMA channels. Loads and stores use different ones if there is more than one: a store waits for compute, and loads
     * that prefetch must not sit in order behind it.
     */
    uint64_t load_queues;
    uint64_t next_load;
    uint64_t store_queues;
    uint64_t next_store;
    uint32_t load_queue[INFO_QUEUES];
    uint32_t store_queue[RUNTIME_STORE_QUEUES];

    uint64_t arena_base[2];
    uint32_t arena_bytes;
    uint32_t arena;                                 /* which one the current operator has */
    uint64_t arena_next, arena_end;                 /* what is left of it */
    uint32_t arena_fences[2][RUNTIME_STORE_QUEUES]; /* when their last operators have retired */

    struct hazard *hazards, *hazards_end; /* of tiles */
    struct hazard* next_hazard;
};

struct runtime {
    uint32_t matrix_queue;
    uint32_t vector_queue;
    struct stream stream;

    uint32_t matrix_rows, matrix_cols; /* the array */
    uint32_t matrix_dataflow;          /* INFO_DATAFLOW_* */
    bool matrix_overlaps;              /* a fold enters the array right behind the one before */
    uint32_t matrix_port_bytes;        /* a cycle of the array, each direction */
    uint32_t matrix_formats;           /* INFO_FORMAT_* */
    uint64_t memory_bytes_per_1024;    /* cycles of the array, between DRAM and scratchpad, at most */
    uint32_t vector_lanes;
    uint32_t vector_features; /* INFO_VECTOR_* */
    bool commands_are_cheap;  /* recorded once: operators are cut smaller than the hart could follow */
    bool has_background;      /* there is work for background_work() */

    const struct image_op* op;
    uint32_t op_number;
    uint64_t moved;  /* bytes that it has loaded and stored since background_work(), while there is work for that */
    uint32_t walked; /* the latest operator that is no slice */
    struct image_update update; /* of this step, with the slot of its inputs */
    uint64_t tokens_address;    /* stands in for operands with a step stride; 0: they are used */
    /* Store channels of the operators that are no slices, and how far they were at the end of each. */
    uint64_t fence_queues;
    uint32_t fence_queue[RUNTIME_STORE_QUEUES];
    uint32_t op_stores[RUNTIME_HISTORY][RUNTIME_STORE_QUEUES];
};

extern struct runtime runtime;

static inline uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Reads the info block. Ends the run with EXIT_CHIP if a kind of queue is missing. queue_init() comes first. */
void runtime_init(void);

/* What a step brings with it; `tokens_address` as in struct runtime. */
void runtime_begin_step(const struct image_update* update, uint64_t tokens_address);

/* All queues count from 0 again (recording.h). */
void runtime_rewound(void);

void runtime_begin_op(const struct image_op* op, uint32_t number, uint32_t phase);
void runtime_end_op(void);

/*
 * Sets a channel and a part of the scratchpad aside for slices, whose bytes it returns; 0, and nothing is set aside, on
 * a chip that has no channel or no room to spare.
 */
uint32_t runtime_reserve_slices(void);

/*
 * An operator in the midst of another one, in the arenas and with the channel that were set aside, in two parts:
 * between them comes the first part of the next slice.
 *
 *     runtime_begin_slice(op, ...); what is loaded; arena = runtime_leave_slice();
 *     runtime_return_to_slice(op, ..., arena); what is done with it; runtime_end_slice();
 */
void runtime_begin_slice(const struct image_op* op, uint32_t number, uint32_t phase);
uint32_t runtime_leave_slice(void);
void runtime_return_to_slice(const struct image_op* op, uint32_t number, uint32_t phase, uint32_t arena);
void runtime_end_slice(void);

/* Sleeps until everything has retired. */
void runtime_drain(void);

/* The next channel for a load, for a store. */
static inline uint64_t runtime_load_queue(void) {
    const uint64_t i = runtime.stream.next_load;
    runtime.stream.next_load = i + 1 == runtime.stream.load_queues ? 0 : i + 1;
    return runtime.stream.load_queue[i];
}

static inline uint64_t runtime_store_queue(void) {
    const uint64_t i = runtime.stream.next_store;
    runtime.stream.next_store = i + 1 == runtime.stream.store_queues ? 0 : i + 1;
    return runtime.stream.store_queue[i];
}

/* fences[i] = commands submitted so far to the i-th store channel of operators that are no slices. */
void runtime_store_fences(uint32_t fences[RUNTIME_STORE_QUEUES]);

#endif
