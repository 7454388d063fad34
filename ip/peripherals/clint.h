/* SPDX-License-Identifier: Apache-2.0 */
/* Core-local interruptor for one hart, layout of the SiFive CLINT (FU540-C000 manual, chapter 9). mtime counts chip
 * clock cycles. */
#ifndef GRADUS_IP_PERIPHERALS_CLINT_H
#define GRADUS_IP_PERIPHERALS_CLINT_H

#define CLINT_MSIP 0x0000u     /* rw 32: bit 0 raises the software interrupt */
#define CLINT_MTIMECMP 0x4000u /* rw 64 (or two 32): timer interrupt while mtime >= mtimecmp */
#define CLINT_MTIME 0xbff8u    /* ro 64 (or two 32) */
#define CLINT_REGISTER_BYTES 0x10000u

#endif
