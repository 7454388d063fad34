// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/nearest.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace gradus::scenario {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& each : result)
        if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
    return result;
}

bool is_last_part(std::string_view word, std::string_view key) {
    return !word.empty() && key.size() > word.size() && key.substr(key.size() - word.size()) == word &&
           key[key.size() - word.size() - 1] == '.';
}

} // namespace

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

    const std::string wanted = lower(word);
    constexpr std::size_t farthest = std::numeric_limits<std::size_t>::max();
    std::string_view best;
    std::pair best_distance{farthest, farthest}; // whatever the case, then with it
    for (const std::string_view candidate : candidates) {
        const std::string offered = lower(candidate);
        // A last part comes behind the word itself, before all others.
        std::pair distance{2 * edit_distance(wanted, offered), std::size_t{0}};
        if (is_last_part(wanted, offered)) distance.first = 1;
        if (distance.first > best_distance.first) continue;
        if (distance.first != 1) distance.second = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

} // namespace gradus::scenario
