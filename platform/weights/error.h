// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace gradus::weights {

/// Weights that cannot be read, or are not those of the model: one message for people, which names the file.
class WeightsError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace gradus::weights
