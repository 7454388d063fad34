/* SPDX-License-Identifier: Apache-2.0 */
/* Activations of elements that lie in tiles, by ACTIVATION_*. An unknown one ends the run with EXIT_IMAGE. */
#ifndef GRADUS_FIRMWARE_KERNELS_ACTIVATION_H
#define GRADUS_FIRMWARE_KERNELS_ACTIVATION_H

#include "firmware/runtime/compute.h"

/* y = f(x); y may be x. */
void activate_tile(uint32_t activation, uint32_t rows, uint32_t cols, const struct tile* y, const struct tile* x);

/* gradient = f'(x) gradient. What is in x is lost. */
void activation_slope_tile(uint32_t activation, uint32_t rows, uint32_t cols, const struct tile* gradient,
                           const struct tile* x);

#endif
