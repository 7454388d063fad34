/* SPDX-License-Identifier: Apache-2.0 */
/* The bundled pages, inside the program: a report needs no other file. */
    .section .rodata
    .global gradus_report_page_begin
    .global gradus_report_page_end
    .global gradus_sweep_page_begin
    .global gradus_sweep_page_end
gradus_report_page_begin:
    .incbin GRADUS_REPORT_PAGE
gradus_report_page_end:
gradus_sweep_page_begin:
    .incbin GRADUS_SWEEP_PAGE
gradus_sweep_page_end:
    .section .note.GNU-stack, "", %progbits
