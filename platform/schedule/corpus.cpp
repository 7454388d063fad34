// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/corpus.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "platform/schedule/text_file.h"
#include "platform/text/encoding.h"
#include "platform/text/lines.h"
#include "platform/text/unicode.h"

namespace gradus::schedule {
namespace {

std::string_view unmarked(std::string_view content, const std::string& path) {
    try {
        return text::without_mark(content);
    } catch (const text::EncodingError& error) {
        throw ScheduleError(fmt::format("training text {}: {}", path, error.what()));
    }
}

void to_lowercase(std::string& text) {
    for (char& character : text)
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
}

class Alphabet {
public:
    explicit Alphabet(std::string_view letters) : any_(letters.empty()) {
        while (!letters.empty()) {
            const text::Character letter = text::first_character(letters);
            if (!letter.valid) throw ScheduleError("run.alphabet is not in UTF-8");
            letters_.push_back(letter.code);
            letters.remove_prefix(letter.bytes);
        }
        std::sort(letters_.begin(), letters_.end());
    }

    bool has(const text::Character& character) const {
        if (!character.valid) return false;
        if (any_) return character.code == '\t' || !text::is_control(character.code);
        return std::binary_search(letters_.begin(), letters_.end(), character.code);
    }

private:
    bool any_;
    std::u32string letters_;
};

std::string named(const text::Character& character) {
    return character.valid ? fmt::format("U+{:04X}", static_cast<std::uint32_t>(character.code))
                           : fmt::format("a byte 0x{:02x} that is no UTF-8", static_cast<unsigned>(character.code));
}

/// Collects documents whose tokens are code points until the last one is there.
class Collector {
public:
    Collector(const scenario::RunParameters& run, std::size_t bytes)
        : alphabet_(run.alphabet), windows_(run.documents == scenario::Documents::windows) {
        corpus_.begins.push_back(0);
        corpus_.tokens.reserve(bytes + 2); // a character has a byte or more, and a line has an end
        if (windows_) corpus_.tokens.push_back(Corpus::mark);
    }

    void add(std::string_view line, std::size_t number) {
        if (windows_)
            add_to_stream(line, number);
        else
            add_document(text::without_blanks(line), number);
    }

    Corpus corpus() {
        if (windows_ && corpus_.length != corpus_.left_out) corpus_.begins.push_back(corpus_.tokens.size());
        number_symbols();
        return std::move(corpus_);
    }

private:
    void add_document(std::string_view line, std::size_t number) {
        if (line.empty()) return;
        const std::uint64_t taken = append(line, number);
        const std::size_t kept = corpus_.tokens.size() - corpus_.begins.back();
        if (kept == taken) return corpus_.begins.push_back(corpus_.tokens.size());
        corpus_.tokens.resize(corpus_.begins.back());
        ++corpus_.lines_left_out;
        corpus_.left_out += kept; // beside the others, which append() has counted
    }

    void add_to_stream(std::string_view line, std::size_t number) {
        append(line, number);
        corpus_.tokens.push_back(Corpus::mark);
    }

    /// Returns how many characters the line has; those outside the alphabet are left out.
    std::uint64_t append(std::string_view line, std::size_t number) {
        std::uint64_t taken = 0;
        for (; !line.empty(); ++taken) {
            const text::Character character = text::first_character(line);
            line.remove_prefix(character.bytes);
            if (alphabet_.has(character)) {
                corpus_.tokens.push_back(character.code);
                continue;
            }
            ++corpus_.left_out;
            if (corpus_.first_left_out.empty())
                corpus_.first_left_out = fmt::format("line {}: {}", number, named(character));
        }
        corpus_.length += taken;
        return taken;
    }

    /// Code points become places in `symbols`.
    void number_symbols() {
        std::set<char32_t> found;
        for (const std::uint32_t code : corpus_.tokens)
            if (code != Corpus::mark) found.insert(code);
        std::u32string& symbols = corpus_.symbols;
        symbols.assign(found.begin(), found.end());
        for (std::uint32_t& token : corpus_.tokens)
            if (token != Corpus::mark)
                token = static_cast<std::uint32_t>(std::lower_bound(symbols.begin(), symbols.end(), token) -
                                                   symbols.begin());
    }

    Alphabet alphabet_;
    bool windows_;
    Corpus corpus_;
};

} // namespace

Corpus read_corpus(const scenario::RunParameters& run) { return parse_corpus(read_text(run.text), run); }

Corpus parse_corpus(std::string content, const scenario::RunParameters& run) {
    if (run.lowercase) to_lowercase(content);
    Collector collector(run, content.size());
    for (text::Lines lines(unmarked(content, run.text)); lines.next();)
        collector.add(lines.line(), lines.number());
    Corpus corpus = collector.corpus();
    if (corpus.size() != 0) return corpus;
    const char* const missing = run.documents == scenario::Documents::lines ? "line" : "character";
    if (corpus.left_out == 0) throw ScheduleError(fmt::format("training text {}: no usable {}", run.text, missing));
    throw ScheduleError(
        fmt::format("training text {}: no usable {}; all is left out because of characters outside the alphabet, the "
                    "first in {}",
                    run.text, missing, corpus.first_left_out));
}

} // namespace gradus::schedule
