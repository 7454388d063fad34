/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/op_table.h"

#include "firmware/hal/fail.h"
#include "firmware/hal/memory.h"
#include "firmware/kernels/kernels.h"
#include "firmware/runtime/runtime.h"
#include "ip/dma/dma_command.h"

#define NO_WINDOW UINT32_MAX

struct bank {
    uint8_t* ops;
    uint32_t window; /* what is in it, or on its way */
    uint32_t fence;  /* of the channel, when it has arrived */
    bool arrived;
};

static struct {
    uint64_t address;
    uint32_t count;
    uint32_t op_bytes;
    uint32_t shift; /* a window holds 1 << shift operators; window w goes to bank w mod 2 */
    uint32_t banks;
    struct bank bank[2];
} table;

void op_table_open(uint64_t address, uint32_t op_count, uint32_t op_bytes) {
    table.address = address;
    table.count = op_count;
    table.op_bytes = op_bytes;
    const uint64_t room = memory_left() / 2;
    table.banks = (uint64_t)op_count * op_bytes <= room ? 1 : 2;
    table.shift = 0;
    if (table.banks == 1)
        while (1u << table.shift < op_count)
            ++table.shift;
    else
        while ((uint64_t)op_bytes << (table.shift + 2) <= room)
            ++table.shift;
    const uint64_t bytes = table.banks == 1 ? (uint64_t)op_count * op_bytes : (uint64_t)op_bytes << table.shift;
    for (uint32_t i = 0; i < table.banks; ++i)
        table.bank[i] = (struct bank){.ops = memory_allocate(bytes, sizeof(uint64_t)), .window = NO_WINDOW};
}

static const struct image_op* op_of(const struct bank* bank, uint32_t index) {
    return (const struct image_op*)(bank->ops + (uint64_t)index * table.op_bytes);
}

static void fetch(struct bank* bank, uint32_t window) {
    const uint32_t first = window << table.shift;
    const uint32_t count = smaller(1u << table.shift, table.count - first);
    const struct issue issue = command_begin(runtime.stream.load_queue[0]);
    struct dma_body* body = command_place(&issue, DMA_COPY | COMMAND_FLAG_INTERRUPT << 8);
    body->src = table.address + (uint64_t)first * table.op_bytes;
    body->dst = (uint64_t)(uintptr_t)bank->ops;
    body->rows = count;
    body->cols = table.op_bytes / 4;
    body->src_pitch = body->dst_pitch = table.op_bytes;
    body->src_format = body->dst_format = FORMAT_FP32;
    body->mode = 0;
    bank->window = window;
    bank->fence = command_submit(&issue);
    bank->arrived = false;
}

bool op_table_is_whole(void) { return table.banks == 1; }

void op_table_rewound(void) {
    for (uint32_t i = 0; i < table.banks; ++i)
        table.bank[i].fence = 0;
}

static void check(const struct bank* bank) {
    const uint32_t first = bank->window << table.shift;
    const uint32_t count = smaller(1u << table.shift, table.count - first);
    for (uint32_t i = 0; i < count; ++i)
        kernel_check(op_of(bank, i), first + i, table.op_bytes);
}

const struct image_op* op_table_get(uint32_t number) {
    const uint32_t window = number >> table.shift;
    struct bank* bank = &table.bank[window & (table.banks - 1)];
    if (bank->window != window) fetch(bank, window);
    if (!bank->arrived) {
        queue_wait(runtime.stream.load_queue[0], bank->fence);
        bank->arrived = true;
        check(bank);
        /* The other bank's operators have been walked. After the last window comes the first again. */
        const uint32_t last = (table.count - 1) >> table.shift;
        const uint32_t next = window == last ? 0 : window + 1;
        struct bank* other = &table.bank[next & (table.banks - 1)];
        if (other != bank && other->window != next) fetch(other, next);
    }
    return op_of(bank, number - (window << table.shift));
}
