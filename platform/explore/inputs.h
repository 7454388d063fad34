// SPDX-License-Identifier: Apache-2.0
// The inputs of a point as canonical text: every key of the scenario, one a line, in the order of the schema. The text
// is itself a scenario file: `gradus run` takes it.
#pragma once

#include <string>
#include <string_view>

#include "platform/scenario/parameters.h"

namespace gradus::explore {

std::string canonical_text(const scenario::Scenario& point);

/// XXH3 with 128 bits as 32 hexadecimal digits (Collet, xxHash specification 0.2.0).
std::string hash_of(std::string_view text);
/// The same of a file's content. Throws scenario::FileError.
std::string hash_of_file(const std::string& path);

} // namespace gradus::explore
