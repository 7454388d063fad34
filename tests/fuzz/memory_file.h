// SPDX-License-Identifier: Apache-2.0
// A file in memory, for readers that take a path because they read what a library decompresses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

namespace gradus::fuzz {

class MemoryFile {
public:
    MemoryFile() : descriptor_(memfd_create("input", 0)) { claim(descriptor_ >= 0, "there is memory for a file"); }
    ~MemoryFile() { close(descriptor_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    void put(const std::uint8_t* data, std::size_t size) {
        const auto bytes = static_cast<ssize_t>(size);
        claim(ftruncate(descriptor_, 0) == 0 && pwrite(descriptor_, data, size, 0) == bytes,
              "a file takes its content");
    }
    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    int descriptor_;
};

} // namespace gradus::fuzz
