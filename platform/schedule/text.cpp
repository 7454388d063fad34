// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/text.h"

#include <algorithm>
#include <cmath>
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
    : context_(model.context), batch_(sequences_of(run)), micro_batch_(run.batch), seed_(run.seed),
      objective_(model.objective), patch_values_(schedule::patch_values(model, run)) {
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
    if (!training_.order.empty()) return;
    split_stream(run);
    if (!file_) return;
    check_ids(training_, run.steps * sequences_of(run));
    if (validation_.size != 0) check_ids(validation_, std::uint64_t{run.validation_batches} * run.batch);
}

void StepInputs::take_tokens(const scenario::ModelParameters& model, const scenario::RunParameters& run) {
    if (model.vocabulary < 2)
        throw ScheduleError(
            fmt::format("training text {} is of tokens, which need model.vocabulary, 2 or more", run.text));
    vocabulary_ = model.vocabulary;
    text_.boundary = vocabulary_ - 1;
    text_.length = training_.size = file_->size();
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
        training_.size = corpus_.tokens.size();
        return;
    }
    count_cut();
    split_documents(run);
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

void StepInputs::shuffle(const char* name, std::vector<std::uint32_t>& order) const {
    Random random(seed_, name);
    for (std::size_t i = order.size() - 1; i > 0; --i)
        std::swap(order[i], order[random.below(i + 1)]);
}

/// Those that are left stay in the order of the text until they are shuffled, as if there were no others.
void StepInputs::split_documents(const scenario::RunParameters& run) {
    const std::size_t count = corpus_.size();
    std::vector<std::uint32_t> documents(count);
    std::iota(documents.begin(), documents.end(), 0u);
    if (run.validation > 0) {
        if (count == 1)
            throw ScheduleError(
                fmt::format("run.validation = {} holds documents of {} back, which has one", run.validation, run.text));
        const double share = std::round(run.validation * static_cast<double>(count));
        const auto held_back = std::clamp<std::size_t>(static_cast<std::size_t>(share), 1, count - 1);
        shuffle("validation", documents);
        validation_.order.assign(documents.begin(), documents.begin() + static_cast<std::ptrdiff_t>(held_back));
        documents.erase(documents.begin(), documents.begin() + static_cast<std::ptrdiff_t>(held_back));
        std::sort(documents.begin(), documents.end());
        text_.documents_held_back = held_back;
        for (const std::uint32_t document : validation_.order)
            text_.held_back += corpus_.length_of(document);
    }
    training_.order = std::move(documents);
    shuffle("shuffle", training_.order);
    text_.documents = training_.order.size();
}

void StepInputs::check_long_enough(const Part& part, const scenario::RunParameters& run) const {
    if (part.size > context_) return;
    const std::string have =
        run.validation > 0 ? fmt::format("run.validation = {} leaves {} tokens to {}", run.validation,
                                         format_count(part.size), &part == &training_ ? "train on" : "validate with")
                           : fmt::format("it has {} tokens", format_count(part.size));
    throw ScheduleError(fmt::format("training text {} is too short for windows: {}, and a window takes {}, "
                                    "model.context and the one after it",
                                    run.text, have, format_count(context_ + 1)));
}

void StepInputs::split_stream(const scenario::RunParameters& run) {
    if (run.validation > 0) {
        const double share = std::round(run.validation * static_cast<double>(training_.size));
        validation_.size = std::min(static_cast<std::uint64_t>(share), training_.size);
        training_.size -= validation_.size;
        validation_.first = training_.size;
        text_.held_back = validation_.size;
        check_long_enough(validation_, run);
    }
    check_long_enough(training_, run);
}

Random StepInputs::random(const Part& part, const char* what, std::uint64_t number) const {
    return {seed_, fmt::format("{}{} {}", part.randoms, what, number)};
}

/// Window by window, or, where windows take more than there is, from the beginning to the end.
void StepInputs::check_ids(const Part& part, std::uint64_t sequences) const {
    const std::size_t window = context_ + 1;
    const bool all = sequences > part.size / window;
    const std::uint64_t reads = all ? (part.size + window - 1) / window : sequences;
    const std::uint64_t end = part.first + part.size;
    std::vector<std::uint32_t> tokens(window);
    for (std::uint64_t i = 0; i < reads; ++i) {
        const std::uint64_t first = all ? part.first + i * window : window_of(part, i);
        read_stream(first, std::min<std::uint64_t>(window, end - first), tokens.data());
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

std::uint64_t StepInputs::window_of(const Part& part, std::uint64_t sequence) const {
    return part.first + random(part, "window", sequence).below(part.size - context_);
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

std::size_t StepInputs::fill_window(std::uint64_t first, std::uint32_t* tokens, std::uint32_t* targets) const {
    std::vector<std::uint32_t> window(context_ + 1);
    read_stream(first, window.size(), window.data());
    std::copy_n(window.begin(), context_, tokens);
    std::copy_n(window.begin() + 1, context_, targets);
    return context_;
}

std::size_t StepInputs::fill_synthetic(Random random, std::uint32_t* tokens, std::uint32_t* targets) const {
    for (std::size_t i = 0; i < context_; ++i)
        tokens[i] = static_cast<std::uint32_t>(random.below(vocabulary_));
    std::copy(tokens + 1, tokens + context_, targets);
    targets[context_ - 1] = static_cast<std::uint32_t>(random.below(vocabulary_));
    return context_;
}

std::size_t StepInputs::fill(const Part& part, std::uint64_t sequence, std::uint32_t* tokens,
                             std::uint32_t* targets) const {
    if (!part.order.empty()) return fill_document(part.order[sequence % part.order.size()], tokens, targets);
    if (part.size != 0) return fill_window(window_of(part, sequence), tokens, targets);
    return fill_synthetic(random(part, "synthetic", sequence), tokens, targets);
}

std::size_t StepInputs::hide(Random random, std::size_t valid, std::uint32_t* tokens, std::uint32_t* targets,
                             float* weights) const {
    const std::size_t count = std::max<std::size_t>(1, (valid * hidden_percent + 50) / 100);
    std::size_t left = count;
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

void StepInputs::write(Split split, std::uint32_t step, std::uint32_t* tokens, std::uint32_t* targets,
                       float* weights) const {
    const Part& from = part(split);
    const std::size_t batch = split == Split::training ? batch_ : micro_batch_;
    for (std::uint32_t* const indices : {tokens, targets})
        std::fill_n(indices, this->tokens(), 0U);
    std::fill_n(weights, this->tokens(), 0.0F);
    if (objective_ == scenario::Objective::label) return write_labels(from, step, batch, targets, weights);
    std::size_t total = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        const std::uint64_t sequence = std::uint64_t{step} * batch + b;
        const std::size_t at = b * context_;
        const std::size_t valid = fill(from, sequence, tokens + at, targets + at);
        if (objective_ == scenario::Objective::masked_token) {
            total += hide(random(from, "hidden", sequence), valid, tokens + at, targets + at, weights + at);
            continue;
        }
        std::fill_n(weights + at, valid, 1.0F);
        total += valid;
    }
    const auto weight = static_cast<float>(1.0 / static_cast<double>(total));
    std::for_each(weights, weights + batch_ * context_, [&](float& each) { each *= weight; });
}

void StepInputs::write_labels(const Part& part, std::uint32_t step, std::size_t batch, std::uint32_t* targets,
                              float* weights) const {
    for (std::size_t b = 0; b < batch; ++b)
        targets[b] =
            static_cast<std::uint32_t>(random(part, "label", std::uint64_t{step} * batch + b).below(vocabulary_));
    std::fill_n(weights, batch, static_cast<float>(1.0 / static_cast<double>(batch)));
}

void StepInputs::write_patches(Split split, std::uint32_t step, float* values) const {
    const std::size_t image = patch_values_ / batch_;
    for (std::size_t b = 0; b < batch_; ++b) {
        Random pixels = random(part(split), "image", std::uint64_t{step} * batch_ + b);
        std::generate_n(values + b * image, image, [&] { return static_cast<float>(pixels.normal()); });
    }
}

} // namespace gradus::schedule
