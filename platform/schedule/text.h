// SPDX-License-Identifier: Apache-2.0
// Training text: a file of documents, one a line, as tokens; and what each step is fed.
//
// A document becomes [boundary] characters [boundary]. Of its tokens, n = min(context, length - 1) positions are
// trained on: token i predicts token i + 1. Positions beyond n are padding: boundary token in, target 0, weight 0.
// A model of masked tokens is fed the same n tokens, of which 15 %, one at least, are hidden behind the boundary token:
// they are its targets, and have all the weight.
// A model of images is fed patches of normal random numbers, and a random label an image.
// Documents are shuffled once by the seed and taken in turn, over and over. Characters are bytes; lower-casing knows
// ASCII only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/scenario/parameters.h"
#include "platform/schedule/schedule.h"

namespace gradus::schedule {

/// Larger files (after decompression) are refused: what is read has to stay in memory.
inline constexpr std::uint64_t text_limit_bytes = 64u << 20;

/// The documents of a file, without the lines that hold characters outside the alphabet. An empty alphabet takes every
/// character but control characters. Blanks around a line are cut off; empty lines do not count.
struct Corpus {
    std::string symbols; ///< characters that occur, in byte order
    std::uint64_t skipped = 0;
    std::string characters;            ///< of all documents, one after the other
    std::vector<std::uint32_t> begins; ///< document d is characters [begins[d], begins[d + 1])

    std::size_t size() const { return begins.size() - 1; }
    std::string_view document(std::size_t index) const {
        return std::string_view(characters).substr(begins[index], begins[index + 1] - begins[index]);
    }
};

/// Reads a plain or gzip file. ScheduleError: unreadable, truncated, too large, in UTF-16, or without a usable line.
Corpus read_corpus(const std::string& path, const std::string& alphabet, bool lowercase);
/// The same of what stands in the file, which `path` names in messages.
Corpus parse_corpus(std::string content, const std::string& path, const std::string& alphabet, bool lowercase);

/// Of all patches of a step; 0 for a model of tokens.
std::uint64_t patch_values(const scenario::ModelParameters& model, const scenario::RunParameters& run);

/// What each step is fed.
class StepInputs {
public:
    /// ScheduleError as read_corpus, or when the model's vocabulary is too small for the text (or 0 for synthetic
    /// text).
    StepInputs(const scenario::ModelParameters& model, const scenario::RunParameters& run);

    const Text& text() const { return text_; }
    unsigned vocabulary() const { return vocabulary_; }
    /// What is predicted in a step: a token a position, or a label an image.
    std::size_t tokens() const { return objective_ == scenario::Objective::label ? batch_ : batch_ * context_; }
    std::size_t patch_values() const { return patch_values_; } ///< of a step

    /// Inputs of a step, each [tokens()]; weights sum to 1 (to rounding).
    void write(std::uint32_t step, std::uint32_t* tokens, std::uint32_t* targets, float* weights) const;
    /// [patch_values()]
    void write_patches(std::uint32_t step, float* values) const;

private:
    void write_labels(std::uint32_t step, std::uint32_t* tokens, std::uint32_t* targets, float* weights) const;
    /// Each fills a sequence, and returns how many of its positions are no padding.
    std::size_t fill_document(std::string_view document, std::uint32_t* tokens, std::uint32_t* targets) const;
    std::size_t fill_synthetic(std::uint64_t sequence, std::uint32_t* tokens, std::uint32_t* targets) const;
    /// Makes targets of some of a sequence's tokens, whose weights become 1. Returns how many.
    std::size_t hide(std::uint64_t sequence, std::size_t valid, std::uint32_t* tokens, std::uint32_t* targets,
                     float* weights) const;

    std::size_t context_;
    std::size_t batch_;
    std::uint64_t seed_;
    scenario::Objective objective_;
    std::size_t patch_values_;
    unsigned vocabulary_ = 0;
    Text text_;
    Corpus corpus_;                       ///< empty for synthetic text
    std::vector<std::uint32_t> order_;    ///< of documents
    std::vector<std::uint32_t> token_of_; ///< by character
};

} // namespace gradus::schedule
