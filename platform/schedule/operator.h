// SPDX-License-Identifier: Apache-2.0
// One operator alone, as a schedule whose every step runs it once: for timing it on a chip, through the same firmware
// and image as a whole model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/schedule/schedule.h"

namespace gradus::schedule {

enum class OperatorKind { gemm, softmax, layernorm, rmsnorm, attention, fused_attention, add, relu, copy };

struct OperatorShape {
    std::string_view name;
    OperatorKind kind = OperatorKind::gemm;
    std::string_view shape; ///< "MxNxK"; as many dimensions as there are letters
    std::string_view help;  ///< one line
    bool bf16 = false;      ///< can be done in bf16
};

/// All of them.
const std::vector<OperatorShape>& operator_shapes();
/// Null when there is no such operator.
const OperatorShape* find_operator(std::string_view name);

/// "1024x768x768" as dimensions, also with X, * or a multiplication sign and with blanks around them; nothing for what
/// is no shape. Whether they suit an operator is for build_operator to say.
std::optional<std::vector<std::uint32_t>> parse_shape(std::string_view text);

struct OperatorRequest {
    OperatorKind kind = OperatorKind::gemm;
    std::vector<std::uint32_t> dims;
    /// bf16: gemm and both attentions convert their operands on the way into the scratchpad, as models do; the others
    /// have their tensors in DRAM in bf16.
    scenario::Format format = scenario::Format::fp32;
    unsigned steps = 2;
    bool record_commands = true; ///< as run.record_commands
};

/// Throws what build_operator() throws, without building: it takes no time.
void check_operator(const OperatorRequest& request, ip::AddressRange dram);

/// Inputs in fp32 are parameters and so have random values; those in bf16 are zero. Throws ScheduleError for dimensions
/// of the wrong number, zero ones, heads that do not divide the width, a format that the operator does not come in, and
/// for what does not fit into `dram`.
Schedule build_operator(const OperatorRequest& request, ip::AddressRange dram);

} // namespace gradus::schedule
