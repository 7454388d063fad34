// SPDX-License-Identifier: Apache-2.0
// A safetensors file, read tensor by tensor: the header at once, numbers when they are asked for.
#pragma once

#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "platform/weights/safetensors_header.h"

namespace gradus::weights {

class SafetensorsReader {
public:
    /// `name` stands in messages. Throws WeightsError.
    SafetensorsReader(std::unique_ptr<std::istream> file, std::string name);

    const SafetensorsHeader& header() const { return header_; }
    const std::string& name() const { return name_; }
    /// The numbers of a tensor that the header has, row by row. Throws WeightsError: another format than F32, BF16 or
    /// F16, what is no finite number, and a file that cannot be read any more.
    std::vector<float> values(const std::string& tensor);
    /// Whether that would refuse the tensor's format, with the same error.
    void check_format(const std::string& tensor) const;

private:
    [[noreturn]] void fail(const std::string& message) const;
    void read(std::uint64_t at, void* to, std::uint64_t bytes);

    std::unique_ptr<std::istream> file_;
    std::string name_;
    std::uint64_t data_ = 0; ///< where the data begins
    SafetensorsHeader header_;
};

} // namespace gradus::weights
