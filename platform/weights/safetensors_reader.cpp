// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/safetensors_reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "ip/numerics/bf16.h"
#include "platform/text/plain.h"
#include "platform/weights/f16.h"

namespace gradus::weights {

namespace {

using text::shown;

constexpr std::uint64_t length_bytes = 8;

} // namespace

SafetensorsReader::SafetensorsReader(std::unique_ptr<std::istream> file, std::string name)
    : file_(std::move(file)), name_(std::move(name)) {
    file_->seekg(0, std::ios::end);
    const auto end = static_cast<std::streamoff>(file_->tellg());
    if (end < 0) fail("cannot be read");
    const auto bytes = static_cast<std::uint64_t>(end);
    if (bytes < length_bytes) fail("is no safetensors file: it ends within its first 8 bytes");
    std::uint64_t length = 0;
    read(0, &length, length_bytes);
    if (length > bytes - length_bytes)
        fail(fmt::format("is no safetensors file, or is cut: its header of {} bytes does not fit into its {} bytes",
                         length, bytes));
    if (length > longest_header)
        fail(fmt::format("has a header of {} bytes; {} MiB is the most", length, longest_header >> 20));
    std::string json(length, '\0');
    read(length_bytes, json.data(), length);
    data_ = length_bytes + length;
    try {
        header_ = parse_header(json, bytes - data_);
    } catch (const WeightsError& error) {
        fail(error.what());
    }
}

void SafetensorsReader::fail(const std::string& message) const {
    throw WeightsError(fmt::format("'{}': {}", shown(name_), message));
}

void SafetensorsReader::read(std::uint64_t at, void* to, std::uint64_t bytes) {
    file_->clear();
    file_->seekg(static_cast<std::streamoff>(at));
    file_->read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (static_cast<std::uint64_t>(file_->gcount()) != bytes) fail("cannot be read to its end");
}

void SafetensorsReader::check_format(const std::string& tensor) const {
    const std::string& type = header_.tensors.at(tensor).type;
    if (type != "F32" && type != "BF16" && type != "F16")
        fail(fmt::format("tensor '{}' is of type {}; F32, BF16 and F16 can be read", shown(tensor), type));
}

std::vector<float> SafetensorsReader::values(const std::string& tensor) {
    check_format(tensor);
    const StoredTensor& stored = header_.tensors.at(tensor);
    std::vector<float> values(stored.elements());
    if (stored.type == "F32") {
        read(data_ + stored.begin, values.data(), stored.end - stored.begin);
    } else {
        std::vector<std::uint16_t> halves(values.size());
        read(data_ + stored.begin, halves.data(), stored.end - stored.begin);
        std::transform(halves.begin(), halves.end(), values.begin(), stored.type == "BF16" ? ip::from_bf16 : from_f16);
    }
    const auto wrong = std::find_if_not(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
    if (wrong != values.end())
        fail(fmt::format("tensor '{}' holds {} as element {}: weights are finite numbers", shown(tensor),
                         std::isnan(*wrong) ? "NaN" : "an infinity", wrong - values.begin()));
    return values;
}

} // namespace gradus::weights
