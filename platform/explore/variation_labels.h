// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gradus::explore {

/// What a table calls variations, of which each has its changes as "KEY=V1" and the first has none:
/// "rows=2 base=…/ddr4-2400.toml". What is too long loses its beginning, and no more than leaves them different.
std::vector<std::string> labels_of(const std::vector<std::vector<std::string>>& variations);

/// Columns of the longest word in any of the texts.
std::size_t longest_word(const std::vector<std::string>& texts);

} // namespace gradus::explore
