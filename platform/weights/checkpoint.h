// SPDX-License-Identifier: Apache-2.0
// The weights of a model in files: those that others have published, and our own, which hold what training needs to go
// on, too. doc/weights.md says what stands in one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/scenario/parameters.h"
#include "platform/schedule/schedule.h"
#include "platform/weights/binding.h"
#include "platform/weights/source.h"

namespace gradus::weights {

/// How many steps the weights of a file have been trained for by a run like this one; nothing where the file holds
/// weights alone. Throws WeightsError for a run that is another one.
std::optional<std::uint32_t> steps_done(const Source& source, const scenario::RunParameters& run);

/// The tensors of a schedule as a file has them. What does not fit is refused when it is made.
class LoadedWeights {
public:
    /// Schedule and source outlive it. Throws WeightsError: tensors that the model has not or the file has not, shapes
    /// that do not match, what is no finite number, a copy that differs from what it is the copy of.
    LoadedWeights(Source& source, const scenario::Scenario& scenario, const schedule::Schedule& schedule);
    LoadedWeights(const LoadedWeights&) = delete;
    LoadedWeights& operator=(const LoadedWeights&) = delete;

    /// What a tensor holds when the run begins: of what no file holds, its initial values.
    std::vector<float> values(const schedule::Tensor& tensor);
    /// How the file names parameters.
    const Binding& binding() const { return binding_; }

private:
    struct Place {
        const BoundTensor* tensor;
        std::size_t index; ///< of the parameter in it
    };

    [[noreturn]] void fail(const std::string& message) const;
    /// The name by which the file has a published tensor, or nothing.
    std::optional<std::string> find(const std::string& published) const;
    void choose_binding(std::vector<Binding> bindings);
    void check_parameters();
    void check_moments();
    void check_copies();
    void refuse_the_unknown() const;
    void check_numbers();

    Source& source_;
    const scenario::Scenario& scenario_;
    const schedule::Schedule& schedule_;
    bool resumes_;
    Binding binding_;
    std::map<std::string, std::string> spelling_; ///< of a file's names, by their modern ones
    std::map<std::string, Place> places_;         ///< of our parameters
};

/// Writes a file in pieces. `read` gives what a tensor holds now, `put` takes the next bytes. Throws WeightsError for
/// what could not be loaded again: a number that is not finite.
void save(const Binding& binding, const scenario::RunParameters& run, const schedule::Schedule& schedule,
          std::uint32_t steps_done, const std::function<std::vector<float>(const schedule::Tensor&)>& read,
          const std::function<void(std::string_view)>& put);

} // namespace gradus::weights
