/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schedule image: what platform/schedule writes into DRAM and firmware/runtime walks. All little endian, naturally
 * aligned. Offsets are bytes from the start of the image; addresses are system addresses.
 *
 *   image_header | image_op[op_count] | step inputs | update table
 *
 * The inputs and update scalars of a short run lie in the image, those of a long one do not: the host feeds them while
 * the chip runs. Step inputs are then a ring of slots, and the update table is one record. When MAILBOX_STEP_DONE says
 * that step s is done, the host writes the record of step s + 1 in its place, and into the slot that step s leaves the
 * inputs of the next step that the ring has no room for yet. So the inputs of a step lie in their slot long before it
 * begins. A firmware sees no difference: it reads the step's record, which names the slot.
 *
 * One step runs the ops in order: forward, backward, update. Ops of the phases are contiguous in that order. To
 * generate text the firmware runs ops [0, generate_op_count) alone, with its own tokens.
 */
#ifndef GRADUS_FIRMWARE_SCHEDULE_IMAGE_H
#define GRADUS_FIRMWARE_SCHEDULE_IMAGE_H

#include <stdint.h>

#define IMAGE_MAGIC 0x53444152u /* "RADS" */
#define IMAGE_VERSION 2u
/*
 * An image that holds the inputs of all steps says version 1: step s has slot s, and record s stands where version 1
 * had it. So firmware for version 1, which knows no slots, runs it, and refuses the others. Firmware for version 2
 * reads both.
 */
#define IMAGE_VERSION_ALL_STEPS 1u

struct image_header {
    uint32_t magic;
    uint32_t version;
    uint64_t bytes; /* of the whole image */
    uint32_t op_count;
    uint32_t op_bytes; /* sizeof(struct image_op) */
    uint64_t op_offset;
    uint32_t step_count;
    uint32_t batch;    /* sequences a step */
    uint32_t sequence; /* tokens a sequence */
    uint32_t vocabulary;
    /*
     * Inputs of a step start at step_offset + slot * step_stride, where its update record says which slot it has:
     * uint32 tokens[batch * sequence], then uint32 targets[batch * sequence], then float weights[batch * sequence]
     * (weight of each token's loss; they sum to 1). Operands with a step stride point there.
     */
    uint64_t step_offset;
    uint32_t step_stride;
    uint32_t update_stride; /* 0: one record, in which the host writes that of the next step */
    /* Record of step s at update_offset + s * update_stride: struct image_update. */
    uint64_t update_offset;
    uint64_t loss_address; /* fp32 scalar in DRAM, valid when the step's ops have retired */
    /* Text generation after training. */
    uint32_t generate_count;    /* texts to generate; 0: none */
    uint32_t generate_op_count; /* leading ops that end with the logits */
    uint64_t logits_address;    /* fp32 [batch * sequence, vocabulary] */
    /* Where generation writes its tokens, uint32[batch * sequence]; operands with a step stride point here instead. */
    uint64_t tokens_address;
    uint32_t logits_pitch;   /* bytes */
    uint32_t boundary_token; /* starts and ends a text */
    float temperature;
    uint32_t reserved;
    uint64_t seed;
};

struct image_update {
    float step_size;  /* learning rate / (1 - beta1^t) */
    float correction; /* 1 / (1 - beta2^t) */
    float decay;      /* learning rate * weight decay */
    uint32_t slot;    /* of the step's inputs */
};

/* image_op.kind. Operands are listed in order; [rows, cols] is dims[0], dims[1]; B stands for batch * sequence. */
/* out [B, d] = table[tokens] + position: out, table, position, tokens; dims rows, cols, table rows, period */
#define OP_EMBED 1u
/*
 * dtable (zeroed, then scattered into), dposition (summed over sequences): dtable, dposition, dout, tokens; dims as
 * OP_EMBED
 */
#define OP_EMBED_BACKWARD 2u
/* y = x * rsqrt(mean(x^2) + s0) [* gain]: y, x, rstd [rows], gain (or none) */
#define OP_RMSNORM 3u
/* dx, dy, x, rstd, gain, dgain (both or none). g = dy [* gain]; dx = rstd (g - xhat mean(g xhat)) */
#define OP_RMSNORM_BACKWARD 4u
/* C = op(A) op(B) [+ bias], batched: C, A, B, bias (or none); dims m, n, k */
#define OP_MATMUL 5u
/* y = softmax(x * s0) by rows, causal with period dims[2] if OP_FLAG_CAUSAL: y, x */
#define OP_SOFTMAX 6u
/* dx = s0 * y * (dy - rowsum(dy y)): dx, dy, y */
#define OP_SOFTMAX_BACKWARD 7u
/* y = a + b: y, a, b */
#define OP_ADD 8u
/* y = f(x), dims[2] = ACTIVATION_*: y, x */
#define OP_ACTIVATION 9u
/* dx = f'(x) dy: dx, dy, x; dims[2] = ACTIVATION_* */
#define OP_ACTIVATION_BACKWARD 10u
/* p = softmax(logits), loss = sum_r w[r] * -log p[r, target[r]]: p, loss [1], logits, targets, weights */
#define OP_CROSS_ENTROPY 11u
/* dlogits = (p - onehot(targets)) * w: dlogits, p, targets, weights */
#define OP_CROSS_ENTROPY_BACKWARD 12u
/* parameter, gradient, first moment, second moment; s0 beta1, s1 beta2, s2 epsilon; dims rows = 1, cols = elements */
#define OP_ADAM 13u
/* y [cols] = column sums of x [rows, cols] (gradient of a bias): y, x */
#define OP_COLUMN_SUM 14u
/* y = (x - mean) * rsqrt(mean((x - mean)^2) + s0) [* gain] [+ bias], means by rows: y, x, gain, bias (or none) */
#define OP_LAYERNORM 15u
/* y = x, of the same format: y, x */
#define OP_COPY 16u
#define OP_KINDS 17u

#define ACTIVATION_RELU 0u
#define ACTIVATION_GELU 1u
#define ACTIVATION_SILU 2u

/* image_op.flags */
/* add to operand 0 instead of overwriting it (matmul, rmsnorm backward, softmax/activation backward, add) */
#define OP_FLAG_ACCUMULATE 0x01u
#define OP_FLAG_TRANSPOSE_A 0x02u
#define OP_FLAG_TRANSPOSE_B 0x04u
#define OP_FLAG_CAUSAL 0x08u
/* matmul: operands are converted to bf16 on their way into the scratchpad */
#define OP_FLAG_BF16 0x10u

#define IMAGE_OPERANDS 6u
#define IMAGE_NO_OP 0xffffu

struct image_operand {
    uint64_t address;     /* 0: none */
    uint32_t pitch;       /* bytes from row to row */
    uint32_t step_stride; /* add slot * step_stride to the address */
    /*
     * Before touching this operand, op number `after` of the same step and every op before it must have retired
     * (IMAGE_NO_OP: none). It is the latest op with a hazard on the operand's memory; earlier ones may have some, too.
     */
    uint16_t after;
    uint8_t format; /* FORMAT_* */
    uint8_t reserved[5];
};

struct image_op {
    uint16_t kind;
    uint8_t phase; /* COMMAND_PHASE_* */
    uint8_t flags;
    uint16_t layer; /* COMMAND_NO_LAYER: none */
    uint16_t reserved0;
    uint32_t dims[4];
    float scalar[4];
    /*
     * Matmul only: outer x inner independent products (1 x 1 for a plain one); product (i, j) works at
     * operand address + i * outer_stride + j * inner_stride, for C, A, B in turn (bytes).
     */
    uint32_t outer_count;
    uint32_t inner_count;
    uint32_t outer_stride[3];
    uint32_t inner_stride[3];
    struct image_operand operand[IMAGE_OPERANDS];
    uint8_t reserved1[40];
};

#endif
