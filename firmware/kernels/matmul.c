/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C = op(A) op(B) [+ bias] [+ C]. Products that are small and fit the arena are done in one piece each; neighbours
 * whose operands lie side by side in DRAM (the heads of an attention) are loaded and stored together. Others are cut
 * into tiles (matmul_tiles.c), and so are those with an epilogue. All but that is in one file: on a small chip the hart
 * is what everybody waits for.
 */
#include <stddef.h>

#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"
#include "firmware/kernels/product.h"

/* Array cycles below which a product is not worth cutting. */
#define SMALL_PRODUCT 8192u
/* Elements of an operand from which on loading it is worth hiding behind a product with its other half. */
#define WORTH_HALVING 1024u

static enum packing packing_of(const struct side* side, uint32_t inner_count) {
    if (inner_count == 1) return PACKED_SAME;
    if (side->inner_stride == 0) return PACKED_SAME;
    if (side->inner_stride == side->cols * (side->tensor.format == FORMAT_BF16 ? 2u : 4u)) return PACKED_COLS;
    if (side->inner_stride == (uint64_t)side->rows * side->tensor.pitch) return PACKED_ROWS;
    return PACKED_NOT;
}

static void open_side(struct side* side, const struct image_op* op, uint32_t operand, uint32_t rows, uint32_t cols,
                      uint32_t format, bool transposed) {
    tensor_open(&side->tensor, operand);
    side->base = side->tensor.address;
    side->rows = transposed ? cols : rows;
    side->cols = transposed ? rows : cols;
    side->outer_stride = image_operands(op)[operand].outer_stride;
    side->inner_stride = image_operands(op)[operand].inner_stride;
    side->format = format;
    side->transposed = transposed;
    side->packing = packing_of(side, op->inner_count);
}

static uint32_t operand_format(const struct image_op* op) {
    const bool bf16 = runtime.matrix_formats & INFO_FORMAT_BF16, fp32 = runtime.matrix_formats & INFO_FORMAT_FP32;
    if (!bf16 && !fp32) hal_fail(EXIT_CHIP, "op %u: the matrix unit takes neither fp32 nor bf16", runtime.op_number);
    return bf16 && (op->flags & OP_FLAG_BF16 || !fp32) ? FORMAT_BF16 : FORMAT_FP32;
}

static void open_product(struct product* p, const struct image_op* op) {
    p->m = op->dims[0];
    p->n = op->dims[1];
    p->k = op->dims[2];
    p->outer_count = op->outer_count;
    p->inner_count = op->inner_count;
    const uint32_t format = operand_format(op);
    open_side(&p->c, op, 0, p->m, p->n, FORMAT_FP32, false);
    open_side(&p->a, op, 1, p->m, p->k, format, op->flags & OP_FLAG_TRANSPOSE_A);
    open_side(&p->b, op, 2, p->k, p->n, format, op->flags & OP_FLAG_TRANSPOSE_B);
    p->has_bias = tensor_open_optional(&p->bias, 3);
    p->accumulate = operand_accumulates(op, 0);
    p->addend = &p->c.tensor;
    p->epilogue = NULL;
    p->mode = (p->a.transposed ? MATRIX_TRANSPOSE_A : 0) | (p->b.transposed ? MATRIX_TRANSPOSE_B : 0);
    if (p->k == 0 || p->outer_count == 0 || p->inner_count == 0)
        hal_fail(EXIT_IMAGE, "op %u: an empty product", runtime.op_number);
    if ((p->outer_count > 1 && p->c.outer_stride == 0) || (p->inner_count > 1 && p->c.inner_stride == 0))
        hal_fail(EXIT_IMAGE, "op %u: products that share their result", runtime.op_number);
}

/* `count` products together. */
static inline uint32_t group_rows(const struct side* side, uint32_t count) {
    return side->packing == PACKED_ROWS ? side->rows * count : side->rows;
}

static inline uint32_t group_cols(const struct side* side, uint32_t count) {
    return side->packing == PACKED_COLS ? side->cols * count : side->cols;
}

static inline uint64_t group_bytes(const struct side* side, uint32_t count) {
    return tile_bytes(group_rows(side, count), group_cols(side, count), side->format);
}

static uint32_t sets_for(const struct product* p, uint32_t count) {
    return p->outer_count > 1 || count < p->inner_count ? 2 : 1;
}

static bool group_fits(const struct product* p, uint32_t count) {
    const uint64_t bytes = group_bytes(&p->c, count) + group_bytes(&p->a, count) + group_bytes(&p->b, count);
    return bytes * sets_for(p, count) + tile_bytes(1, p->n, FORMAT_FP32) <= tile_room();
}

/* An upper bound of the array's cycles, compared without dividing. */
static bool is_small(const struct product* p) {
    const uint64_t rows = runtime.matrix_rows, cols = runtime.matrix_cols;
    return (p->m + rows) * (p->n + cols) * (p->k + rows + cols) <= SMALL_PRODUCT * rows * cols;
}

/* The second half of a side's rows or columns, as the operator names them, becomes the second product's. */
static void halve_side(struct side* side, bool rows) {
    uint32_t* const size = rows != side->transposed ? &side->rows : &side->cols;
    const uint64_t element = side->tensor.format == FORMAT_BF16 ? 2 : 4;
    *size /= 2;
    side->inner_stride = *size * (size == &side->rows ? side->tensor.pitch : element);
    side->packing = PACKED_NOT;
}

/* One product becomes two that share an operand, of half the rows or of half the columns, if they surely fit. */
static void halve(struct product* p) {
    if (p->outer_count > 1 || p->inner_count > 1 || p->has_bias || !runtime.commands_are_cheap) return;
    const bool rows = p->m > p->n;
    uint32_t* const size = rows ? &p->m : &p->n;
    if (*size % 2 || (uint64_t)*size * p->k < WORTH_HALVING) return;
    if (2 * (group_bytes(&p->a, 1) + group_bytes(&p->b, 1) + group_bytes(&p->c, 1)) > tile_room()) return;
    *size /= 2;
    p->inner_count = 2;
    halve_side(rows ? &p->a : &p->b, rows);
    halve_side(&p->c, rows);
    (rows ? &p->b : &p->a)->inner_stride = 0; /* of a single product it may be anything */
}

/* How many inner products are done together; 0: not even one fits. */
static uint32_t products_of_group(const struct product* p) {
    uint32_t count = p->inner_count;
    if (p->c.packing == PACKED_NOT || p->a.packing == PACKED_NOT || p->b.packing == PACKED_NOT) count = 1;
    if (count > 1 && runtime.commands_are_cheap) count = (count + 1) / 2; /* one half moves while the other computes */
    while (count > 1 && !group_fits(p, count))
        count = (count + 1) / 2;
    return group_fits(p, count) ? count : 0;
}

static struct tile_sets group_tiles(const struct side* side, uint32_t count, uint32_t sets) {
    struct tile_sets tiles;
    for (uint32_t i = 0; i < sets; ++i)
        tiles.tile[i] = tile_allocate(group_rows(side, count), group_cols(side, count), side->format);
    return tiles;
}

static const struct tile* load_group(struct side* side, const struct tile* tile, uint32_t outer, uint32_t inner,
                                     uint32_t count) {
    product_move(side, outer, inner);
    tile_load(tile, &side->tensor, 0, 0, group_rows(side, count), group_cols(side, count));
    return tile;
}

static struct tile member(const struct side* side, const struct tile* tile, uint32_t i) {
    return tile_view(tile, side->packing == PACKED_ROWS ? i * side->rows : 0,
                     side->packing == PACKED_COLS ? i * side->cols : 0);
}

static bool multiply_whole(struct product* p) {
    if (!is_small(p)) return false;
    halve(p);
    const uint32_t group = products_of_group(p);
    if (!group) return false;
    const uint32_t sets = sets_for(p, group);
    const struct tile_sets bs = group_tiles(&p->b, group, sets), as = group_tiles(&p->a, group, sets),
                           cs = group_tiles(&p->c, group, sets);
    struct tile bias;
    if (p->has_bias) {
        bias = tile_allocate(1, p->n, FORMAT_FP32);
        tile_load(&bias, &p->bias, 0, 0, 1, p->n);
    }
    const uint32_t mode = p->mode | (p->accumulate ? MATRIX_ACCUMULATE : 0);
    uint32_t set = 0;
    const struct tile *a = NULL, *b = NULL;
    for (uint32_t o = 0; o < p->outer_count; ++o)
        for (uint32_t i = 0; i < p->inner_count; i += group, set = set + 1 == sets ? 0 : set + 1) {
            const uint32_t count = smaller(group, p->inner_count - i);
            const struct tile* c = &cs.tile[set];
            /* What all inner products share is loaded with the first of them. */
            if (i == 0 || p->b.inner_stride) b = load_group(&p->b, &bs.tile[set], o, i, count);
            if (i == 0 || p->a.inner_stride) a = load_group(&p->a, &as.tile[set], o, i, count);
            if (p->accumulate) load_group(&p->c, c, o, i, count);
            for (uint32_t j = 0; j < count; ++j) {
                const struct tile aj = member(&p->a, a, j), bj = member(&p->b, b, j), cj = member(&p->c, c, j);
                matrix_multiply(&cj, &aj, &bj, p->has_bias ? &bias : NULL, p->m, p->n, p->k, mode);
            }
            product_move(&p->c, o, i);
            tile_store(c, &p->c.tensor, 0, 0, group_rows(&p->c, count), group_cols(&p->c, count));
        }
    return true;
}

void kernel_matmul(const struct image_op* op) {
    struct product product;
    open_product(&product, op);
    if (!multiply_whole(&product)) matmul_in_tiles(&product);
}

void kernel_matmul_fused(const struct image_op* op) {
    struct product product;
    struct epilogue epilogue;
    if (op->outer_count != 1 || op->inner_count != 1)
        hal_fail(EXIT_IMAGE, "op %u: a fused product is one, not %u x %u", runtime.op_number, op->outer_count,
                 op->inner_count);
    open_product(&product, op);
    product.epilogue = &epilogue;
    product.accumulate = tensor_open_optional(&epilogue.addend, 4);
    product.addend = &epilogue.addend;
    epilogue.has_x = tensor_open_optional(&epilogue.x, 5);
    epilogue.has_y = tensor_open_optional(&epilogue.y, 6);
    epilogue.activation = op->dims[3];
    matmul_in_tiles(&product);
}
