/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The info block: a read-only page that tells firmware what chip it runs on. It is the one address firmware must know;
 * every other address comes from here.
 */
#ifndef GRADUS_IP_PERIPHERALS_INFO_BLOCK_H
#define GRADUS_IP_PERIPHERALS_INFO_BLOCK_H

#include <stdint.h>

#define INFO_BLOCK_ADDRESS 0x1000u
#define INFO_BLOCK_BYTES 0x1000u
#define INFO_MAGIC 0x44415247u /* "GRAD" */
#define INFO_VERSION 3u
#define INFO_QUEUES 32u

#define INFO_QUEUE_DMA 1u
#define INFO_QUEUE_MATRIX 2u
#define INFO_QUEUE_VECTOR 3u

#define INFO_FORMAT_FP32 0x1u /* 1 << FORMAT_FP32 */
#define INFO_FORMAT_BF16 0x2u

#define INFO_DATAFLOW_OUTPUT 0u /* what the matrix unit's array keeps */
#define INFO_DATAFLOW_WEIGHT 1u
#define INFO_DATAFLOW_INPUT 2u
#define INFO_DATAFLOW_DOT 3u /* nothing: rows of dot products */

#define INFO_VECTOR_SOFTMAX 0x1u /* the vector unit knows VECTOR_SOFTMAX */
#define INFO_VECTOR_RMSNORM 0x2u
#define INFO_VECTOR_COLUMNS 0x4u /* VECTOR_COLUMN_MAX and VECTOR_COLUMN_EXP */

struct info_queue {
    uint32_t kind;      /* INFO_QUEUE_* */
    uint32_t interrupt; /* source number at the interrupt controller */
    uint64_t registers; /* address of the queue's registers */
};

struct info_block {
    uint32_t magic;
    uint32_t version;
    uint64_t clock_hz;
    uint64_t sram_base; /* the hart's memory: code, data, rings */
    uint64_t sram_bytes;
    uint64_t scratchpad_base;
    uint64_t scratchpad_bytes;
    uint64_t dram_base;
    uint64_t dram_bytes;
    uint64_t image_address; /* the schedule image; 0: none */
    uint64_t uart;
    uint64_t clint;
    uint64_t plic;
    uint64_t mailbox;
    uint64_t perfmon;
    uint32_t matrix_rows;
    uint32_t matrix_cols;
    uint32_t vector_lanes;
    uint32_t matrix_formats; /* INFO_FORMAT_* the matrix unit takes */
    uint32_t queue_count;
    uint32_t vector_features; /* INFO_VECTOR_* */
    uint32_t matrix_dataflow; /* INFO_DATAFLOW_* */
    uint32_t matrix_overlaps; /* 1: a fold enters the array right behind the one before; 0: when it has left */
    uint64_t matrix_clock_hz;
    uint64_t memory_bandwidth;  /* bytes a second between DRAM and scratchpad, at most */
    uint32_t matrix_port_bytes; /* a cycle of the array, from the scratchpad, and as many to it */
    uint32_t reserved;
    struct info_queue queue[INFO_QUEUES]; /* index = queue number in command_wait */
};

#endif
