// SPDX-License-Identifier: Apache-2.0
// Names for people and for files of what reports carry as numbers.
#pragma once

#include <cstdint>
#include <string>

#include "platform/observe/recorder.h"

namespace gradus::observe {

/// "forward", "backward", "update", "generate", "validate"; "other" for anything else.
const char* phase_name(std::uint8_t phase);

/// "busy", "fetch", "fence", "memory", "bus".
const char* activity_name(ip::Activity activity);

/// "execute", "memory", "fetch", "wait".
const char* path_reason_name(PathReason reason);

/// "cpu", "dma", "matrix", "vector".
const char* kind_name(UnitKind kind);

/// What an opcode asks of a unit: "copy", "multiply", "adam"; "opcode 77" for one the unit does not have.
std::string opcode_name(UnitKind kind, std::uint8_t opcode);

} // namespace gradus::observe
