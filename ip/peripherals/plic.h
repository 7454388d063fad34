/* SPDX-License-Identifier: Apache-2.0 */
/* Platform-level interrupt controller for one context, layout of the RISC-V PLIC specification 1.0. Sources 1 to 63. */
#ifndef GRADUS_IP_PERIPHERALS_PLIC_H
#define GRADUS_IP_PERIPHERALS_PLIC_H

#define PLIC_SOURCES 64u
#define PLIC_PRIORITY 0x000000u  /* rw 32[source]: 0 never interrupts */
#define PLIC_PENDING 0x001000u   /* ro 32[2] */
#define PLIC_ENABLE 0x002000u    /* rw 32[2] */
#define PLIC_THRESHOLD 0x200000u /* rw 32 */
#define PLIC_CLAIM 0x200004u     /* read: claim; write: complete */
#define PLIC_REGISTER_BYTES 0x400000u

#endif
