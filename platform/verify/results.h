// SPDX-License-Identifier: Apache-2.0
// The DRAM in the order of operators, whatever order the chip took: what lies there before an operator, and what its
// commands made of its results.
#pragma once

#include <cstdint>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/storage.h"
#include "platform/schedule/schedule.h"
#include "platform/verify/written.h"

namespace gradus::verify {

/// The tensors, as they are between two operators.
class TensorMemory {
public:
    /// As the chip has them, `tensors` being all of their addresses.
    TensorMemory(ip::AddressRange tensors, const ReadMemory& read);

    bool contains(std::uint64_t address, std::uint64_t bytes) const { return range_.contains(address, bytes); }
    std::uint8_t* at(std::uint64_t address) { return bytes_.data() + (address - range_.base); }
    const std::uint8_t* at(std::uint64_t address) const { return bytes_.data() + (address - range_.base); }

private:
    ip::AddressRange range_;
    ip::Storage bytes_;
};

/// What an operator writes, as it is after the operator.
class Results {
public:
    /// As it is before.
    Results(const schedule::Op& op, const TensorMemory& before);

    /// Whether all of it lies in the operator's results; what does not is left out.
    bool apply(const Written& written);
    /// An element of them. It must lie in one of them.
    const std::uint8_t* at(std::uint64_t address) const;
    /// How often it was written.
    unsigned writes(std::uint64_t address) const;
    void store_to(TensorMemory& memory) const;

private:
    struct Part {
        ip::AddressRange range;
        std::vector<std::uint8_t> bytes;
        std::vector<std::uint8_t> writes; ///< of each two bytes, up to 255; empty where all formats are fp32
    };
    Part* part_of(std::uint64_t address, std::uint64_t bytes);
    const Part& part_of(std::uint64_t address) const;

    std::vector<Part> parts_; ///< in order, none touches another one
};

/// All addresses of an operand, from its first to its last byte.
ip::AddressRange range_of(const schedule::Op& op, unsigned operand);
/// Whether the operator writes it, and it is there.
bool is_result(const schedule::Op& op, unsigned operand);
/// Its elements, of all products of a batch.
std::uint64_t elements_of(const schedule::Op& op, unsigned operand);

} // namespace gradus::verify
