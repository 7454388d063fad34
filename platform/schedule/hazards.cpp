// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/hazards.h"

#include <algorithm>

namespace gradus::schedule {

Hazards::Segments::const_iterator Hazards::first_touching(std::uint64_t address) const {
    auto segment = segments_.upper_bound(address);
    if (segment != segments_.begin() && std::prev(segment)->second.end > address) --segment;
    return segment;
}

std::int32_t Hazards::before_read(ip::AddressRange range) const {
    std::int32_t latest = none;
    for (auto it = first_touching(range.base); it != segments_.end() && it->first < range.end(); ++it)
        latest = std::max(latest, it->second.writer);
    return latest;
}

std::int32_t Hazards::before_write(ip::AddressRange range) const {
    std::int32_t latest = none;
    for (auto it = first_touching(range.base); it != segments_.end() && it->first < range.end(); ++it)
        latest = std::max({latest, it->second.writer, it->second.reader});
    return latest;
}

void Hazards::split_at(std::uint64_t address) {
    auto segment = segments_.lower_bound(address);
    if (segment == segments_.begin()) return;
    --segment;
    if (segment->second.end <= address) return;
    const Segment upper = segment->second;
    segment->second.end = address;
    segments_.emplace(address, upper);
}

void Hazards::fill_gaps(ip::AddressRange range) {
    std::uint64_t at = range.base;
    for (auto it = segments_.lower_bound(range.base); at < range.end();) {
        const bool inside = it != segments_.end() && it->first < range.end();
        const std::uint64_t gap_end = inside ? it->first : range.end();
        if (at < gap_end) segments_.emplace(at, Segment{gap_end, none, none});
        at = inside ? it->second.end : range.end();
        if (inside) ++it;
    }
}

void Hazards::read(ip::AddressRange range, std::int32_t op) {
    split_at(range.base);
    split_at(range.end());
    fill_gaps(range);
    for (auto it = segments_.lower_bound(range.base); it != segments_.end() && it->first < range.end(); ++it)
        it->second.reader = op;
}

void Hazards::write(ip::AddressRange range, std::int32_t op) {
    split_at(range.base);
    split_at(range.end());
    segments_.erase(segments_.lower_bound(range.base), segments_.lower_bound(range.end()));
    segments_.emplace(range.base, Segment{range.end(), op, none});
}

} // namespace gradus::schedule
