// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/safetensors_header.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/text/plain.h"

namespace gradus::weights {
namespace {

using nlohmann::json;
using text::shown;

constexpr int deepest = 3; // the object, a tensor's, a list in it
constexpr std::size_t most_dimensions = 8;

const std::map<std::string_view, std::uint64_t>& bytes_of_types() {
    static const std::map<std::string_view, std::uint64_t> bytes = {
        {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"U16", 2}, {"I16", 2}, {"F16", 2},
        {"BF16", 2}, {"U32", 4}, {"I32", 4}, {"F32", 4},     {"U64", 8},     {"I64", 8}, {"F64", 8}};
    return bytes;
}

json parsed(std::string_view text) {
    std::set<std::string> names;
    const auto bounded = [&](int depth, json::parse_event_t event, json& value) {
        if (depth > deepest) throw WeightsError("the header is nested too deep");
        if (event == json::parse_event_t::key && depth == 1 && !names.insert(value.get<std::string>()).second)
            throw WeightsError(fmt::format("the header names '{}' twice", shown(value.get<std::string>())));
        return true;
    };
    try {
        json header = json::parse(text, bounded);
        if (!header.is_object()) throw WeightsError("the header is no JSON object");
        return header;
    } catch (const json::exception&) {
        throw WeightsError("the header is no JSON");
    }
}

/// Reads the entry of one tensor.
class Entry {
public:
    Entry(const std::string& name, const json& entry) : name_(name), entry_(entry) {}

    StoredTensor read() const {
        if (!entry_.is_object()) fail("has no object in the header");
        StoredTensor tensor;
        const json& type = field("dtype");
        if (!type.is_string()) fail("has a dtype that is no text");
        tensor.type = type.get<std::string>();
        tensor.shape = numbers("shape");
        if (tensor.shape.size() > most_dimensions) fail(fmt::format("has more than {} dimensions", most_dimensions));
        const std::vector<std::uint64_t> offsets = numbers("data_offsets");
        if (offsets.size() != 2 || offsets[0] > offsets[1]) fail("has data_offsets that are no begin and end");
        tensor.begin = offsets[0];
        tensor.end = offsets[1];
        check_size(tensor);
        return tensor;
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw WeightsError(fmt::format("tensor '{}' {}", shown(name_), what));
    }
    const json& field(const char* name) const {
        const auto found = entry_.find(name);
        if (found == entry_.end()) fail(fmt::format("has no {}", name));
        return *found;
    }
    std::vector<std::uint64_t> numbers(const char* name) const {
        const json& list = field(name);
        const auto is_count = [](const json& each) { return each.is_number_unsigned(); };
        if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_count))
            fail(fmt::format("has a {} that is no list of whole numbers from 0", name));
        return list.get<std::vector<std::uint64_t>>();
    }
    void check_size(const StoredTensor& tensor) const {
        const auto bytes = bytes_of_types().find(tensor.type);
        if (bytes == bytes_of_types().end()) fail(fmt::format("has the unknown dtype '{}'", shown(tensor.type)));
        std::uint64_t size = bytes->second;
        bool fits = true;
        for (const std::uint64_t dimension : tensor.shape)
            fits = fits && !__builtin_mul_overflow(size, dimension, &size);
        if (!fits || size != tensor.end - tensor.begin)
            fail(fmt::format("has {} bytes, which {} of {} do not take", tensor.end - tensor.begin,
                             shape_text(tensor.shape), tensor.type));
    }

    const std::string& name_;
    const json& entry_;
};

std::map<std::string, std::string> read_metadata(const json& metadata) {
    const auto is_text = [](const json& each) { return each.is_string(); };
    if (!metadata.is_object() || !std::all_of(metadata.begin(), metadata.end(), is_text))
        throw WeightsError("__metadata__ is no object of texts");
    return metadata.get<std::map<std::string, std::string>>();
}

void check_layout(const std::map<std::string, StoredTensor>& tensors, std::uint64_t data_bytes) {
    std::vector<std::pair<std::uint64_t, std::string>> order;
    for (const auto& [name, tensor] : tensors)
        if (tensor.end > tensor.begin) order.emplace_back(tensor.begin, name);
    std::sort(order.begin(), order.end());
    std::uint64_t end = 0;
    for (const auto& [begin, name] : order) {
        const StoredTensor& tensor = tensors.at(name);
        if (tensor.end > data_bytes)
            throw WeightsError(
                fmt::format("tensor '{}' ends at byte {} of the data, of which there are {}: is the file cut?",
                            shown(name), tensor.end, data_bytes));
        if (begin != end)
            throw WeightsError(fmt::format("tensor '{}' {} the tensor before it", shown(name),
                                           begin < end ? "overlaps" : "leaves a gap behind"));
        end = tensor.end;
    }
    if (end != data_bytes) throw WeightsError(fmt::format("{} bytes of data belong to no tensor", data_bytes - end));
}

} // namespace

std::uint64_t StoredTensor::elements() const {
    std::uint64_t count = 1;
    for (const std::uint64_t dimension : shape)
        count *= dimension;
    return count;
}

std::string shape_text(const std::vector<std::uint64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

SafetensorsHeader parse_header(std::string_view text, std::uint64_t data_bytes) {
    const json content = parsed(text);
    SafetensorsHeader header;
    for (const auto& [name, entry] : content.items()) {
        if (name == "__metadata__")
            header.metadata = read_metadata(entry);
        else
            header.tensors.emplace(name, Entry(name, entry).read());
    }
    check_layout(header.tensors, data_bytes);
    return header;
}

} // namespace gradus::weights
