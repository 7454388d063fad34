// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/variation_labels.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "platform/explore/short_names.h"
#include "platform/report/human.h"

namespace gradus::explore {

namespace {

/// Key and value of "KEY=V1".
std::pair<std::string, std::string> parts_of(const std::string& change) {
    const std::size_t equals = change.find('=');
    return {change.substr(0, equals), change.substr(equals + 1)};
}

} // namespace

std::vector<std::string> labels_of(const std::vector<std::vector<std::string>>& variations) {
    std::vector<std::string> labels(variations.size(), "");
    const std::size_t keys = variations.size() > 1 ? variations[1].size() : 0;
    std::vector<std::string> names;
    for (std::size_t key = 0; key < keys; ++key)
        names.push_back(parts_of(variations[1][key]).first);
    names = short_names(names);
    for (std::size_t key = 0; key < keys; ++key) {
        std::vector<std::string> values;
        for (std::size_t i = 1; i < variations.size(); ++i)
            values.push_back(parts_of(variations[i][key]).second);
        values = short_values(values);
        for (std::size_t i = 1; i < variations.size(); ++i)
            labels[i] += (key ? " " : "") + names[key] + "=" + values[i - 1];
    }
    if (!labels.empty()) labels[0] = "as it is";
    return labels;
}

std::size_t longest_word(const std::vector<std::string>& texts) {
    std::size_t longest = 0;
    for (const std::string& text : texts)
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find(' ', begin), text.size());
            longest = std::max(longest, report::columns(std::string_view(text).substr(begin, end - begin)));
            begin = end + 1;
        }
    return longest;
}

} // namespace gradus::explore
