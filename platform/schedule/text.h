// SPDX-License-Identifier: Apache-2.0
// What each step is fed, out of a training text.
//
// Of documents: one becomes [boundary] characters [boundary]. Of its tokens, n = min(context, length - 1) positions are
// trained on: token i predicts token i + 1. Positions beyond n are padding: boundary token in, target 0, weight 0.
// Documents are shuffled once by the seed and taken in turn, over and over.
// Of a stream (run.documents = "windows", or a file of tokens): context + 1 tokens from a place that the seed and the
// number of the sequence choose, n = context. The lines of a text have the boundary token between them.
//
// A model of masked tokens is fed the same n tokens, of which 15 %, one at least, are hidden behind the boundary token:
// they are its targets, and have all the weight.
// A model of images is fed patches of normal random numbers, and a random label an image.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/scenario/parameters.h"
#include "platform/schedule/corpus.h"
#include "platform/schedule/schedule.h"
#include "platform/schedule/token_file.h"

namespace gradus::schedule {

/// Of a step, in all of its micro-batches.
std::uint64_t sequences_of(const scenario::RunParameters& run);
/// Of all patches of a step; 0 for a model of tokens.
std::uint64_t patch_values(const scenario::ModelParameters& model, const scenario::RunParameters& run);

/// What each step is fed.
class StepInputs {
public:
    /// ScheduleError as read_corpus() and TokenFile, or when the model's vocabulary is too small for what the run takes
    /// of the text (or 0 for tokens without a text), or a stream too short for the context.
    StepInputs(const scenario::ModelParameters& model, const scenario::RunParameters& run);

    const Text& text() const { return text_; }
    unsigned vocabulary() const { return vocabulary_; }
    /// What is predicted in a step: a token a position, or a label an image.
    std::size_t tokens() const { return objective_ == scenario::Objective::label ? batch_ : batch_ * context_; }
    std::size_t patch_values() const { return patch_values_; } ///< of a step

    /// Inputs of a step, each [tokens()], micro-batch by micro-batch. Weights sum to 1 (to rounding) over all of them:
    /// a prediction weighs the same in a micro-batch of many as in one of few. ScheduleError: a file of tokens has
    /// changed.
    void write(std::uint32_t step, std::uint32_t* tokens, std::uint32_t* targets, float* weights) const;
    /// [patch_values()]
    void write_patches(std::uint32_t step, float* values) const;

private:
    void write_labels(std::uint32_t step, std::uint32_t* tokens, std::uint32_t* targets, float* weights) const;
    void take_tokens(const scenario::ModelParameters& model, const scenario::RunParameters& run);
    void take_text(const scenario::ModelParameters& model, const scenario::RunParameters& run);
    void count_cut();
    void shuffle();
    /// Refuses ids that the run takes and the vocabulary does not have.
    void check_ids(std::uint64_t sequences) const;
    /// Of the stream.
    void read_stream(std::uint64_t first, std::size_t count, std::uint32_t* tokens) const;
    std::uint64_t window_of(std::uint64_t sequence) const;
    /// Each fills a sequence, and returns how many of its positions are no padding.
    std::size_t fill(std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const;
    std::size_t fill_document(std::size_t document, std::uint32_t* tokens, std::uint32_t* targets) const;
    std::size_t fill_window(std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const;
    std::size_t fill_synthetic(std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const;
    /// Makes targets of some of a sequence's tokens, whose weights become 1. Returns how many.
    std::size_t hide(std::uint64_t sequence, std::size_t valid, std::uint32_t* tokens, std::uint32_t* targets,
                     float* weights) const;

    std::size_t context_;
    std::size_t batch_; ///< of the step
    std::uint64_t seed_;
    scenario::Objective objective_;
    std::size_t patch_values_;
    unsigned vocabulary_ = 0;
    Text text_;
    Corpus corpus_;                         ///< of text
    std::vector<std::uint32_t> order_;      ///< of documents; empty where there is a stream
    std::shared_ptr<const TokenFile> file_; ///< of tokens
    std::uint64_t stream_ = 0;              ///< its tokens, where there is one
};

} // namespace gradus::schedule
