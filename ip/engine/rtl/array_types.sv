// SPDX-License-Identifier: Apache-2.0
// What travels through the arrays. Numbers are fp32 bit patterns; a cell's arithmetic is the host model's own.
package array_types;
    typedef logic [31:0] word;

    // An operand on its way east. `first` and `last` mark the ends of its stream.
    typedef struct packed {
        logic valid, first, last;
        word value;
    } operand;

    // A result on its way south, out of the array.
    typedef struct packed {
        logic moving;
        word value;
    } held_result;

    // A weight on its way south, to the row where `hops` is 0. Not used: the row has no term, sums pass it by.
    typedef struct packed {
        logic valid, used;
        logic [7:0] hops;
        word value;
    } weight;

    // A sum on its way south, and which of the stream's sums it is.
    typedef struct packed {
        logic valid, last;
        word index, value;
    } partial_sum;

    // sum + a * b; product and sum are each rounded to fp32.
    import "DPI-C" pure function int unsigned gradus_multiply_add(input int unsigned sum, input int unsigned a,
                                                                  input int unsigned b);
endpackage
