// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/vector_timing.h"

#include <algorithm>

#include "ip/engine/matrix_folds.h"

namespace gradus::ip {

namespace {

/// How often each unit of a lane works on an element.
struct Steps {
    Cycles simple = 0;
    Cycles exp = 0;
    Cycles reciprocal = 0;
    Cycles root = 0;
};

Steps steps_of(std::uint8_t opcode, const vector_body& body) {
    switch (opcode) {
    case VECTOR_BLEND:
        return {2, 0, 0, 0};
    case VECTOR_EXP:
    case VECTOR_LOG:
        return {0, 1, 0, 0};
    case VECTOR_RECIPROCAL:
        return {0, 0, 1, 0};
    case VECTOR_RSQRT:
        return {0, 0, 0, 1};
    case VECTOR_SILU:
        return {2, 1, 1, 0};
    case VECTOR_GELU:
        return {5, 1, 1, 0};
    case VECTOR_GELU_ERF:
        return {11, 1, 1, 0};
    case VECTOR_SILU_BACKWARD:
        return {4, 1, 1, 0};
    case VECTOR_GELU_BACKWARD:
        return {9, 1, 1, 0};
    case VECTOR_GELU_ERF_BACKWARD:
        return {13, 1, 1, 0};
    case VECTOR_ADAM:
        return {11, 0, 1, 1};
    case VECTOR_SOFTMAX:
        return {body.u.softmax.period ? Cycles{6} : Cycles{5}, 1, 0, 0};
    case VECTOR_WINDOW_SOFTMAX:
        return {6, 1, 0, 0};
    case VECTOR_RMSNORM:
        return {2, 0, 0, 0};
    case VECTOR_COLUMN_EXP:
        return {2, 1, 0, 0};
    default:
        return {1, 0, 0, 0};
    }
}

/// Trees over the lanes for each row.
Cycles trees_of(std::uint8_t opcode) {
    switch (opcode) {
    case VECTOR_ROW_SUM:
    case VECTOR_ROW_MAX:
    case VECTOR_ROW_DOT:
    case VECTOR_PICK:
    case VECTOR_RMSNORM:
        return 1;
    case VECTOR_SOFTMAX:
    case VECTOR_WINDOW_SOFTMAX:
        return 2;
    default:
        return 0;
    }
}

/// What is done to a row's one value, in a group of its own.
Steps row_steps_of(std::uint8_t opcode) {
    switch (opcode) {
    case VECTOR_SOFTMAX:
    case VECTOR_WINDOW_SOFTMAX:
        return {0, 0, 1, 0};
    case VECTOR_RMSNORM:
        return {1, 0, 0, 1};
    default:
        return {};
    }
}

/// Of one group: how long it occupies the lanes, and how much later it is through.
VectorTime time_group(const Steps& steps, const VectorParameters& parameters) {
    VectorTime time{ceil_div(steps.simple, parameters.multiply_adders), steps.simple * parameters.simple_latency};
    const auto add = [&](Cycles count, Cycles interval, Cycles latency) {
        time.work += count * interval;
        time.latency += count * std::max(latency, interval);
    };
    add(steps.exp, parameters.exp_interval, parameters.exp_latency);
    add(steps.reciprocal, parameters.reciprocal_interval, parameters.reciprocal_latency);
    add(steps.root, parameters.root_interval, parameters.root_latency);
    time.latency -= time.work;
    return time;
}

} // namespace

VectorTime time_vector(std::uint8_t opcode, const vector_body& body, const VectorParameters& parameters) {
    const VectorTime group = time_group(steps_of(opcode, body), parameters);
    const VectorTime value = time_group(row_steps_of(opcode), parameters);
    const Cycles trees = trees_of(opcode) * tree_levels(parameters.lanes) * parameters.simple_latency;
    const std::uint64_t groups = std::uint64_t{body.rows} * ceil_div(body.cols, parameters.lanes);
    VectorTime time{groups * group.work + body.rows * value.work, group.latency + value.latency};
    if (parameters.tree == ReductionTree::folded)
        time.work += body.rows * trees;
    else
        time.latency += trees;
    return time;
}

LaneOperations count_operations(std::uint8_t opcode, const vector_body& body) {
    const Steps element = steps_of(opcode, body), value = row_steps_of(opcode);
    const auto count = [&](Cycles Steps::*step) { return body.rows * (body.cols * element.*step + value.*step); };
    return {count(&Steps::simple), count(&Steps::exp), count(&Steps::reciprocal), count(&Steps::root)};
}

} // namespace gradus::ip
