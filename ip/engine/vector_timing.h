// SPDX-License-Identifier: Apache-2.0
// The vector unit's time: `lanes` identical fp32 lanes working through a tile [rows, cols].
//
// Modelled
//   Groups. A row is taken `lanes` elements at a time and every row starts a new group: groups = rows *
//   ceil(cols/lanes). So [1, n] is faster than [n, 1] for the same gapless data.
//   Steps. A lane has one or more multiply-adders (interval 1), a unit for exponentials and logarithms, one for
//   reciprocals and one for roots, and works with one kind of them at a time. What an opcode does to an element:
//                                                    simple   exp, log   reciprocal   root
//       ADD SUB MUL MAX AFFINE RELU RELU_BACKWARD
//       CAUSAL_MASK SUBTRACT_ONE_HOT PICK
//       ROW_SUM ROW_MAX ROW_DOT COLUMN_SUM              1
//       BLEND                                           2
//       EXP LOG                                                    1
//       RECIPROCAL                                                              1
//       RSQRT                                                                                1
//       SILU   x / (1 + exp(-x))                        2          1            1
//       GELU   the same of 2u, 3 steps for 2u           5          1            1
//       SILU_BACKWARD  s = 1 / (1 + exp(-x)),
//                      dy (s + x (s - s^2))             4          1            1
//       GELU_BACKWARD  3 for 2u, 1 for s, 1 for (2u)',
//                      dy (s + x (s - s^2) (2u)')       9          1            1
//       ADAM   2 for m, 3 for v, 6 for p               11                       1            1
//       SOFTMAX  scale, (mask,) maximum, difference,
//                sum, product                           5 (6)      1
//       RMSNORM  square and sum, product                2
//   A quotient is a reciprocal and a product. A group occupies the lanes for the sum of its steps' intervals (simple
//   ones are shared by the lane's multiply-adders); groups follow each other at that interval, and the last one is
//   through when its steps' latencies are over. (The schedule of a loop whose iterations overlap: B. R. Rau, Iterative
//   modulo scheduling, MICRO 1994.)
//       interval = ceil(simple / multiply_adders) + sum of exp, reciprocal and root intervals
//       (groups - 1) * interval + sum of latencies
//   Rows. What ends in one value a row adds a tree over the lanes for each, ceil(log2 lanes) simple latencies (SOFTMAX:
//   two). A folded tree uses the lanes' own adders and keeps them from anything else; with a pipelined tree other rows
//   go on meanwhile, and one tree remains at the command's end. COLUMN_SUM needs none: each lane keeps its own columns.
//   Steps on a row's one value (SOFTMAX: a reciprocal; RMSNORM: a multiply-add and a root) take the lanes like a group.
//
// Not modelled
//   Steps of one group in two units of a lane at once. Sums waiting for the adder's own latency: a lane adds an element
//   a cycle to a sum. Lanes of other widths than 32 bits. Registers that run short.
#pragma once

#include <cstdint>

#include "ip/common/observer.h"
#include "ip/engine/engine_parameters.h"
#include "ip/engine/vector_command.h"

namespace gradus::ip {

struct VectorTime {
    Cycles work = 0;    ///< of the lanes
    Cycles latency = 0; ///< until the last result is out of them
};

/// Precondition: check_vector found nothing.
VectorTime time_vector(std::uint8_t opcode, const vector_body& body, const VectorParameters& parameters);

/// The steps of a command on all of its elements and on the one value of each row; without the trees over the lanes.
LaneOperations count_operations(std::uint8_t opcode, const vector_body& body);

} // namespace gradus::ip
