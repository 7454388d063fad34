// SPDX-License-Identifier: Apache-2.0
// Reads a result.json of any number of steps in bounded memory: each step is seen once, and forgotten.
#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <stdexcept>

#include <nlohmann/json_fwd.hpp>

namespace gradus::report {

/// What is no result whatever stands in it, as one message for people: not JSON, nested deeper than a result ever is,
/// or larger.
class UnreadableResult : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What stands at `index` in the list `steps`: whatever is found there. It may be moved away.
using StepVisitor = std::function<void(std::size_t index, nlohmann::ordered_json& step)>;

/// Values, keys, beginnings and ends of lists and objects, without those inside of steps; the largest results have some
/// millions.
constexpr std::size_t most_result_tokens = 16u << 20;

/// The document with an empty list `steps`; it is not checked further, and may have no steps. Throws UnreadableResult,
/// and what the visitor throws.
nlohmann::ordered_json read_result(std::istream& text, const StepVisitor& visit,
                                   std::size_t most_tokens = most_result_tokens);

} // namespace gradus::report
