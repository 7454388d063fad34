// SPDX-License-Identifier: Apache-2.0
// The bytes behind a memory: zero-filled, as large as the chip says, and backed by host memory only where touched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ip/common/units.h"

namespace gradus::ip {

class Storage {
public:
    /// Throws std::bad_alloc when the host cannot reserve that much address space.
    explicit Storage(Bytes bytes);
    ~Storage();
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    Bytes bytes() const { return bytes_; }
    std::uint8_t* data() { return data_; }
    const std::uint8_t* data() const { return data_; }

private:
    Bytes bytes_;
    std::uint8_t* data_;
};

} // namespace gradus::ip
