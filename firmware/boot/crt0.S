/* SPDX-License-Identifier: Apache-2.0 */
/* Reset entry: registers, trap vector, stack, thread-local storage, data and bss, then main; its result is the exit code. */
    .option arch, +zicsr
    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    la tp, __tls_base
    .option pop
    la sp, __stack_top
    la t0, trap_entry
    csrw mtvec, t0
    csrw mie, zero

    la a0, __bss_start
    la a1, __bss_end
1:  bgeu a0, a1, 2f
    sd zero, 0(a0)
    addi a0, a0, 8
    j 1b
2:  call hal_check_info
    call main
    call exit

/*
 * Every trap ends the run: interrupts only wake the hart from wfi, mstatus.MIE is never set. The report needs no register of
 * the interrupted code but a few to print, and starts on a fresh stack, because the old one may be what went wrong.
 */
    .align 2
trap_entry:
    csrw mscratch, sp
    la sp, __stack_top
    mv a3, ra
    csrr a4, mscratch
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    j trap_report
