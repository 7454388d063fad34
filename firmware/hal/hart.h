/* SPDX-License-Identifier: Apache-2.0 */
/* The few instructions that C has no word for. */
#ifndef GRADUS_FIRMWARE_HAL_HART_H
#define GRADUS_FIRMWARE_HAL_HART_H

#include <stdint.h>

#define HART_MIE_SOFTWARE (1u << 3)
#define HART_MIE_TIMER (1u << 7)
#define HART_MIE_EXTERNAL (1u << 11)

/* Sleeps until an interrupt that is enabled in mie is pending; mstatus.MIE may be off, then nothing traps. */
static inline void hart_wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

/* All earlier writes are visible to devices before any later one. */
static inline void hart_write_barrier(void) { __asm__ volatile("fence w, ow" ::: "memory"); }

/* Which interrupts wake the hart: HART_MIE_*. */
static inline void hart_enable(unsigned interrupts) {
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrs mie, %0\n.option pop" ::"r"((uint64_t)interrupts));
}

static inline void hart_disable(unsigned interrupts) {
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrc mie, %0\n.option pop" ::"r"((uint64_t)interrupts));
}

static inline uint64_t hart_cycles(void) {
    uint64_t cycles;
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, mcycle\n.option pop" : "=r"(cycles));
    return cycles;
}

#endif
