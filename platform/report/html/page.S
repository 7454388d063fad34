/* SPDX-License-Identifier: Apache-2.0 */
/* The bundled pages, inside the program: a report needs no other file. */
    .macro page name, file
    .global gradus_\name\()_page_begin
    .global gradus_\name\()_page_end
gradus_\name\()_page_begin:
    .incbin "\file"
gradus_\name\()_page_end:
    .endm

    .section .rodata
    page report, GRADUS_REPORT_PAGE
    page sweep, GRADUS_SWEEP_PAGE
    page whatif, GRADUS_WHATIF_PAGE
    .section .note.GNU-stack, "", %progbits
