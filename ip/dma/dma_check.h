// SPDX-License-Identifier: Apache-2.0
// Whether a DMA command can be carried out at all, before its first transaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "ip/common/command_error.h"
#include "ip/common/element.h"
#include "ip/common/units.h"
#include "ip/dma/dma_command.h"

namespace gradus::ip {

/// The byte offset of a field of dma_body in its descriptor, as CommandError reports it.
#define DMA_FIELD(field) static_cast<std::uint32_t>(offsetof(command, body) + offsetof(dma_body, field))

/// The first thing wrong with a command, if anything is:
/// - QUEUE_ERROR_OPCODE: not a DMA opcode;
/// - QUEUE_ERROR_VALUE: unknown format or mode bit, a mode or format the opcode does not have, no rows or columns or
///   index rows, a reserved byte that is not zero;
/// - QUEUE_ERROR_ADDRESS: an address or pitch that is not a multiple of the element, a shape that runs past the end of
///   the address space.
/// Whether anything answers at the addresses is found out by going there. What an opcode does not use is not looked at.
std::optional<CommandError> dma_check(std::uint8_t opcode, const dma_body& body);

} // namespace gradus::ip
