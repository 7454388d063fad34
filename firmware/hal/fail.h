/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run that cannot go on: one line on the console, and an exit code. */
#ifndef GRADUS_FIRMWARE_HAL_FAIL_H
#define GRADUS_FIRMWARE_HAL_FAIL_H

#include "firmware/hal/exit_codes.h"

/* Prints "firmware: " and the message, then ends the run with `code`. Integers and strings only: printf has no floats
 * here. */
__attribute__((noreturn, format(printf, 2, 3))) void hal_fail(int code, const char* format, ...);

#endif
