// SPDX-License-Identifier: Apache-2.0
// What is trained on, and what of it no step ever sees, for people.
#pragma once

#include <optional>
#include <string>

#include "platform/schedule/schedule.h"

namespace gradus::schedule {

/// "1,513 documents of 8,493 characters; left out: 3 lines, 34 characters, the first in line 558: U+002D"; empty for
/// random tokens.
std::string described(const Text& text);
/// When more than half of the text is lost: why, and which key changes that.
std::optional<std::string> loss_warning(const Text& text);

} // namespace gradus::schedule
