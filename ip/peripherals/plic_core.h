// SPDX-License-Identifier: Apache-2.0
// A platform-level interrupt controller for one context: gateways, priorities, claim and complete.
// Source: RISC-V Platform-Level Interrupt Controller Specification 1.0.
//
// Every source is level-triggered. Its gateway forwards one request while the level is high and keeps quiet until the
// handler completes it; if the level is still high then, it forwards another. A forwarded request stays pending even if
// the level drops. Priorities are 0 (never) to 7; among equals the lowest source number wins. The threshold masks the
// line to the hart, not the claim.
#pragma once

#include <array>
#include <cstdint>

#include "ip/peripherals/plic.h"

namespace gradus::ip {

class PlicCore {
public:
    static constexpr std::uint32_t highest_priority = 7;

    void set_level(unsigned source, bool level);
    /// Whether the hart's external interrupt line is high.
    bool line() const;
    /// The source to serve, 0 if none; it is pending no longer.
    std::uint32_t claim();
    /// The handler is done with a source. Ignored when the source is not enabled.
    void complete(std::uint32_t source);

    std::uint32_t priority(unsigned source) const { return priority_[source]; }
    void set_priority(unsigned source, std::uint32_t priority);
    std::uint32_t threshold() const { return threshold_; }
    void set_threshold(std::uint32_t threshold) { threshold_ = threshold & highest_priority; }
    std::uint64_t pending() const { return pending_; } ///< bit s: source s
    std::uint64_t enabled() const { return enabled_; }
    void set_enabled(std::uint64_t sources) { enabled_ = sources & ~std::uint64_t{1}; }

private:
    unsigned best() const;
    void forward(unsigned source);

    std::array<std::uint32_t, PLIC_SOURCES> priority_{};
    std::uint32_t threshold_ = 0;
    std::uint64_t levels_ = 0, pending_ = 0, enabled_ = 0;
    std::uint64_t in_service_ = 0; ///< claimed and not completed: the gateway keeps quiet
};

} // namespace gradus::ip
