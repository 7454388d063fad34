// SPDX-License-Identifier: Apache-2.0
// Bytes that passed a place, by who asked for them.
#pragma once

#include <vector>

#include "ip/common/units.h"

namespace gradus::ip {

struct Traffic {
    Bytes bytes_read = 0;
    Bytes bytes_written = 0;
};

class TrafficByInitiator {
public:
    void count(unsigned initiator, Bytes bytes, bool write) {
        if (initiator >= traffic_.size()) traffic_.resize(initiator + 1);
        (write ? traffic_[initiator].bytes_written : traffic_[initiator].bytes_read) += bytes;
    }
    Traffic of(unsigned initiator) const { return initiator < traffic_.size() ? traffic_[initiator] : Traffic{}; }

private:
    std::vector<Traffic> traffic_;
};

} // namespace gradus::ip
