// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/nearest.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace gradus::scenario {

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    constexpr std::size_t longest_word = 256; // hostile input must not make this quadratic in the size of a file
    word = word.substr(0, longest_word);

    std::string_view best;
    std::size_t best_distance = std::numeric_limits<std::size_t>::max();
    for (const std::string_view candidate : candidates) {
        const bool is_last_part = candidate.size() > word.size() &&
                                  candidate.substr(candidate.size() - word.size()) == word &&
                                  candidate[candidate.size() - word.size() - 1] == '.';
        if (is_last_part && !word.empty()) return candidate;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

} // namespace gradus::scenario
