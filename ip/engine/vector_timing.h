// SPDX-License-Identifier: Apache-2.0
// The vector unit's time. The unit has `lanes` identical fp32 lanes, which work through a tile [rows, cols].
//
// Modelled
//   Groups. The lanes take a row `lanes` elements at a time, and every row starts a new group:
//       groups = rows * ceil(cols / lanes)
//   So [1, n] is faster than [n, 1], although both hold the same gapless data.
//   Steps. A lane has one or more multiply-adders (interval 1), a unit for exponentials and logarithms, one for
//   reciprocals and one for roots. It works with one kind of them at a time. An opcode does these steps to an element:
//                                                    simple   exp, log   reciprocal   root
//       ADD SUB MUL MAX AFFINE RELU RELU_BACKWARD
//       CAUSAL_MASK WINDOW_MASK (p - c, unsigned,
//       below the window) SUBTRACT_ONE_HOT PICK
//       ROW_SUM ROW_MAX ROW_DOT COLUMN_SUM COLUMN_MAX   1
//       BLEND                                           2
//       EXP LOG                                                    1
//       RECIPROCAL                                                              1
//       RSQRT                                                                                1
//       SILU   x / (1 + exp(-x))                        2          1            1
//       GELU   the same of 2u, 3 steps for 2u           5          1            1
//       GELU_ERF  erf by Abramowitz and Stegun, 7.1.26:
//                3 for arguments, 5 for a polynomial,
//                product, sign, product                11          1            1
//       SILU_BACKWARD  s = 1 / (1 + exp(-x)),
//                      dy (s + x (s - s^2))             4          1            1
//       GELU_BACKWARD  3 for 2u, 1 for s, 1 for (2u)',
//                      dy (s + x (s - s^2) (2u)')       9          1            1
//       GELU_ERF_BACKWARD  10 of GELU_ERF's, density,
//                sum, product                          13          1            1
//       ADAM   2 for m, 3 for v, 6 for p               11                       1            1
//       SOFTMAX  scale, (mask,) maximum, difference,
//                sum, product                           5 (6)      1
//       WINDOW_SOFTMAX  the same with a mask            6          1
//       RMSNORM  square and sum, product                2
//       COLUMN_EXP  difference, sum                     2          1
//   A quotient is a reciprocal and a product. A group occupies the lanes for the sum of the intervals of its steps. The
//   multiply-adders of a lane share the simple steps. Groups follow each other at this interval. The last group is
//   through when the latencies of its steps are over:
//       interval = ceil(simple / multiply_adders) + sum of exp, reciprocal and root intervals
//       (groups - 1) * interval + sum of latencies
//   (This is the schedule of a loop whose iterations overlap: B. R. Rau, Iterative modulo scheduling, MICRO 1994.)
//   Rows. An opcode that gives one value a row adds a tree over the lanes for each row. A tree takes ceil(log2 lanes)
//   simple latencies, and both softmaxes have two trees. A `folded` tree uses the lanes' own adders, which do nothing
//   else meanwhile. Beside a `pipelined` tree other rows go on, so that only the last tree shows, at the command's end.
//   Opcodes of columns need no tree: each lane keeps its own columns. Steps on the one value of a row take the lanes
//   like a group. (Both softmaxes have a reciprocal of that kind, RMSNORM a multiply-add and a root.)
//
// Example: ROW_SUM of [3, 8] on 4 lanes. 3 rows of 2 groups take 6 cycles. A folded tree of 2 levels for each row takes
// 3 * 2 cycles more: 12 cycles in all. (VectorTiming.AValueARowAddsATreeOverTheLanesForEachRow)
//
// Not modelled
//   Two units of a lane at work on one group at once.
//   Sums that wait for the adder's own latency: a lane adds one element a cycle to a sum.
//   Lanes of other widths than 32 bits. Registers that run short.
#pragma once

#include <cstdint>

#include "ip/common/observer.h"
#include "ip/engine/engine_parameters.h"
#include "ip/engine/vector_command.h"

namespace gradus::ip {

struct VectorTime {
    Cycles work = 0;    ///< cycles that the lanes are occupied
    Cycles latency = 0; ///< cycles from then until the last result is out of the lanes
};

/// Returns the time of a command. Precondition: check_vector found nothing.
VectorTime time_vector(std::uint8_t opcode, const vector_body& body, const VectorParameters& parameters);

/// Returns the number of steps of a command: those on all of its elements and those on the one value of each row. The
/// trees over the lanes are not included.
LaneOperations count_operations(std::uint8_t opcode, const vector_body& body);

} // namespace gradus::ip
