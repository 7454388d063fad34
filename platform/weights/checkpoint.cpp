// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "platform/schedule/formats.h"
#include "platform/text/plain.h"
#include "platform/weights/safetensors_writer.h"

namespace gradus::weights {
namespace {

using schedule::Tensor;
using schedule::TensorKind;
using text::shown;

constexpr const char* own_prefix = "gradus.";

const char* name_of(scenario::OptimizerKind kind) { return kind == scenario::OptimizerKind::sgd ? "sgd" : "adamw"; }

struct Identity {
    std::string key, value;
    std::string unsaid = "?"; ///< what it was in a run whose file does not say
};

/// What has to be the same when training goes on: it decides what comes in which step.
std::vector<Identity> identity_of(const scenario::RunParameters& run) {
    return {{"seed", fmt::format("{}", run.seed)},
            {"batch", fmt::format("{}", run.batch)},
            {"accumulate", fmt::format("{}", run.accumulate), "1"},
            {"optimizer", name_of(run.optimizer)}};
}

std::vector<const Tensor*> moments_of(const schedule::Schedule& schedule) {
    std::vector<const Tensor*> moments;
    for (const Tensor& tensor : schedule.tensors)
        if (tensor.kind == TensorKind::moment) moments.push_back(&tensor);
    return moments;
}

} // namespace

std::optional<std::uint32_t> steps_done(const Source& source, const scenario::RunParameters& run) {
    const auto fail = [&](const std::string& message) {
        throw WeightsError(fmt::format("'{}': {}", shown(source.path()), message));
    };
    const auto find = [&](const std::string& key) { return source.metadata().find(own_prefix + key); };
    const auto step = find("step");
    if (step == source.metadata().end()) return std::nullopt;
    std::uint32_t steps = 0;
    const char* const end = step->second.data() + step->second.size();
    if (const auto read = std::from_chars(step->second.data(), end, steps); read.ec != std::errc() || read.ptr != end)
        fail(fmt::format("gradus.step is no number of steps: '{}'", shown(step->second)));
    for (const auto& [key, value, unsaid] : identity_of(run)) {
        const auto found = find(key);
        const std::string saved = found == source.metadata().end() ? unsaid : found->second;
        if (saved != value)
            fail(
                fmt::format("was saved by a run with run.{} = {}, and this one has {}: it would not go on as if it had "
                            "never stopped",
                            key, shown(saved), value));
    }
    if (steps >= run.steps)
        fail(fmt::format(
            "all of its {} steps are done: run.steps = {}, the steps of the whole run, must be more to go on", steps,
            run.steps));
    return steps;
}

LoadedWeights::LoadedWeights(Source& source, const scenario::Scenario& scenario, const schedule::Schedule& schedule)
    : source_(source), scenario_(scenario), schedule_(schedule),
      resumes_(steps_done(source, scenario.run).has_value()) {
    choose_binding(bindings(scenario.model, schedule.tensors));
    check_parameters();
    check_moments();
    refuse_the_unknown();
    check_numbers();
    check_copies();
}

void LoadedWeights::fail(const std::string& message) const {
    throw WeightsError(fmt::format("'{}': {}", shown(source_.path()), message));
}

std::optional<std::string> LoadedWeights::find(const std::string& published) const {
    const auto found = spelling_.find(binding_.spelt(published));
    return found == spelling_.end() ? std::nullopt : std::optional(found->second);
}

/// The one by which the file holds most of the tensors.
void LoadedWeights::choose_binding(std::vector<Binding> bindings) {
    std::size_t most = 0;
    for (std::size_t i = 0; i < bindings.size(); ++i) {
        std::set<std::string> names;
        for (const auto& [name, file] : source_.tensors())
            names.insert(bindings[i].modern(name));
        const auto found = static_cast<std::size_t>(
            std::count_if(bindings[i].tensors.begin(), bindings[i].tensors.end(),
                          [&](const BoundTensor& tensor) { return names.count(bindings[i].spelt(tensor.name)) > 0; }));
        if (i > 0 && found <= most) continue;
        most = found;
        binding_ = bindings[i];
    }
    for (const auto& [name, file] : source_.tensors())
        if (!spelling_.emplace(binding_.modern(name), name).second)
            fail(fmt::format("holds '{}' twice, by an older and a newer name", shown(binding_.modern(name))));
}

void LoadedWeights::check_parameters() {
    for (const BoundTensor& tensor : binding_.tensors) {
        const std::optional<std::string> name = find(tensor.name);
        if (!name)
            fail(fmt::format("lacks tensor '{}', in which the model has {}", binding_.spelt(tensor.name),
                             tensor.parameters.front()->name));
        source_.reader(*name).check_format(*name);
        if (!tensor.takes(source_.at(*name).shape))
            fail(fmt::format("tensor '{}' is {}, and the model wants {} ({})", *name,
                             shape_text(source_.at(*name).shape), shape_text(tensor.shape()),
                             tensor.parameters.front()->name));
        for (std::size_t i = 0; i < tensor.parameters.size(); ++i)
            places_[tensor.parameters[i]->name] = {&tensor, i};
    }
}

void LoadedWeights::check_moments() {
    if (!resumes_) return;
    for (const Tensor* moment : moments_of(schedule_)) {
        const std::string name = own_prefix + moment->name;
        if (!source_.has(name)) fail(fmt::format("lacks '{}', which the optimizer keeps", name));
        source_.reader(name).check_format(name);
        if (source_.at(name).shape != std::vector<std::uint64_t>{moment->rows, moment->cols})
            fail(fmt::format("tensor '{}' is {}, and the model wants {}", name, shape_text(source_.at(name).shape),
                             shape_text({moment->rows, moment->cols})));
    }
}

void LoadedWeights::check_copies() {
    if (!binding_.naming) return;
    for (const PublishedCopy& copy : binding_.naming->copies) {
        const std::optional<std::string> name = find(copy.name), original = find(copy.of);
        const auto is_bound = [&](const BoundTensor& tensor) { return tensor.name == copy.name; };
        if (!name || !original || std::any_of(binding_.tensors.begin(), binding_.tensors.end(), is_bound)) continue;
        if (source_.values(*name) != source_.values(*original))
            fail(fmt::format("tensor '{}' is another one than '{}', and the model has one for both", *name, *original));
    }
}

void LoadedWeights::refuse_the_unknown() const {
    std::set<std::string> known;
    for (const BoundTensor& tensor : binding_.tensors)
        known.insert(binding_.spelt(tensor.name));
    if (binding_.naming)
        for (const PublishedCopy& copy : binding_.naming->copies)
            known.insert(binding_.spelt(copy.name));
    if (resumes_)
        for (const Tensor* moment : moments_of(schedule_))
            known.insert(own_prefix + moment->name);
    for (const auto& [modern, name] : spelling_)
        if (known.count(modern) == 0 && !binding_.ignores(modern))
            fail(fmt::format("holds tensor '{}', which the model does not have", shown(name)));
}

/// Reads everything once: what is no number is refused before anything is simulated.
void LoadedWeights::check_numbers() {
    for (const BoundTensor& tensor : binding_.tensors)
        source_.values(*find(tensor.name));
    if (!resumes_) return;
    for (const Tensor* moment : moments_of(schedule_))
        source_.values(own_prefix + moment->name);
}

std::vector<float> LoadedWeights::values(const Tensor& tensor) {
    if (tensor.kind == TensorKind::moment && resumes_) return source_.values(own_prefix + tensor.name);
    const auto place = places_.find(schedule::parameter_name(tensor));
    if (place == places_.end()) return schedule::initial_values(tensor, scenario_.model, scenario_.run.seed);
    const auto& [published, index] = place->second;
    return published->parameter(index, source_.values(*find(published->name)));
}

namespace {

void check_finite(const std::string& name, const std::vector<float>& values) {
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
        throw WeightsError(fmt::format("tensor '{}' is not all finite numbers any more", name));
}

} // namespace

void save(const Binding& binding, const scenario::RunParameters& run, const schedule::Schedule& schedule,
          std::uint32_t steps_done, const std::function<std::vector<float>(const Tensor&)>& read,
          const std::function<void(std::string_view)>& put) {
    // Other programs look for "format" before they open a file.
    std::vector<std::pair<std::string, std::string>> metadata = {
        {"format", "pt"}, {fmt::format("{}step", own_prefix), fmt::format("{}", steps_done)}};
    for (const Identity& each : identity_of(run))
        metadata.emplace_back(own_prefix + each.key, each.value);
    std::vector<NewTensor> header;
    const std::vector<const Tensor*> moments = moments_of(schedule);
    for (const BoundTensor& tensor : binding.tensors)
        header.push_back({binding.spelt(tensor.name), "F32", tensor.shape()});
    for (const Tensor* moment : moments)
        header.push_back(
            {own_prefix + moment->name, moment->format == FORMAT_BF16 ? "BF16" : "F32", {moment->rows, moment->cols}});
    const auto checked = [&](const Tensor& tensor) {
        std::vector<float> values = read(tensor);
        check_finite(tensor.name, values);
        return values;
    };
    put(header_of(header, metadata));
    for (const BoundTensor& tensor : binding.tensors) {
        std::vector<std::vector<float>> parts;
        std::transform(tensor.parameters.begin(), tensor.parameters.end(), std::back_inserter(parts),
                       [&](const Tensor* parameter) { return checked(*parameter); });
        const std::vector<float> values = tensor.published(parts);
        put({reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]});
    }
    for (const Tensor* moment : moments) {
        const std::vector<std::uint8_t> bytes = schedule::stored(*moment, checked(*moment));
        put({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
}

} // namespace gradus::weights
