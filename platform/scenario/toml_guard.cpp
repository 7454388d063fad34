// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/toml_guard.h"

#include <algorithm>

namespace gradus::scenario {

namespace {

bool is_ascii(char character) { return static_cast<unsigned char>(character) < 0x80; }

class Scan {
public:
    explicit Scan(std::string_view text) : text_(text) {}

    std::optional<TomlHazard> hazard() {
        while (at_ < text_.size() && !hazard_) {
            const char character = text_[at_];
            if (character == '#')
                at_ = std::min(text_.find('\n', at_), text_.size());
            else if (character == '"' || character == '\'')
                begins_string() ? pass_string() : pass_rest_of_line();
            else
                pass_bare(character);
        }
        return hazard_;
    }

private:
    void pass_bare(char character) {
        if (!is_ascii(character)) return stop("a character beyond ASCII stands outside of quotes");
        if (character == '[' || character == '{') {
            static_assert(most_nesting == 8, "the message says it");
            if (depth_ == most_nesting) return stop("lists and tables stand in each other more than 8 deep");
            ++depth_;
        }
        if ((character == ']' || character == '}') && depth_ > 0) --depth_;
        ++at_;
    }

    /// Not in the middle of a number or a word, where a quote is a mistake.
    bool begins_string() const {
        constexpr std::string_view before = " \t\r\n=,.[{\"'";
        return at_ == 0 || before.find(text_[at_ - 1]) != std::string_view::npos;
    }

    /// The line has a mistake; up to its end the reader may look for the end of the value.
    void pass_rest_of_line() {
        for (; at_ < text_.size() && text_[at_] != '\n'; ++at_)
            if (!is_ascii(text_[at_]))
                return stop("a character beyond ASCII stands behind a quote that begins no text");
    }

    /// To the first character behind the string whose opening quote is the next one.
    void pass_string() {
        const char quote = text_[at_];
        const std::size_t row = std::min(text_.find_first_not_of(quote, at_), text_.size()) - at_;
        const bool lines = row >= 3;
        const std::size_t closing = lines ? 3 : 1; // quotes in a row that close it
        std::size_t quotes = 0;
        for (at_ += closing; at_ < text_.size(); ++at_) {
            const char character = text_[at_];
            if (character == '\n' && !lines) return;
            if (character == '\\' && quote == '"') {
                if (lines && !is_harmless_behind_backslash()) return;
                ++at_;
                quotes = 0;
                continue;
            }
            quotes = character == quote ? quotes + 1 : 0;
            if (quotes < closing) continue;
            ++at_;
            // Up to two more quotes belong to the text of a string of several lines.
            for (int more = 0; lines && more < 2 && at_ < text_.size() && text_[at_] == quote; ++more)
                ++at_;
            return;
        }
    }

    bool is_harmless_behind_backslash() {
        const std::size_t next = text_.find_first_not_of(" \t\n\v\f\r", at_ + 1);
        if (next == std::string_view::npos || is_ascii(text_[next])) return true;
        at_ = next;
        stop("a character beyond ASCII stands behind a backslash, which ends a line there");
        return false;
    }

    void stop(std::string_view what) { hazard_ = TomlHazard{at_, what}; }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::optional<TomlHazard> hazard_;
};

} // namespace

std::optional<TomlHazard> toml_hazard(std::string_view toml) { return Scan(toml).hazard(); }

} // namespace gradus::scenario
