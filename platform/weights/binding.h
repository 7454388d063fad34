// SPDX-License-Identifier: Apache-2.0
// Which published tensors hold which parameters of a model.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "platform/schedule/schedule.h"
#include "platform/weights/naming.h"

namespace gradus::weights {

struct BoundTensor {
    std::string name; ///< published
    std::vector<const schedule::Tensor*> parameters;
    Form form = Form::same;

    std::uint64_t rows() const; ///< of all parameters
    std::uint64_t cols() const { return parameters.front()->cols; }
    /// As it is published.
    std::vector<std::uint64_t> shape() const;
    /// What is wrong with a shape, or nothing.
    bool takes(const std::vector<std::uint64_t>& shape) const;

    /// From the numbers of the file, of which there are as many as a shape says that it takes.
    std::vector<float> parameter(std::size_t index, const std::vector<float>& published) const;
    /// The other way round.
    std::vector<float> published(const std::vector<std::vector<float>>& values) const;

private:
    std::uint64_t first_row_of(std::size_t index) const;
};

struct Binding {
    const Naming* naming = nullptr; ///< none: names are ours
    bool has_prefix = true;
    std::vector<BoundTensor> tensors;

    /// A published name as files of these weights spell it.
    std::string spelt(const std::string& name) const;
    /// A name of a file in today's spelling, by Naming::endings.
    std::string modern(const std::string& name) const;
    bool ignores(const std::string& name) const;
};

/// Every way to name the parameters of a model, the preferred one first, our own last. `tensors` outlive what is
/// returned.
std::vector<Binding> bindings(const scenario::ModelParameters& model, const std::vector<schedule::Tensor>& tensors);

} // namespace gradus::weights
