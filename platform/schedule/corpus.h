// SPDX-License-Identifier: Apache-2.0
// A training text as the numbers of its characters: a document a line, or one stream of lines. Characters are Unicode
// code points in UTF-8; lower-casing knows A to Z only. What is no UTF-8 is a character outside every alphabet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/scenario/parameters.h"
#include "platform/schedule/schedule.h"

namespace gradus::schedule {

/// Lines: the documents are the lines without those that hold characters outside the alphabet. An empty alphabet takes
/// every character but control characters other than tabs. Blanks around a line are cut off; empty lines do not count.
/// Windows: one document, of all lines as they are but for the characters outside the alphabet, with `mark` before and
/// after each.
struct Corpus {
    static constexpr std::uint32_t mark = 0xffffffffu;

    std::u32string symbols;            ///< characters that occur, in the order of their code points
    std::vector<std::uint32_t> tokens; ///< places in symbols, of all documents, one after the other
    std::vector<std::uint64_t> begins; ///< document d is tokens [begins[d], begins[d + 1])
    std::uint64_t length = 0;          ///< characters of the text, those left out, too
    std::uint64_t lines_left_out = 0;
    std::uint64_t left_out = 0; ///< of length
    std::string first_left_out; ///< "line 8: U+002D"

    std::size_t size() const { return begins.size() - 1; }
    std::uint64_t length_of(std::size_t document) const { return begins[document + 1] - begins[document]; }
};

/// What run.text, run.documents, run.alphabet and run.lowercase say. ScheduleError: unreadable, truncated, too large,
/// in UTF-16, or without anything usable.
Corpus read_corpus(const scenario::RunParameters& run);
/// The same of what stands in the file.
Corpus parse_corpus(std::string content, const scenario::RunParameters& run);

} // namespace gradus::schedule
