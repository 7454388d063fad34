// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/sram_port_core.h"

namespace gradus::ip {

Picoseconds SramPortCore::serve(const MemoryRequest& request) {
    const Bytes width = parameters_.port_bytes;
    const Picoseconds beats = clock_(ceil_div(request.offset % width + request.bytes, width));
    return port_.reserve(request.arrival, beats) + beats + clock_(parameters_.latency);
}

double SramPortCore::peak_bytes_per_second() const {
    return static_cast<double>(parameters_.port_bytes) * clock_.hertz();
}

} // namespace gradus::ip
