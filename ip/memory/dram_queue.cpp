// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram_queue.h"

namespace gradus::ip {

DramQueue::DramQueue(unsigned entries, unsigned banks) : entries_(entries), banks_(banks) {
    for (unsigned i = 0; i + 1 < entries; ++i)
        entries_[i].next = static_cast<Index>(i + 1);
}

} // namespace gradus::ip
