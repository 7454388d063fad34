// SPDX-License-Identifier: Apache-2.0
// report.html: one or several results as one file that needs no other and loads nothing from anywhere. The page itself
// stands in page/ and is part of the program; what is done here is to check what comes from outside, to condense it,
// and to put it into the page.
//
//   result.json ──► shape.h: is it one? ──► condense.h: what the page shows, bounded ──► data inside the page
//
// Nothing of a result can become part of the page's code: data is JSON in which "<" is escaped.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradus::report {

/// A text that is no result, as one message for people: what stands where, and what would be right.
class PageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct ResultText {
    std::string name; ///< for people: a path
    std::string json; ///< a whole result.json
};

inline constexpr std::size_t most_results = 8; ///< that fit side by side

/// Throws PageError that begins with the result's name.
std::string report_page(const std::vector<ResultText>& results);

} // namespace gradus::report
