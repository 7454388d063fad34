// SPDX-License-Identifier: Apache-2.0
// What each step is fed, out of a training text.
//
// Of documents: one becomes [boundary] characters [boundary]. Of its tokens, n = min(context, length - 1) positions are
// trained on: token i predicts token i + 1. Positions beyond n are padding: boundary token in, target 0, weight 0.
// Documents are shuffled once by the seed and taken in turn, over and over.
// Of a stream (run.documents = "windows", or a file of tokens): context + 1 tokens from a place that the seed and the
// number of the sequence choose, n = context. The lines of a text have the boundary token between them.
//
// With run.validation, a share of this is held back. Of documents: as many as the share says to rounding, one at least
// and all but one at most, chosen by the seed; those that are left make the same steps as a text of them alone would.
// Of a stream: its end. Validation takes documents in the order in which they were chosen, over and over, or windows
// from places that the seed chooses, the same ones each time. Of random tokens it takes other ones.
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
#include "platform/schedule/random.h"
#include "platform/schedule/schedule.h"
#include "platform/schedule/token_file.h"

namespace gradus::schedule {

/// Of a step, in all of its micro-batches.
std::uint64_t sequences_of(const scenario::RunParameters& run);
/// Of all patches of a step; 0 for a model of tokens.
std::uint64_t patch_values(const scenario::ModelParameters& model, const scenario::RunParameters& run);

/// Whose inputs: of training by the number of the step, of validation by the number of the batch.
enum class Split { training, validation };

/// What each step is fed.
class StepInputs {
public:
    /// ScheduleError as read_corpus() and TokenFile, or when the model's vocabulary is too small for what the run takes
    /// of the text (or 0 for tokens without a text), or a stream too short for the context.
    /// The same for what is held back, or what is left.
    StepInputs(const scenario::ModelParameters& model, const scenario::RunParameters& run);

    const Text& text() const { return text_; }
    unsigned vocabulary() const { return vocabulary_; }
    /// What is predicted in a step: a token a position, or a label an image.
    std::size_t tokens() const { return objective_ == scenario::Objective::label ? batch_ : batch_ * context_; }
    std::size_t patch_values() const { return patch_values_; } ///< of a step

    /// Inputs of a step or batch, each [tokens()], micro-batch by micro-batch; of validation the first one alone.
    /// Weights sum to 1 (to rounding) over all of them: a prediction weighs the same in a micro-batch of many as in one
    /// of few. ScheduleError: a file of tokens has changed.
    void write(Split split, std::uint32_t step, std::uint32_t* tokens, std::uint32_t* targets, float* weights) const;
    /// [patch_values()]
    void write_patches(Split split, std::uint32_t step, float* values) const;

private:
    /// What sequences are taken from.
    struct Part {
        const char* randoms;                ///< what names of its random numbers begin with
        std::vector<std::uint32_t> order{}; ///< of documents; empty where there is a stream
        std::uint64_t first = 0;            ///< of the stream's tokens, where there is one
        std::uint64_t size = 0;
    };
    const Part& part(Split split) const { return split == Split::training ? training_ : validation_; }

    void write_labels(const Part& part, std::uint32_t step, std::size_t batch, std::uint32_t* targets,
                      float* weights) const;
    void take_tokens(const scenario::ModelParameters& model, const scenario::RunParameters& run);
    void take_text(const scenario::ModelParameters& model, const scenario::RunParameters& run);
    void count_cut();
    void split_documents(const scenario::RunParameters& run);
    void split_stream(const scenario::RunParameters& run);
    void shuffle(const char* name, std::vector<std::uint32_t>& order) const;
    void check_long_enough(const Part& part, const scenario::RunParameters& run) const;
    /// Refuses ids that the run takes and the vocabulary does not have.
    void check_ids(const Part& part, std::uint64_t sequences) const;
    /// Of the stream.
    void read_stream(std::uint64_t first, std::size_t count, std::uint32_t* tokens) const;
    std::uint64_t window_of(const Part& part, std::uint64_t sequence) const;
    Random random(const Part& part, const char* what, std::uint64_t number) const;
    /// Each fills a sequence, and returns how many of its positions are no padding.
    std::size_t fill(const Part& part, std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const;
    std::size_t fill_document(std::size_t document, std::uint32_t* tokens, std::uint32_t* targets) const;
    std::size_t fill_window(std::uint64_t first, std::uint32_t* tokens, std::uint32_t* targets) const;
    std::size_t fill_synthetic(Random random, std::uint32_t* tokens, std::uint32_t* targets) const;
    /// Makes targets of some of a sequence's tokens, whose weights become 1. Returns how many.
    std::size_t hide(Random random, std::size_t valid, std::uint32_t* tokens, std::uint32_t* targets,
                     float* weights) const;

    std::size_t context_;
    std::size_t batch_;       ///< sequences of a step
    std::size_t micro_batch_; ///< of those that a validation takes
    std::uint64_t seed_;
    scenario::Objective objective_;
    std::size_t patch_values_;
    unsigned vocabulary_ = 0;
    Text text_;
    Corpus corpus_;                         ///< of text
    std::shared_ptr<const TokenFile> file_; ///< of tokens
    Part training_{""};
    Part validation_{"validation "};
};

} // namespace gradus::schedule
