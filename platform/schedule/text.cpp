// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/text.h"

#include <algorithm>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "platform/schedule/format.h"
#include "platform/schedule/graph.h"
#include "platform/schedule/random.h"
#include "platform/text/unicode.h"

namespace gradus::schedule {
namespace {

constexpr std::size_t hidden_percent = 15; // Devlin et al., BERT, 2019, section 3.1

} // namespace

std::uint64_t sequences_of(const scenario::RunParameters& run) {
    return checked_product("batch * accumulate", {run.batch, run.accumulate});
}

std::uint64_t patch_values(const scenario::ModelParameters& model, const scenario::RunParameters& run) {
    return checked_product("values of a step's patches", {sequences_of(run), model.context - 1, model.patch_values});
}

StepInputs::StepInputs(const scenario::ModelParameters& model, const scenario::RunParameters& run)
    : context_(model.context), batch_(sequences_of(run)), seed_(run.seed), objective_(model.objective),
      patch_values_(schedule::patch_values(model, run)) {
    if (run.text == "synthetic") {
        if (model.vocabulary < 2) throw ScheduleError("synthetic text needs model.vocabulary, 2 or more");
        vocabulary_ = model.vocabulary;
        text_.boundary = vocabulary_ - 1;
        return;
    }
    file_ = TokenFile::open(run.text);
    if (file_)
        take_tokens(model, run);
    else
        take_text(model, run);
    if (!order_.empty()) return;
    if (stream_ <= context_)
        throw ScheduleError(fmt::format("training text {} is too short for windows: it has {} tokens, and a window "
                                        "takes {}, model.context and the one after it",
                                        run.text, format_count(stream_), format_count(context_ + 1)));
    if (file_) check_ids(run.steps * sequences_of(run));
}

void StepInputs::take_tokens(const scenario::ModelParameters& model, const scenario::RunParameters& run) {
    if (model.vocabulary < 2)
        throw ScheduleError(
            fmt::format("training text {} is of tokens, which need model.vocabulary, 2 or more", run.text));
    vocabulary_ = model.vocabulary;
    text_.boundary = vocabulary_ - 1;
    text_.length = stream_ = file_->size();
}

void StepInputs::take_text(const scenario::ModelParameters& model, const scenario::RunParameters& run) {
    corpus_ = read_corpus(run);
    const auto needed = static_cast<unsigned>(corpus_.symbols.size()) + 1;
    if (model.vocabulary != 0 && model.vocabulary < needed)
        throw ScheduleError(fmt::format("model.vocabulary is {}, but training text {} needs {}: {} characters and the "
                                        "boundary token",
                                        model.vocabulary, run.text, needed, needed - 1));
    vocabulary_ = model.vocabulary != 0 ? model.vocabulary : needed;
    text_.boundary = vocabulary_ - 1;
    for (const char32_t symbol : corpus_.symbols)
        text_.symbols.push_back(text::utf8(symbol));
    text_.length = corpus_.length;
    text_.lines_left_out = corpus_.lines_left_out;
    text_.left_out = corpus_.left_out;
    text_.first_left_out = corpus_.first_left_out;
    if (run.documents == scenario::Documents::windows) {
        std::replace(corpus_.tokens.begin(), corpus_.tokens.end(), Corpus::mark, text_.boundary);
        stream_ = corpus_.tokens.size();
        return;
    }
    text_.documents = corpus_.size();
    count_cut();
    shuffle();
}

/// The last of a document's characters that is seen is a target, or, where tokens are masked, an input.
void StepInputs::count_cut() {
    const std::size_t room = objective_ == scenario::Objective::masked_token ? context_ - 1 : context_;
    for (std::size_t document = 0; document < corpus_.size(); ++document) {
        if (corpus_.length_of(document) <= room) continue;
        ++text_.documents_cut;
        text_.cut += corpus_.length_of(document) - room;
    }
}

void StepInputs::shuffle() {
    order_.resize(corpus_.size());
    std::iota(order_.begin(), order_.end(), 0u);
    Random random(seed_, "shuffle");
    for (std::size_t i = order_.size() - 1; i > 0; --i)
        std::swap(order_[i], order_[random.below(i + 1)]);
}

/// Window by window, or, where windows take more than there is, from the beginning to the end.
void StepInputs::check_ids(std::uint64_t sequences) const {
    const std::size_t window = context_ + 1;
    const bool all = sequences > stream_ / window;
    const std::uint64_t reads = all ? (stream_ + window - 1) / window : sequences;
    std::vector<std::uint32_t> tokens(window);
    for (std::uint64_t i = 0; i < reads; ++i) {
        const std::uint64_t first = all ? i * window : window_of(i);
        read_stream(first, std::min<std::uint64_t>(window, stream_ - first), tokens.data());
    }
}

void StepInputs::read_stream(std::uint64_t first, std::size_t count, std::uint32_t* tokens) const {
    if (!file_) {
        std::copy_n(corpus_.tokens.begin() + static_cast<std::ptrdiff_t>(first), count, tokens);
        return;
    }
    file_->read(first, count, tokens);
    const auto* const foreign = std::find_if(tokens, tokens + count, [&](auto token) { return token >= vocabulary_; });
    if (foreign != tokens + count)
        throw ScheduleError(fmt::format("model.vocabulary is {}, but token {} of the training text is {}", vocabulary_,
                                        first + static_cast<std::uint64_t>(foreign - tokens), *foreign));
}

std::uint64_t StepInputs::window_of(std::uint64_t sequence) const {
    return Random(seed_, fmt::format("window {}", sequence)).below(stream_ - context_);
}

std::size_t StepInputs::fill_document(std::size_t document, std::uint32_t* tokens, std::uint32_t* targets) const {
    const std::uint32_t* const characters = corpus_.tokens.data() + corpus_.begins[document];
    const std::size_t length = corpus_.length_of(document);
    const auto token_at = [&](std::size_t position) {
        const bool inside = position > 0 && position <= length;
        return inside ? characters[position - 1] : text_.boundary;
    };
    const std::size_t valid = std::min(context_, length + 1);
    for (std::size_t i = 0; i < context_; ++i) {
        tokens[i] = i < valid ? token_at(i) : text_.boundary;
        targets[i] = i < valid ? token_at(i + 1) : 0;
    }
    return valid;
}

std::size_t StepInputs::fill_window(std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const {
    std::vector<std::uint32_t> window(context_ + 1);
    read_stream(window_of(sequence), window.size(), window.data());
    std::copy_n(window.begin(), context_, tokens);
    std::copy_n(window.begin() + 1, context_, targets);
    return context_;
}

std::size_t StepInputs::fill_synthetic(std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const {
    Random random(seed_, fmt::format("synthetic {}", sequence));
    for (std::size_t i = 0; i < context_; ++i)
        tokens[i] = static_cast<std::uint32_t>(random.below(vocabulary_));
    std::copy(tokens + 1, tokens + context_, targets);
    targets[context_ - 1] = static_cast<std::uint32_t>(random.below(vocabulary_));
    return context_;
}

std::size_t StepInputs::fill(std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const {
    if (!order_.empty()) return fill_document(order_[sequence % order_.size()], tokens, targets);
    return stream_ != 0 ? fill_window(sequence, tokens, targets) : fill_synthetic(sequence, tokens, targets);
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
        const std::size_t valid = fill(sequence, tokens + at, targets + at);
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
