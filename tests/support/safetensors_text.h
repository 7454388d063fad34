// SPDX-License-Identifier: Apache-2.0
// Safetensors files byte by byte, good and bad ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace gradus::test {

/// Length, header and data, whatever they are.
inline std::string safetensors(const std::string& json, const std::string& data = "") {
    const std::uint64_t length = json.size();
    std::string text(sizeof length, '\0');
    std::memcpy(text.data(), &length, sizeof length);
    return text + json + data;
}

inline std::string bytes_of(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]};
}

} // namespace gradus::test
