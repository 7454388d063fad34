// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/safetensors_writer.h"

#include <cstring>

#include <nlohmann/json.hpp>

namespace gradus::weights {

std::string header_of(const std::vector<NewTensor>& tensors,
                      const std::vector<std::pair<std::string, std::string>>& metadata) {
    using nlohmann::ordered_json;
    ordered_json header = ordered_json::object();
    for (const auto& [key, value] : metadata)
        header["__metadata__"][key] = value;
    std::uint64_t offset = 0;
    for (const NewTensor& tensor : tensors) {
        std::uint64_t bytes = tensor.type == "BF16" ? 2 : 4;
        for (const std::uint64_t dimension : tensor.shape)
            bytes *= dimension;
        header.push_back(
            {tensor.name,
             {{"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + bytes}}}});
        offset += bytes;
    }
    std::string json = header.dump();
    json.resize((json.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = json.size();
    std::string text(sizeof length, '\0');
    std::memcpy(text.data(), &length, sizeof length);
    return text + json;
}

} // namespace gradus::weights
