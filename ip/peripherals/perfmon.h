/* SPDX-License-Identifier: Apache-2.0 */
/* The performance monitor: counters that firmware can read. Read-only, 64 bits. */
#ifndef GRADUS_IP_PERIPHERALS_PERFMON_H
#define GRADUS_IP_PERIPHERALS_PERFMON_H

#define PERFMON_CYCLES 0x000u /* chip clock cycles since reset */
#define PERFMON_QUEUE 0x100u  /* first queue's counters; queue q at PERFMON_QUEUE + q * PERFMON_QUEUE_BYTES */
#define PERFMON_QUEUE_BYTES 0x20u
#define PERFMON_QUEUE_RETIRED 0x00u /* commands; rewinding does not take them back */
#define PERFMON_QUEUE_BUSY 0x08u    /* cycles doing work */
#define PERFMON_QUEUE_STALLED 0x10u /* cycles with a command at hand but waiting: fence, memory, fetch */
/*
 * What retired commands amounted to: multiply-accumulates of a matrix unit, elements of a vector unit, bytes moved of a
 * DMA channel. Each byte of a copy counts once, wherever it goes: of each command those that it read count (source,
 * indices, and the destination if it accumulates), or those that it wrote, if they are more (a fill; bf16 to fp32).
 */
#define PERFMON_QUEUE_WORK 0x18u
#define PERFMON_REGISTER_BYTES 0x1000u

#endif
