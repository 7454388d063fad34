// SPDX-License-Identifier: Apache-2.0
#include "ip/peripherals/plic_core.h"

namespace gradus::ip {

namespace {

constexpr std::uint64_t bit(unsigned source) { return std::uint64_t{1} << source; }

} // namespace

void PlicCore::set_level(unsigned source, bool level) {
    if (source == 0 || source >= PLIC_SOURCES) return;
    levels_ = level ? levels_ | bit(source) : levels_ & ~bit(source);
    forward(source);
}

void PlicCore::forward(unsigned source) {
    if ((levels_ & bit(source)) && !(in_service_ & bit(source))) pending_ |= bit(source);
}

unsigned PlicCore::best() const {
    unsigned best = 0;
    std::uint32_t best_priority = 0;
    for (unsigned source = 1; source < PLIC_SOURCES; ++source)
        if ((pending_ & enabled_ & bit(source)) && priority_[source] > best_priority) {
            best = source;
            best_priority = priority_[source];
        }
    return best;
}

bool PlicCore::line() const { return priority_[best()] > threshold_; }

std::uint32_t PlicCore::claim() {
    const unsigned source = best();
    if (source == 0) return 0;
    pending_ &= ~bit(source);
    in_service_ |= bit(source);
    return source;
}

void PlicCore::complete(std::uint32_t source) {
    if (source == 0 || source >= PLIC_SOURCES || !(enabled_ & bit(source))) return;
    in_service_ &= ~bit(source);
    forward(source);
}

void PlicCore::set_priority(unsigned source, std::uint32_t priority) {
    if (source != 0) priority_[source] = priority & highest_priority; // there is no source 0
}

} // namespace gradus::ip
