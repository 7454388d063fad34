// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/npy.h"

#include <fmt/format.h>

namespace gradus::weights {

std::string npy_header(std::uint64_t rows, std::uint64_t cols) {
    constexpr std::size_t fixed = 10, alignment = 64; // magic, version and length
    std::string dictionary = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, cols);
    const std::size_t length = (fixed + dictionary.size() + 1 + alignment - 1) / alignment * alignment - fixed;
    dictionary.resize(length - 1, ' ');
    std::string text = "\x93NUMPY";
    text += {'\x01', '\x00', static_cast<char>(length & 0xff), static_cast<char>(length >> 8)};
    return text + dictionary + "\n";
}

} // namespace gradus::weights
