// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...": the candidate with the smallest edit distance, upper and lower case being the same.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gradus::scenario {

/// Insertions, deletions and replacements of single characters (Levenshtein, Soviet Physics Doklady 10(8), 1966).
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The candidate nearest to `word`, whatever the case of their letters; of equals the one with the same case, else the
/// first; empty when there are no candidates. A candidate that ends in ".word" wins over all that are not the word
/// itself, so that a key without its section is found. Words over 256 characters are compared by their start.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace gradus::scenario
