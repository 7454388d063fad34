// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/text.h"

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <numeric>
#include <optional>

#include <fmt/format.h>
#include <zlib.h>

#include "platform/scenario/read_file.h"
#include "platform/schedule/graph.h"
#include "platform/schedule/random.h"
#include "platform/text/encoding.h"
#include "platform/text/lines.h"

namespace gradus::schedule {
namespace {

std::string gzip_message(gzFile file) {
    int code = 0;
    const char* message = gzerror(file, &code);
    return code == Z_ERRNO || message == nullptr || *message == '\0' ? "cannot be read" : message;
}

int opened(const std::string& path) {
    try {
        return scenario::open_file(path, text_limit_bytes);
    } catch (const scenario::FileError& error) {
        throw ScheduleError(fmt::format("training text: {}", error.what()));
    }
}

/// The whole file, decompressed. zlib reads what is not gzip as it is.
std::string read_file(const std::string& path) {
    gzFile file = gzdopen(opened(path), "rb");
    if (file == nullptr) throw std::bad_alloc();
    std::string content;
    std::string problem;
    std::vector<char> buffer(1u << 16);
    for (;;) {
        const int count = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
        if (count < 0) problem = gzip_message(file);
        if (count <= 0) break;
        content.append(buffer.data(), static_cast<std::size_t>(count));
        if (content.size() > text_limit_bytes) {
            problem = fmt::format("holds more than {} MiB", text_limit_bytes >> 20);
            break;
        }
    }
    const int closed = gzclose_r(file); // tells when the file ended within a gzip stream
    if (problem.empty() && closed == Z_BUF_ERROR) problem = "ends within its gzip stream";
    if (!problem.empty()) throw ScheduleError(fmt::format("training text {}: {}", path, problem));
    return content;
}

std::string_view unmarked(std::string_view content, const std::string& path) {
    try {
        return text::without_mark(content);
    } catch (const text::EncodingError& error) {
        throw ScheduleError(fmt::format("training text {}: {}", path, error.what()));
    }
}

constexpr std::size_t hidden_percent = 15; // Devlin et al., BERT, 2019, section 3.1

using CharacterSet = std::array<bool, 256>;

unsigned char code_of(char character) { return static_cast<unsigned char>(character); }

CharacterSet allowed_characters(const std::string& alphabet) {
    CharacterSet allowed{};
    for (const char character : alphabet)
        allowed[code_of(character)] = true;
    if (alphabet.empty())
        for (unsigned code = 0x20; code < 256; ++code)
            allowed[code] = code != 0x7f;
    return allowed;
}

void to_lowercase(std::string& text) {
    for (char& character : text)
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
}

} // namespace

Corpus read_corpus(const std::string& path, const std::string& alphabet, bool lowercase) {
    return parse_corpus(read_file(path), path, alphabet, lowercase);
}

Corpus parse_corpus(std::string content, const std::string& path, const std::string& alphabet, bool lowercase) {
    if (lowercase) to_lowercase(content);
    const CharacterSet allowed = allowed_characters(alphabet);
    CharacterSet found{};
    Corpus corpus;
    corpus.begins.push_back(0);
    std::optional<unsigned> first_foreign;
    for (text::Lines lines(unmarked(content, path)); lines.next();) {
        const std::string_view line = text::without_blanks(lines.line());
        if (line.empty()) continue;
        const auto foreign = std::find_if_not(line.begin(), line.end(), [&](char c) { return allowed[code_of(c)]; });
        if (foreign != line.end()) {
            ++corpus.skipped;
            first_foreign = first_foreign.value_or(code_of(*foreign));
            continue;
        }
        for (const char character : line)
            found[code_of(character)] = true;
        corpus.characters += line;
        corpus.begins.push_back(static_cast<std::uint32_t>(corpus.characters.size()));
    }
    if (corpus.size() == 0)
        throw ScheduleError(
            first_foreign
                ? fmt::format("training text {}: no usable line; {} left out because of characters outside the "
                              "alphabet, the first being 0x{:02x}",
                              path, corpus.skipped, *first_foreign)
                : fmt::format("training text {}: no usable line", path));
    for (unsigned code = 0; code < 256; ++code)
        if (found[code]) corpus.symbols.push_back(static_cast<char>(code));
    return corpus;
}

std::uint64_t patch_values(const scenario::ModelParameters& model, const scenario::RunParameters& run) {
    return checked_product("values of a step's patches", {run.batch, model.context - 1, model.patch_values});
}

StepInputs::StepInputs(const scenario::ModelParameters& model, const scenario::RunParameters& run)
    : context_(model.context), batch_(run.batch), seed_(run.seed), objective_(model.objective),
      patch_values_(schedule::patch_values(model, run)) {
    if (run.text == "synthetic") {
        if (model.vocabulary < 2) throw ScheduleError("synthetic text needs model.vocabulary, 2 or more");
        vocabulary_ = model.vocabulary;
        text_.boundary = vocabulary_ - 1;
        return;
    }
    corpus_ = read_corpus(run.text, run.alphabet, run.lowercase);
    const auto needed = static_cast<unsigned>(corpus_.symbols.size()) + 1;
    if (model.vocabulary != 0 && model.vocabulary < needed)
        throw ScheduleError(fmt::format("model.vocabulary is {}, but training text {} needs {}: {} characters and the "
                                        "boundary token",
                                        model.vocabulary, run.text, needed, needed - 1));
    vocabulary_ = model.vocabulary != 0 ? model.vocabulary : needed;
    text_ = {corpus_.symbols, corpus_.size(), corpus_.skipped, vocabulary_ - 1};

    token_of_.assign(256, 0);
    for (std::size_t token = 0; token < corpus_.symbols.size(); ++token)
        token_of_[code_of(corpus_.symbols[token])] = static_cast<std::uint32_t>(token);

    order_.resize(corpus_.size());
    std::iota(order_.begin(), order_.end(), 0u);
    Random random(seed_, "shuffle");
    for (std::size_t i = order_.size() - 1; i > 0; --i)
        std::swap(order_[i], order_[random.below(i + 1)]);
}

std::size_t StepInputs::fill_document(std::string_view document, std::uint32_t* tokens, std::uint32_t* targets) const {
    const auto token_at = [&](std::size_t position) {
        const bool inside = position > 0 && position <= document.size();
        return inside ? token_of_[code_of(document[position - 1])] : text_.boundary;
    };
    const std::size_t valid = std::min(context_, document.size() + 1);
    for (std::size_t i = 0; i < context_; ++i) {
        tokens[i] = i < valid ? token_at(i) : text_.boundary;
        targets[i] = i < valid ? token_at(i + 1) : 0;
    }
    return valid;
}

std::size_t StepInputs::fill_synthetic(std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const {
    Random random(seed_, fmt::format("synthetic {}", sequence));
    for (std::size_t i = 0; i < context_; ++i)
        tokens[i] = static_cast<std::uint32_t>(random.below(vocabulary_));
    std::copy(tokens + 1, tokens + context_, targets);
    targets[context_ - 1] = static_cast<std::uint32_t>(random.below(vocabulary_));
    return context_;
}

std::size_t StepInputs::hide(std::uint64_t sequence, std::size_t valid, std::uint32_t* tokens, std::uint32_t* targets,
                             float* weights) const {
    const std::size_t count = std::max<std::size_t>(1, (valid * hidden_percent + 50) / 100);
    std::size_t left = count;
    Random random(seed_, fmt::format("hidden {}", sequence));
    for (std::size_t i = 0; i < context_; ++i) {
        const bool hidden = i < valid && random.below(valid - i) < left;
        targets[i] = hidden ? tokens[i] : 0;
        weights[i] = hidden ? 1.0F : 0.0F;
        if (!hidden) continue;
        tokens[i] = text_.boundary;
        --left;
    }
    return count;
}

void StepInputs::write(std::uint32_t step, std::uint32_t* tokens, std::uint32_t* targets, float* weights) const {
    if (objective_ == scenario::Objective::label) return write_labels(step, tokens, targets, weights);
    std::size_t total = 0;
    for (std::size_t b = 0; b < batch_; ++b) {
        const std::uint64_t sequence = std::uint64_t{step} * batch_ + b;
        const std::size_t at = b * context_;
        const std::size_t valid = order_.empty() ? fill_synthetic(sequence, tokens + at, targets + at)
                                                 : fill_document(corpus_.document(order_[sequence % order_.size()]),
                                                                 tokens + at, targets + at);
        if (objective_ == scenario::Objective::masked_token) {
            total += hide(sequence, valid, tokens + at, targets + at, weights + at);
            continue;
        }
        std::fill_n(weights + at, valid, 1.0F);
        std::fill_n(weights + at + valid, context_ - valid, 0.0F);
        total += valid;
    }
    const auto weight = static_cast<float>(1.0 / static_cast<double>(total));
    std::for_each(weights, weights + batch_ * context_, [&](float& each) { each *= weight; });
}

void StepInputs::write_labels(std::uint32_t step, std::uint32_t* tokens, std::uint32_t* targets, float* weights) const {
    std::fill_n(tokens, batch_, 0u);
    for (std::size_t b = 0; b < batch_; ++b)
        targets[b] = static_cast<std::uint32_t>(
            Random(seed_, fmt::format("label {}", std::uint64_t{step} * batch_ + b)).below(vocabulary_));
    std::fill_n(weights, batch_, static_cast<float>(1.0 / static_cast<double>(batch_)));
}

void StepInputs::write_patches(std::uint32_t step, float* values) const {
    const std::size_t image = patch_values_ / batch_;
    for (std::size_t b = 0; b < batch_; ++b) {
        Random random(seed_, fmt::format("image {}", std::uint64_t{step} * batch_ + b));
        std::generate_n(values + b * image, image, [&] { return static_cast<float>(random.normal()); });
    }
}

} // namespace gradus::schedule
