// SPDX-License-Identifier: Apache-2.0
// Weights of a run: from a file into the chip before it begins, from the chip into files when steps are over. None of
// it takes simulated time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "platform/chip/virtual_chip.h"
#include "platform/cli/weight_options.h"
#include "platform/files/whole_file.h"
#include "platform/schedule/schedule.h"
#include "platform/weights/checkpoint.h"

namespace gradus::cli {

class RunWeights {
public:
    /// Opens what is loaded; both arguments outlive the object. Throws UsageError.
    RunWeights(const WeightOptions& options, const scenario::Scenario& scenario);

    /// How many steps the weights have been trained for: there the run goes on.
    std::uint32_t first_step() const { return first_step_; }
    /// Holds what was loaded, and what is to be dumped, against the model, and claims the file to be saved. `schedule`
    /// outlives the object. Throws UsageError.
    void bind(const schedule::Schedule& schedule);
    /// Makes the folder for what is dumped; what an earlier run dumped under the same names is gone. Throws UsageError.
    void prepare_dump(const std::string& folder);

    /// What a tensor holds when the run begins.
    std::vector<float> values(const schedule::Tensor& tensor);
    /// Saves and dumps what is due. An error is kept, and the run goes on.
    void step_done(chip::VirtualChip& chip, std::uint32_t step);
    /// A run that did not fail: is everything there?
    void run_ended();
    const std::vector<std::string>& errors() const { return errors_; }
    /// Paths of what the last step has left.
    const std::vector<std::string>& written() const { return written_; }

private:
    void choose_dumped();
    void save(chip::VirtualChip& chip, std::uint32_t steps);
    void dump(chip::VirtualChip& chip);
    void keep(files::WholeFile& file);
    void note_error(const std::string& message);
    std::string dump_path(const schedule::Tensor& tensor) const;

    const WeightOptions& options_;
    const scenario::Scenario& scenario_;
    const schedule::Schedule* schedule_ = nullptr;
    std::optional<weights::Source> source_;
    std::optional<weights::LoadedWeights> loaded_;
    weights::Binding binding_; ///< of what is saved
    std::uint32_t first_step_ = 0;
    std::optional<files::WholeFile> saved_;
    std::filesystem::path dump_folder_;
    std::vector<const schedule::Tensor*> dumped_;
    bool last_is_done_ = false;
    std::vector<std::string> errors_;
    std::vector<std::string> written_;
};

} // namespace gradus::cli
