// SPDX-License-Identifier: Apache-2.0
// The options of a run that read and write weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/cli/options.h"

namespace gradus::cli {

/// --load, --save, --save-every, --dump.
void add_weight_options(Options& options);

struct WeightOptions {
    std::optional<std::string> load;
    std::optional<std::string> save;
    unsigned save_every = 0;       ///< steps; 0: after the last one alone
    std::vector<std::string> dump; ///< patterns of tensors' names
};

/// Throws UsageError for what makes no sense together, or for this scenario.
WeightOptions weight_options(const Values& values, const scenario::Scenario& scenario);

} // namespace gradus::cli
