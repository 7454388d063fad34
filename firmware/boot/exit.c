/* SPDX-License-Identifier: Apache-2.0 */
/* Where exit() and abort() of the C library end. */
#include <stdlib.h>
#include <unistd.h>

#include "firmware/hal/mailbox.h"

void _exit(int code) { mailbox_exit(code); }
