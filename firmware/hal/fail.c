/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/hal/fail.h"

#include <stdarg.h>
#include <stdio.h>

#include "firmware/hal/mailbox.h"

void hal_fail(int code, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("firmware: ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    mailbox_exit(code);
}
