// SPDX-License-Identifier: Apache-2.0
#include "ip/common/storage.h"

#include <new>
#include <sys/mman.h>

namespace gradus::ip {

Storage::Storage(Bytes bytes) : bytes_(bytes) {
    void* mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<std::uint8_t*>(mapping);
}

Storage::~Storage() { munmap(data_, bytes_); }

} // namespace gradus::ip
