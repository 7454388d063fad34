/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>

#include "firmware/hal/exit_codes.h"
#include "firmware/hal/info.h"
#include "firmware/hal/mailbox.h"

static const char* cause_name(uint64_t cause) {
    static const char* const names[] = {"instruction address misaligned",
                                        "instruction access fault",
                                        "illegal instruction",
                                        "breakpoint",
                                        "load address misaligned",
                                        "load access fault",
                                        "store address misaligned",
                                        "store access fault",
                                        "environment call from U-mode",
                                        "environment call from S-mode",
                                        "reserved",
                                        "environment call from M-mode"};
    if (cause >> 63) return "unexpected interrupt";
    return cause < sizeof names / sizeof names[0] ? names[cause] : "unknown cause";
}

/* From crt0.S. A second trap in here would come back for ever, so it is answered with the exit code alone. */
__attribute__((noreturn)) void trap_report(uint64_t cause, uint64_t pc, uint64_t address, uint64_t ra, uint64_t sp) {
    static int reporting;
    if (!reporting && hal_info()->magic == INFO_MAGIC) {
        reporting = 1;
        printf("firmware: trap: %s, pc 0x%lx, address 0x%lx (cause %lu, ra 0x%lx, sp 0x%lx)\n", cause_name(cause),
               (unsigned long)pc, (unsigned long)address, (unsigned long)(cause << 1 >> 1), (unsigned long)ra,
               (unsigned long)sp);
    }
    mailbox_exit(EXIT_TRAP);
}
