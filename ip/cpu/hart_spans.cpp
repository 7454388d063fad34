// SPDX-License-Identifier: Apache-2.0
#include "ip/cpu/hart_spans.h"

#include <algorithm>

namespace gradus::ip {

void HartSpans::add(Picoseconds begin, Picoseconds end, Activity activity) {
    while (begin < end) {
        const Picoseconds piece_end = std::min(end, (begin / cell + 1) * cell);
        if (busy_ + stalled_ == 0) begin_ = begin;
        (activity == Activity::busy ? busy_ : stalled_) += piece_end - begin;
        if (piece_end % cell == 0) flush();
        begin = piece_end;
    }
}

void HartSpans::flush() {
    const Picoseconds middle = begin_ + busy_, end = middle + stalled_;
    if (busy_) observer_.span(unit_, {begin_, middle, Activity::busy, 0, 0, tag_});
    if (stalled_) observer_.span(unit_, {middle, end, Activity::stall_bus, 0, 0, tag_});
    begin_ = end;
    busy_ = stalled_ = 0;
}

void HartSpans::set_tag(const Tag& tag) {
    flush();
    tag_ = tag;
}

} // namespace gradus::ip
