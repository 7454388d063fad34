/* SPDX-License-Identifier: Apache-2.0 */
/* Trains the model of the schedule image, validates it now and then, and generates texts in the end. */
#include <stdio.h>

#include "firmware/hal/exit_codes.h"
#include "firmware/hal/info.h"
#include "firmware/hal/mailbox.h"
#include "firmware/hal/queue.h"
#include "firmware/runtime/image.h"
#include "firmware/runtime/runtime.h"

static void introduce(const struct info_block* info, const struct image_header* header) {
    printf("train: %u x %u array, %u lanes, %lu KiB scratchpad, %u load and %u store channels\n", info->matrix_rows,
           info->matrix_cols, info->vector_lanes, (unsigned long)(info->scratchpad_bytes >> 10),
           (unsigned)(runtime.stream.load_queues), (unsigned)(runtime.stream.store_queues));
    printf("train: %u steps of %u ops\n", header->step_count, header->op_count);
}

int main(void) {
    static struct image image;
    queue_init();
    runtime_init();
    image_open(&image);
    const struct image_header* header = &image.header;
    introduce(hal_info(), header);

    for (uint32_t step = 0; step < header->step_count; ++step) {
        const uint32_t loss = image_train_step(&image, step);
        mailbox_send(MAILBOX_STEP_DONE, step, loss);
        if (header->flags & IMAGE_VALIDATE) image_validate(&image, step);
    }

    uint64_t random = header->seed;
    for (uint32_t text = 0; text < header->generate_count; ++text)
        image_generate(&image, text, &random);
    return EXIT_DONE;
}
