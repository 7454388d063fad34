// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/run_weights.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fnmatch.h>

#include "platform/chip/tensor_memory.h"
#include "platform/cli/output.h"
#include "platform/cli/standard_output.h"
#include "platform/scenario/nearest.h"
#include "platform/scenario/read_file.h"
#include "platform/weights/npy.h"

namespace gradus::cli {

namespace {

constexpr std::size_t named_at_most = 5;

std::string_view bytes_of(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]};
}

/// "layer.0.mlp.up" of "layer0.mlp.up", as published models have it.
std::string with_dotted_layer(const std::string& name) {
    constexpr std::string_view layer = "layer";
    const std::size_t number = name.find(layer) + layer.size();
    const bool numbered = name.find(layer) != std::string::npos && number < name.size() &&
                          std::isdigit(static_cast<unsigned char>(name[number])) != 0;
    return numbered ? name.substr(0, number) + "." + name.substr(number) : name;
}

bool matches(const std::string& pattern, const std::string& name) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0 ||
           fnmatch(pattern.c_str(), with_dotted_layer(name).c_str(), 0) == 0;
}

/// "a, b and 7 more".
std::string some_of(const std::vector<std::string>& names) {
    if (names.size() <= named_at_most) return fmt::format("{}", fmt::join(names, ", "));
    return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + named_at_most, ", "),
                       names.size() - named_at_most);
}

} // namespace

RunWeights::RunWeights(const WeightOptions& options, const scenario::Scenario& scenario)
    : options_(options), scenario_(scenario) {
    if (!options.load) return;
    try {
        source_.emplace(*options.load);
        first_step_ = weights::steps_done(*source_, scenario.run).value_or(0);
    } catch (const std::runtime_error& error) {
        throw UsageError(fmt::format("run: --load: {}", error.what()));
    }
}

void RunWeights::bind(const schedule::Schedule& schedule) {
    schedule_ = &schedule;
    try {
        if (source_) loaded_.emplace(*source_, scenario_, schedule);
    } catch (const weights::WeightsError& error) {
        throw UsageError(fmt::format("run: --load: {}", error.what()));
    }
    binding_ = loaded_ ? loaded_->binding() : weights::bindings(scenario_.model, schedule.tensors).front();
    choose_dumped();
    try {
        if (options_.save) saved_.emplace(*options_.save);
    } catch (const files::CannotBegin& error) {
        throw UsageError(fmt::format("run: {}", error.what()));
    }
}

void RunWeights::choose_dumped() {
    std::vector<std::string_view> names;
    for (const schedule::Tensor& tensor : schedule_->tensors)
        names.push_back(tensor.name);
    std::vector<std::string> lost;
    std::vector<bool> chosen(names.size());
    for (const std::string& pattern : options_.dump) {
        bool found = false, kept = false;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const schedule::Tensor& tensor = schedule_->tensors[i];
            if (!matches(pattern, tensor.name)) continue;
            found = true;
            kept = kept || tensor.lasts;
            if (!chosen[i] && tensor.lasts) dumped_.push_back(&tensor);
            if (!chosen[i] && !tensor.lasts) lost.push_back(tensor.name);
            chosen[i] = true;
        }
        if (!found)
            throw UsageError(fmt::format("run: --dump '{}' matches no tensor; nearest: '{}'", scenario::shown(pattern),
                                         scenario::nearest(pattern, names)));
        if (!kept)
            throw UsageError(
                fmt::format("run: --dump '{}': nothing of it is left when a step is over, others have written "
                            "over {}",
                            scenario::shown(pattern), some_of(lost)));
    }
    if (!lost.empty())
        complain(fmt::format("warning: --dump leaves out tensors that others have written over when a step is over: {}",
                             some_of(lost)));
}

void RunWeights::prepare_dump(const std::string& folder) {
    if (dumped_.empty()) return;
    dump_folder_ = made_folder(run_command, folder);
    try {
        for (const schedule::Tensor* tensor : dumped_)
            files::WholeFile(dump_path(*tensor)).remove_earlier();
    } catch (const files::CannotBegin& error) {
        throw UsageError(fmt::format("run: {}", error.what()));
    }
}

std::string RunWeights::dump_path(const schedule::Tensor& tensor) const {
    return (dump_folder_ / (tensor.name + ".npy")).string();
}

std::vector<float> RunWeights::values(const schedule::Tensor& tensor) {
    if (loaded_) return loaded_->values(tensor);
    return schedule::initial_values(tensor, scenario_.model, scenario_.run.seed);
}

void RunWeights::step_done(chip::VirtualChip& chip, std::uint32_t step) {
    const std::uint32_t done = step + 1;
    last_is_done_ = done == scenario_.run.steps;
    try {
        if (options_.save && (last_is_done_ || (options_.save_every != 0 && done % options_.save_every == 0)))
            save(chip, done);
        if (last_is_done_) dump(chip);
    } catch (const std::exception& error) {
        note_error(error.what());
    }
}

void RunWeights::run_ended() {
    if (!last_is_done_ && (options_.save || !dumped_.empty()))
        note_error("the firmware did not report the last step: what --save and --dump ask for is not there");
}

/// The same one may come again and again.
void RunWeights::note_error(const std::string& message) {
    if (std::find(errors_.begin(), errors_.end(), message) == errors_.end()) errors_.push_back(message);
}

/// The name stays claimed until the last step.
void RunWeights::save(chip::VirtualChip& chip, std::uint32_t steps) {
    if (!saved_) saved_.emplace(*options_.save);
    files::WholeFile file = std::move(*saved_);
    saved_.reset();
    try {
        weights::save(
            binding_, scenario_.run, *schedule_, steps,
            [&](const schedule::Tensor& tensor) { return chip::read_tensor(chip, tensor); },
            [&](std::string_view bytes) { file.append(bytes); });
        keep(file);
    } catch (const weights::WeightsError& error) {
        note_error(fmt::format("cannot write '{}': {}", *options_.save, error.what()));
        file.drop();
    }
    if (!last_is_done_) saved_.emplace(*options_.save);
}

void RunWeights::keep(files::WholeFile& file) {
    file.keep();
    if (file.error())
        note_error(*file.error());
    else if (last_is_done_)
        written_.push_back(file.path());
}

void RunWeights::dump(chip::VirtualChip& chip) {
    for (const schedule::Tensor* tensor : dumped_) {
        files::WholeFile file(dump_path(*tensor));
        file.append(weights::npy_header(tensor->rows, tensor->cols));
        file.append(bytes_of(chip::read_tensor(chip, *tensor)));
        keep(file);
    }
}

} // namespace gradus::cli
