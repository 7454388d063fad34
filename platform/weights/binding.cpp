// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/binding.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <fnmatch.h>

namespace gradus::weights {
namespace {

using Parameters = std::map<std::string, const schedule::Tensor*>;

constexpr std::string_view layer_mark = "{}";

std::string of_layer(const std::string& name, unsigned layer) {
    const std::size_t at = name.find(layer_mark);
    return at == std::string::npos ? name : fmt::format("{}{}{}", name.substr(0, at), layer, name.substr(at + 2));
}

bool ends_with(const std::string& text, std::string_view ending) {
    return text.size() >= ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

bool is_vector(const schedule::Tensor& tensor) {
    return ends_with(tensor.name, ".gain") || ends_with(tensor.name, ".bias");
}

/// A published tensor of one layer; no parameters where the model has none of them, nothing where it lacks some.
std::optional<BoundTensor> bound(const PublishedTensor& published, unsigned layer, const Parameters& parameters) {
    BoundTensor tensor{of_layer(published.name, layer), {}, published.form};
    for (const char* name : published.parameters)
        if (const auto found = parameters.find(of_layer(name, layer)); found != parameters.end())
            tensor.parameters.push_back(found->second);
    if (!tensor.parameters.empty() && tensor.parameters.size() != published.parameters.size()) return std::nullopt;
    return tensor;
}

/// Nothing where a parameter has no published name.
std::optional<Binding> binding_of(const Naming& naming, unsigned layers, const Parameters& parameters) {
    Binding binding{&naming, true, {}};
    std::size_t count = 0;
    for (const PublishedTensor& published : naming.tensors) {
        const bool each_layer = std::string_view(published.name).find(layer_mark) != std::string_view::npos;
        for (unsigned layer = 0; layer < (each_layer ? layers : 1); ++layer) {
            const std::optional<BoundTensor> tensor = bound(published, layer, parameters);
            if (!tensor) return std::nullopt;
            if (tensor->parameters.empty()) continue;
            count += tensor->parameters.size();
            binding.tensors.push_back(*tensor);
        }
    }
    if (count != parameters.size()) return std::nullopt;
    return binding;
}

std::vector<std::uint64_t> without_ones(std::vector<std::uint64_t> shape) {
    shape.erase(std::remove(shape.begin(), shape.end(), 1u), shape.end());
    return shape;
}

/// Of the usual images: three channels, or one.
std::vector<std::uint64_t> patch_shape(std::uint64_t rows, std::uint64_t cols) {
    for (const std::uint64_t channels : {3u, 1u}) {
        std::uint64_t side = 1;
        while (channels * side * side < cols)
            ++side;
        if (channels * side * side == cols) return {rows, channels, side, side};
    }
    return {rows, cols, 1, 1};
}

} // namespace

std::uint64_t BoundTensor::rows() const { return first_row_of(parameters.size()); }

std::uint64_t BoundTensor::first_row_of(std::size_t index) const {
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < index; ++i)
        rows += is_vector(*parameters[i]) ? parameters[i]->cols : parameters[i]->rows;
    return rows;
}

std::vector<std::uint64_t> BoundTensor::shape() const {
    switch (form) {
    case Form::transposed:
        return {cols(), rows()};
    case Form::one_row:
        return {1, 1, cols()};
    case Form::one_batch:
        return {1, rows(), cols()};
    case Form::patches:
        return patch_shape(rows(), cols());
    case Form::same:
    case Form::positions:
        break;
    }
    if (is_vector(*parameters.front())) return {rows()};
    return {rows(), cols()};
}

bool BoundTensor::takes(const std::vector<std::uint64_t>& given) const {
    if (form == Form::positions) return given.size() == 2 && given[0] >= rows() && given[1] == cols();
    if (form == Form::patches) {
        std::uint64_t values = 1;
        for (std::size_t i = 1; i < given.size(); ++i)
            values *= given[i];
        return !given.empty() && given[0] == rows() && values == cols();
    }
    return without_ones(given) == without_ones(shape());
}

std::vector<float> BoundTensor::parameter(std::size_t index, const std::vector<float>& published) const {
    const schedule::Tensor& tensor = *parameters[index];
    const std::uint64_t first = first_row_of(index), all = rows(), width = is_vector(tensor) ? 1 : tensor.cols;
    std::vector<float> values(tensor.rows * tensor.cols);
    if (form != Form::transposed) {
        std::copy_n(published.begin() + static_cast<std::ptrdiff_t>(first * width), values.size(), values.begin());
        return values;
    }
    for (std::uint64_t row = 0; row < tensor.rows; ++row)
        for (std::uint64_t col = 0; col < tensor.cols; ++col)
            values[row * tensor.cols + col] = published[col * all + first + row];
    return values;
}

std::vector<float> BoundTensor::published(const std::vector<std::vector<float>>& values) const {
    std::vector<float> rows_behind_rows;
    for (const std::vector<float>& each : values)
        rows_behind_rows.insert(rows_behind_rows.end(), each.begin(), each.end());
    if (form != Form::transposed) return rows_behind_rows;
    const std::uint64_t all = rows(), width = cols();
    std::vector<float> turned(rows_behind_rows.size());
    for (std::uint64_t row = 0; row < all; ++row)
        for (std::uint64_t col = 0; col < width; ++col)
            turned[col * all + row] = rows_behind_rows[row * width + col];
    return turned;
}

std::string Binding::spelt(const std::string& name) const {
    if (!naming || has_prefix || name.rfind(naming->prefix, 0) != 0) return name;
    return name.substr(std::string_view(naming->prefix).size());
}

std::string Binding::modern(const std::string& name) const {
    if (naming)
        for (const auto& [older, newer] : naming->endings)
            if (ends_with(name, older)) return name.substr(0, name.size() - std::string_view(older).size()) + newer;
    return name;
}

bool Binding::ignores(const std::string& name) const {
    if (!naming) return false;
    const std::string_view prefix = naming->prefix;
    const std::string bare = name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
    return std::any_of(naming->ignored.begin(), naming->ignored.end(),
                       [&](const char* pattern) { return fnmatch(pattern, bare.c_str(), 0) == 0; });
}

std::vector<Binding> bindings(const scenario::ModelParameters& model, const std::vector<schedule::Tensor>& tensors) {
    Parameters parameters;
    Binding ours;
    for (const schedule::Tensor& tensor : tensors) {
        if (tensor.kind != schedule::TensorKind::parameter) continue;
        parameters.emplace(tensor.name, &tensor);
        ours.tensors.push_back({tensor.name, {&tensor}, Form::same});
    }
    std::vector<Binding> all;
    for (const Naming& naming : namings()) {
        if (!naming.fits(model)) continue;
        std::optional<Binding> binding = binding_of(naming, model.layers, parameters);
        if (!binding) continue;
        all.push_back(*binding);
        if (*naming.prefix == 0) continue;
        binding->has_prefix = false;
        all.push_back(*binding);
    }
    all.push_back(ours);
    return all;
}

} // namespace gradus::weights
