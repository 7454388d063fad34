// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/names.h"

#include <fmt/format.h>

#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"

namespace gradus::observe {

namespace {

const char* dma_opcode(std::uint8_t opcode) {
    switch (opcode) {
    case DMA_COPY:
        return "copy";
    case DMA_GATHER:
        return "gather";
    case DMA_SCATTER:
        return "scatter";
    case DMA_FILL:
        return "fill";
    default:
        return nullptr;
    }
}

const char* vector_opcode(std::uint8_t opcode) {
    switch (opcode) {
    case VECTOR_ADD:
        return "add";
    case VECTOR_SUB:
        return "sub";
    case VECTOR_MUL:
        return "mul";
    case VECTOR_MAX:
        return "max";
    case VECTOR_BLEND:
        return "blend";
    case VECTOR_AFFINE:
        return "affine";
    case VECTOR_EXP:
        return "exp";
    case VECTOR_LOG:
        return "log";
    case VECTOR_RECIPROCAL:
        return "reciprocal";
    case VECTOR_RSQRT:
        return "rsqrt";
    case VECTOR_RELU:
        return "relu";
    case VECTOR_GELU:
        return "gelu";
    case VECTOR_SILU:
        return "silu";
    case VECTOR_CAUSAL_MASK:
        return "causal mask";
    case VECTOR_WINDOW_MASK:
        return "window mask";
    case VECTOR_GELU_ERF:
        return "gelu erf";
    case VECTOR_GELU_ERF_BACKWARD:
        return "gelu erf backward";
    case VECTOR_RELU_BACKWARD:
        return "relu backward";
    case VECTOR_GELU_BACKWARD:
        return "gelu backward";
    case VECTOR_SILU_BACKWARD:
        return "silu backward";
    case VECTOR_ROW_SUM:
        return "row sum";
    case VECTOR_ROW_MAX:
        return "row max";
    case VECTOR_ROW_DOT:
        return "row dot";
    case VECTOR_COLUMN_SUM:
        return "column sum";
    case VECTOR_COLUMN_MAX:
        return "column max";
    case VECTOR_COLUMN_EXP:
        return "column exp";
    case VECTOR_PICK:
        return "pick";
    case VECTOR_SUBTRACT_ONE_HOT:
        return "subtract one-hot";
    case VECTOR_SOFTMAX:
        return "softmax";
    case VECTOR_WINDOW_SOFTMAX:
        return "window softmax";
    case VECTOR_RMSNORM:
        return "rmsnorm";
    case VECTOR_ADAM:
        return "adam";
    default:
        return nullptr;
    }
}

const char* known_opcode(UnitKind kind, std::uint8_t opcode) {
    if (opcode == COMMAND_FENCE) return "fence";
    switch (kind) {
    case UnitKind::dma:
        return dma_opcode(opcode);
    case UnitKind::matrix:
        return opcode == MATRIX_MULTIPLY ? "multiply" : nullptr;
    case UnitKind::vector:
        return vector_opcode(opcode);
    case UnitKind::cpu:
        break;
    }
    return nullptr;
}

} // namespace

const char* phase_name(std::uint8_t phase) {
    switch (phase) {
    case COMMAND_PHASE_FORWARD:
        return "forward";
    case COMMAND_PHASE_BACKWARD:
        return "backward";
    case COMMAND_PHASE_UPDATE:
        return "update";
    case COMMAND_PHASE_GENERATE:
        return "generate";
    case COMMAND_PHASE_VALIDATE:
        return "validate";
    default:
        return "other";
    }
}

const char* activity_name(ip::Activity activity) {
    switch (activity) {
    case ip::Activity::busy:
        return "busy";
    case ip::Activity::stall_fetch:
        return "fetch";
    case ip::Activity::stall_fence:
        return "fence";
    case ip::Activity::stall_memory:
        return "memory";
    case ip::Activity::stall_bus:
        return "bus";
    }
    return "unknown";
}

const char* path_reason_name(PathReason reason) {
    switch (reason) {
    case PathReason::execute:
        return "execute";
    case PathReason::memory:
        return "memory";
    case PathReason::fetch:
        return "fetch";
    case PathReason::wait:
        return "wait";
    }
    return "?";
}

const char* kind_name(UnitKind kind) {
    switch (kind) {
    case UnitKind::cpu:
        return "cpu";
    case UnitKind::dma:
        return "dma";
    case UnitKind::matrix:
        return "matrix";
    case UnitKind::vector:
        return "vector";
    }
    return "unknown";
}

std::string opcode_name(UnitKind kind, std::uint8_t opcode) {
    if (const char* name = known_opcode(kind, opcode)) return name;
    return fmt::format("opcode {}", opcode);
}

} // namespace gradus::observe
