// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...": the candidate with the smallest edit distance.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gradus::scenario {

/// Insertions, deletions and replacements of single characters (Levenshtein, Soviet Physics Doklady 10(8), 1966).
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The candidate nearest to `word`, the first of equals; empty when there are no candidates. A candidate that ends in
/// ".word" wins outright, so that a key without its section is found. Words over 256 characters are compared by their
/// start.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace gradus::scenario
