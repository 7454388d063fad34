// SPDX-License-Identifier: Apache-2.0
#include "platform/verify/results.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "ip/common/element.h"
#include "platform/schedule/ops/definition.h"

namespace gradus::verify {

namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t counted_bytes = 2; // of the smallest element

} // namespace

/// Pages that hold nothing but zeros take no memory of the host.
TensorMemory::TensorMemory(ip::AddressRange tensors, const ReadMemory& read) : range_(tensors), bytes_(tensors.bytes) {
    std::array<std::uint8_t, page_bytes> page;
    for (std::uint64_t offset = 0; offset < range_.bytes; offset += page_bytes) {
        const std::uint64_t bytes = std::min(page_bytes, range_.bytes - offset);
        read(range_.base + offset, page.data(), bytes);
        if (std::any_of(page.begin(), page.begin() + bytes, [](std::uint8_t byte) { return byte != 0; }))
            std::memcpy(bytes_.data() + offset, page.data(), bytes);
    }
}

bool is_result(const schedule::Op& op, unsigned operand) {
    return op.operands[operand].address != 0 &&
           schedule::definition_of(op.image.kind).operands[operand].role != schedule::Role::reads;
}

ip::AddressRange range_of(const schedule::Op& op, unsigned operand) {
    const image_operand& of = op.operands[operand];
    const schedule::Extent extent = schedule::definition_of(op.image.kind).operands[operand].extent(op.image);
    return {of.address, (extent.rows - 1) * of.pitch + extent.cols * ip::element_bytes(of.format) +
                            std::uint64_t{op.image.outer_count - 1} * of.outer_stride +
                            std::uint64_t{op.image.inner_count - 1} * of.inner_stride};
}

std::uint64_t elements_of(const schedule::Op& op, unsigned operand) {
    const schedule::Extent extent = schedule::definition_of(op.image.kind).operands[operand].extent(op.image);
    return extent.rows * extent.cols * op.image.outer_count * op.image.inner_count;
}

Results::Results(const schedule::Op& op, const TensorMemory& before) {
    std::vector<ip::AddressRange> ranges;
    bool is_rounded = false;
    for (unsigned i = 0; i < op.operands.size(); ++i)
        if (is_result(op, i)) {
            ranges.push_back(range_of(op, i));
            is_rounded = is_rounded || op.operands[i].format == FORMAT_BF16;
        }
    std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.base < b.base; });
    for (const ip::AddressRange& range : ranges) {
        if (parts_.empty() || range.base > parts_.back().range.end()) parts_.push_back({range, {}, {}});
        ip::AddressRange& last = parts_.back().range;
        last.bytes = std::max(last.end(), range.end()) - last.base;
    }
    for (Part& part : parts_) {
        const std::uint8_t* const from = before.at(part.range.base);
        part.bytes.assign(from, from + part.range.bytes);
        if (is_rounded) part.writes.resize(part.range.bytes / counted_bytes + 1);
    }
}

Results::Part* Results::part_of(std::uint64_t address, std::uint64_t bytes) {
    const auto found = std::find_if(parts_.begin(), parts_.end(),
                                    [&](const Part& part) { return part.range.contains(address, bytes); });
    return found == parts_.end() ? nullptr : &*found;
}

const Results::Part& Results::part_of(std::uint64_t address) const {
    for (const Part& part : parts_)
        if (part.range.contains(address, 1)) return part;
    throw std::logic_error("an element that is none of the operator's results");
}

bool Results::apply(const Written& written) {
    bool inside = true;
    for (std::size_t row = 0; row < written.rows.size(); ++row) {
        Part* const part = part_of(written.rows[row], written.row_bytes);
        if (!part) {
            inside = false;
            continue;
        }
        const std::uint64_t offset = written.rows[row] - part->range.base;
        std::memcpy(part->bytes.data() + offset, written.data.data() + row * written.row_bytes, written.row_bytes);
        if (part->writes.empty()) continue;
        for (std::uint64_t i = offset / counted_bytes; i < (offset + written.row_bytes) / counted_bytes; ++i)
            if (part->writes[i] < 255) ++part->writes[i];
    }
    return inside;
}

const std::uint8_t* Results::at(std::uint64_t address) const {
    const Part& part = part_of(address);
    return part.bytes.data() + (address - part.range.base);
}

unsigned Results::writes(std::uint64_t address) const {
    const Part& part = part_of(address);
    return part.writes.empty() ? 1u : part.writes[(address - part.range.base) / counted_bytes];
}

void Results::store_to(TensorMemory& memory) const {
    for (const Part& part : parts_)
        std::memcpy(memory.at(part.range.base), part.bytes.data(), part.bytes.size());
}

} // namespace gradus::verify
