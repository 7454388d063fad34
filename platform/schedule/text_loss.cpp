// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/text_loss.h"

#include <fmt/format.h>

#include "platform/schedule/format.h"

namespace gradus::schedule {
namespace {

std::string counted(std::uint64_t count, const char* noun) {
    return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

} // namespace

std::string described(const Text& text) {
    if (text.length == 0) return {};
    std::string line = counted(text.length, text.symbols.empty() ? "token" : "character");
    if (text.documents != 0) line = counted(text.documents, "document") + " of " + line;
    if (text.held_back != 0)
        line += "; held back for validation: " + (text.documents_held_back != 0
                                                      ? counted(text.documents_held_back, "document")
                                                      : counted(text.held_back, "token"));
    if (text.left_out != 0)
        line += fmt::format("; left out: {}{}, the first in {}",
                            text.lines_left_out != 0 ? counted(text.lines_left_out, "line") + ", " : "",
                            counted(text.left_out, "character"), text.first_left_out);
    if (text.cut != 0)
        line +=
            fmt::format("; cut off: {} of {}", counted(text.cut, "character"), counted(text.documents_cut, "document"));
    return line;
}

std::optional<std::string> loss_warning(const Text& text) {
    const std::uint64_t lost = text.left_out + text.cut;
    if (lost <= text.length / 2) return std::nullopt;
    const char* const mend = text.cut > text.left_out
                                 ? "run.documents = \"windows\" trains on all of it, a larger model.context on more"
                                 : "run.alphabet = \"\" takes every character";
    return fmt::format("{} of the text's {} are lost: {}", format_count(lost), counted(text.length, "character"), mend);
}

} // namespace gradus::schedule
