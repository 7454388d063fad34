/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schedule image: what platform/schedule writes into DRAM and firmware/runtime walks. All little endian, naturally
 * aligned. Offsets are bytes from the start of the image; addresses are system addresses.
 *
 *   image_header | image_validation | image_op[op_count] | step inputs, of validation behind them | update table
 *
 * The inputs and update scalars of a short run lie in the image, those of a long one do not: the host feeds them while
 * the chip runs. Step inputs are then a ring of slots, and the update table is one record. When MAILBOX_STEP_DONE says
 * that step s is done, the host writes the record of step s + 1 in its place, and into the slot that step s leaves the
 * inputs of the next step that the ring has no room for yet. So the inputs of a step lie in their slot long before it
 * begins. A firmware sees no difference: it reads the step's record, which names the slot.
 *
 * One step runs the ops in order: forward and backward, of one micro-batch after the other, then update. To generate
 * text the firmware runs ops [0, generate_op_count) alone, which are of the first micro-batch, with its own tokens. To
 * validate it runs ops [0, image_validation.op_count), of the first micro-batch too, with inputs that stay in slots of
 * their own.
 */
#ifndef GRADUS_FIRMWARE_SCHEDULE_IMAGE_H
#define GRADUS_FIRMWARE_SCHEDULE_IMAGE_H

#include <stdint.h>

#include "firmware/include/operators.h"

#define IMAGE_MAGIC 0x53444152u /* "RADS" */
#define IMAGE_VERSION 5u

/* image_header.flags: later steps may run the commands of the first one again, instead of submitting their own */
#define IMAGE_RECORD 0x01u
/* updates may begin before their turn, as soon as what they wait for has been submitted */
#define IMAGE_EARLY_UPDATES 0x02u
/* an image_validation follows the header; otherwise nothing is validated */
#define IMAGE_VALIDATE 0x04u
#define IMAGE_FLAGS (IMAGE_RECORD | IMAGE_EARLY_UPDATES | IMAGE_VALIDATE)

struct image_header {
    uint32_t magic;
    uint32_t version;
    uint64_t bytes; /* of the whole image */
    uint32_t op_count;
    uint32_t op_bytes; /* from record to record: an image_op and as many image_operands as any operator of it has */
    uint64_t op_offset;
    uint32_t step_count;
    uint32_t batch;    /* sequences a micro-batch */
    uint32_t sequence; /* tokens a sequence */
    uint32_t vocabulary;
    /*
     * Inputs of a step start at step_offset + slot * step_stride, where its update record says which slot it has:
     * uint32 tokens[n], then uint32 targets[n], then float weights[n] (of each prediction's loss; they sum to 1), with
     * batch * sequence of them, or batch where an image's label is predicted, for each micro-batch in turn. Where the
     * loss is scaled for gradients, as many scaled weights are next. The patches of images follow as floats, at a
     * multiple of 64 bytes. Operands with a step stride point there.
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
    uint32_t flags; /* IMAGE_* */
    uint64_t seed;
};

/*
 * After step s of the image, counted from 0, if `every` divides first_step + s + 1, and after the last one: a forward
 * pass for each batch.
 */
struct image_validation {
    uint32_t first_step; /* of the image, in the whole run */
    uint32_t every;      /* steps, 1 at least */
    uint32_t batches;
    uint32_t slot;     /* of the first batch's inputs, as of a step's; the others follow */
    uint32_t op_count; /* leading ops that end with the loss */
    uint32_t reserved;
};

struct image_update {
    float step_size;  /* learning rate; of adam: / (1 - beta1^t) */
    float correction; /* 1 / (1 - beta2^t), of adam alone */
    float decay;      /* learning rate * weight decay */
    uint32_t slot;    /* of the step's inputs */
    float kept;       /* 1 - decay */
    float step_back;  /* -step_size */
};

#define IMAGE_NO_OP 0xffffffffu

struct image_operand {
    uint64_t address;      /* 0: none */
    uint64_t pitch;        /* bytes from row to row */
    uint64_t outer_stride; /* bytes from product to product of a batch, see image_op.outer_count */
    uint64_t inner_stride;
    uint32_t step_stride; /* add slot * step_stride to the address */
    /*
     * Before touching this operand, op number `after` of the same step and every op before it must have retired
     * (IMAGE_NO_OP: none). It is the latest op with a hazard on the operand's memory; earlier ones may have some, too.
     */
    uint32_t after;
    uint8_t format; /* FORMAT_* */
    uint8_t flags;  /* OPERAND_* */
    uint8_t reserved[6];
};

/* Its operands follow it: image_operands(op)[0] to [operand_count - 1], in the order of the operator's definition. */
struct image_op {
    uint16_t kind; /* OP_* */
    uint8_t phase; /* COMMAND_PHASE_* */
    uint8_t operand_count;
    uint16_t layer; /* COMMAND_NO_LAYER: none */
    uint16_t reserved0;
    uint32_t flags;   /* OP_FLAG_* */
    uint32_t dims[6]; /* as the operator's definition says; the first two are rows and columns of its result */
    float scalar[4];
    /*
     * Outer x inner independent products (1 x 1: a single one); product (i, j) works at the address of each operand
     * + i * outer_stride + j * inner_stride.
     */
    uint32_t outer_count;
    uint32_t inner_count;
    uint32_t reserved1;
};

static inline const struct image_operand* image_operands(const struct image_op* op) {
    return (const struct image_operand*)(op + 1);
}

#endif
