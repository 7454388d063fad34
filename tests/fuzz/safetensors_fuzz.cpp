// SPDX-License-Identifier: Apache-2.0
// links: gradus_weights
// Weights in a safetensors file: what is read lies in the file, every byte of the data belongs to one tensor, and what
// is written from it reads the same.
#include <cmath>
#include <memory>
#include <sstream>

#include "platform/weights/safetensors_reader.h"
#include "platform/weights/safetensors_writer.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;
using weights::WeightsError;

std::unique_ptr<weights::SafetensorsReader> opened(const std::string& file) {
    return std::make_unique<weights::SafetensorsReader>(std::make_unique<std::istringstream>(file), "weights");
}

void claim_layout(const weights::SafetensorsHeader& header, std::size_t file_bytes) {
    std::uint64_t bytes = 0;
    for (const auto& [name, tensor] : header.tensors) {
        claim(tensor.begin <= tensor.end && tensor.end <= file_bytes, "a tensor lies in the file");
        claim(tensor.elements() <= tensor.end - tensor.begin, "an element takes a byte or more");
        bytes += tensor.end - tensor.begin;
    }
    claim(bytes <= file_bytes, "tensors do not overlap");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto reader =
        fuzz::read_or_refuse<WeightsError>([&] { return opened(std::string(fuzz::text_of(data, size))); });
    if (!reader) return 0;
    claim_layout((*reader)->header(), size);
    std::vector<weights::NewTensor> written;
    std::string content;
    for (const auto& [name, tensor] : (*reader)->header().tensors) {
        const auto values =
            fuzz::read_or_refuse<WeightsError>([&, tensor_name = name] { return (*reader)->values(tensor_name); });
        if (!values) return 0;
        claim(values->size() == tensor.elements(), "as many numbers as the shape says");
        for (const float value : *values)
            claim(std::isfinite(value), "weights are finite");
        written.push_back({name, "F32", tensor.shape});
        content.append(reinterpret_cast<const char*>(values->data()), values->size() * sizeof(float));
    }
    const auto again = opened(weights::header_of(written, {}) + content);
    claim(again->header().tensors.size() == written.size(), "all tensors are written");
    for (const weights::NewTensor& tensor : written)
        claim(again->values(tensor.name) == (*reader)->values(tensor.name), "what is written reads the same");
    return 0;
}
