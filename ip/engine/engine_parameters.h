// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// An output-stationary systolic array of rows x cols multiply-accumulators.
struct MatrixParameters {
    unsigned rows = 4;
    unsigned cols = 4;
    Cycles startup_cycles = 4; ///< per command, before its first operand enters the array
    Bytes port_bytes = 32;     ///< a cycle, between the scratchpad and the array, each direction
};

struct VectorParameters {
    unsigned lanes = 4;
    Cycles startup_cycles = 4;      ///< per command: pipeline fill
    Cycles exp_interval = 4;        ///< cycles between two elements of one lane: exp, log, sigmoid, tanh
    Cycles reciprocal_interval = 4; ///< reciprocal and reciprocal square root
    Cycles adam_interval = 12;      ///< one element of the optimizer update
    Bytes port_bytes = 32;          ///< a cycle, between the scratchpad and the lanes, each direction
};

} // namespace gradus::ip
