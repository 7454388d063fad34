/* SPDX-License-Identifier: Apache-2.0 */
/* Walking the schedule image: training steps, validation, and text generation. */
#ifndef GRADUS_FIRMWARE_RUNTIME_IMAGE_H
#define GRADUS_FIRMWARE_RUNTIME_IMAGE_H

#include "firmware/include/schedule_image.h"

struct image {
    uint64_t address;
    struct image_header header;
    uint32_t phase; /* last one that was announced */
};

/*
 * Reads the header from where the info block points to and opens the table of operators. Ends the run with EXIT_IMAGE
 * if there is no image or this firmware cannot read it. After runtime_init().
 */
void image_open(struct image* image);

/* One step: forward, backward, update; returns when all of it has retired. Returns the loss as fp32 bits. */
uint32_t image_train_step(struct image* image, uint32_t step);

/*
 * Behind a step that validation follows, forward passes over what is held back, with the weights as they are; each
 * batch's loss is reported. What later steps compute does not depend on it. For an image with IMAGE_VALIDATE.
 */
void image_validate(struct image* image, uint32_t step);

/* Generates text number `text` token by token and reports it; `random` is the state of the generator, moved on. */
void image_generate(struct image* image, uint32_t text, uint64_t* random);

#endif
