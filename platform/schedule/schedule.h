// SPDX-License-Identifier: Apache-2.0
// From a model to what the chip runs: an ordered list of operators with phases forward, backward and update, a memory
// plan, and the image that the firmware walks. Knows nothing of SystemC or of how the firmware tiles an operator.
//
//   model ──► forward ops ──► backward ops (autodiff) ──► update ops ──► addresses ──► image
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "firmware/include/schedule_image.h"
#include "ip/common/address_range.h"
#include "ip/common/element.h"
#include "platform/scenario/parameters.h"

namespace gradus::schedule {

/// A model or a text that cannot be scheduled: too large for the DRAM (with a table of what takes how much), heads that
/// do not divide the width, a text without a usable line, ...
class ScheduleError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// weight: a parameter as forward and backward read it, where that is not the parameter itself; the optimizer writes
/// both.
/// constant: written by the host before the run, like a parameter, and never changed.
enum class TensorKind { parameter, weight, gradient, moment, constant, activation, activation_gradient };

struct Tensor {
    std::string name; ///< "layer0.attention.query", "grad.layer0.attention.query", ...
    TensorKind kind = TensorKind::activation;
    std::uint64_t rows = 0; ///< [rows, cols], without gaps
    std::uint64_t cols = 0;
    std::uint64_t address = 0; ///< system address; activations may share one when their lifetimes do not overlap
    std::uint8_t format = FORMAT_FP32;
    /// Its values are still there when a step is over: no other tensor has been written over them.
    bool lasts = true;
    std::uint32_t first_op = IMAGE_NO_OP; ///< that needs it; IMAGE_NO_OP: none does
    std::uint32_t last_op = IMAGE_NO_OP;
    float fill = 0; ///< of a constant that is no table: what each element is
    std::uint64_t element_bytes() const { return ip::element_bytes(format); }
    std::uint64_t bytes() const { return rows * cols * element_bytes(); }
};

struct Op {
    std::string name;  ///< "layer0.mlp.up", without the phase
    std::string kind;  ///< "matmul", "rmsnorm", "adam", ...
    std::string shape; ///< "16x64x16", "4 x 16x16x4", ...
    std::uint64_t macs = 0;
    std::uint64_t bytes_read = 0; ///< of distinct operand data in DRAM, before any tiling reads it twice
    std::uint64_t bytes_written = 0;
    bool again = false; ///< what the forward pass has computed already, for the backward pass
    image_op image{};
    std::vector<image_operand> operands; ///< follow it in the image
};

/// Layers of which activations are not kept but computed again (recompute.h): the first `whole` ones wholly, those from
/// there to `in_part` in part.
struct RecomputedLayers {
    unsigned whole = 0;
    unsigned in_part = 0; ///< not less than whole
};

/// What a run trains on, and what of it no step ever sees. Its length is in characters or, where those are unknown, in
/// tokens.
struct Text {
    std::vector<std::string> symbols;      ///< by token, in UTF-8; none of tokens out of a file, and of random ones
    unsigned boundary = 0;                 ///< the token before and after a document
    std::uint64_t documents = 0;           ///< lines; 0: it is one stream
    std::uint64_t length = 0;              ///< of all of it; 0: random tokens
    std::uint64_t lines_left_out = 0;      ///< because of their characters
    std::uint64_t left_out = 0;            ///< of length
    std::string first_left_out;            ///< "line 8: U+002D"
    std::uint64_t documents_cut = 0;       ///< which the context has no room for
    std::uint64_t cut = 0;                 ///< of length
    std::uint64_t documents_held_back = 0; ///< for validation; they are not among `documents`
    std::uint64_t held_back = 0;           ///< for validation: of their length, or tokens of a stream

    /// A token as texts show it: its symbol, or its number in angle brackets.
    std::string shown(std::uint64_t token) const;
};

class StepFeed;

struct Schedule {
    std::vector<Tensor> tensors;
    std::vector<Op> ops; ///< in order of execution; index = op number in descriptors and image
    Text text;
    unsigned vocabulary = 0;
    std::uint64_t parameter_count = 0;
    std::uint64_t tokens_per_step = 0; ///< of all micro-batches, padding included
    RecomputedLayers recomputed;
    std::uint32_t first_step = 0; ///< of the run that is done here, where an earlier one has done those before
    /// By op, of activations and their gradients that are alive while it runs.
    std::vector<std::uint64_t> activation_bytes;
    ip::AddressRange image_range;
    std::vector<std::uint8_t> image; ///< goes to image_range.base; header at its start
    /// What the host writes into the image while the chip runs; null when all steps lie in it.
    std::shared_ptr<const StepFeed> feed;

    const Tensor* find(const std::string& name) const;
};

/// Inputs and update records of steps that take no more than this lie in the image from the beginning. More are fed in
/// while the chip runs, through a ring of as many slots as fit into it, and of two at least.
inline constexpr std::uint64_t step_room_bytes = 1u << 20;

/// Builds the schedule of steps `first_step` to run.steps into `dram`. Throws ScheduleError.
Schedule build(const scenario::ModelParameters& model, const scenario::RunParameters& run, ip::AddressRange dram,
               std::uint64_t step_room = step_room_bytes, std::uint32_t first_step = 0);

/// Initial values of a parameter, its weight or a constant: normal with the model's init_std (gains are 1, biases 0),
/// the same for the same seed whatever the host. Empty for tensors that start at zero.
std::vector<float> initial_values(const Tensor& tensor, const scenario::ModelParameters& model, std::uint64_t seed);

/// As they lie in memory: bytes of a tensor that holds these values, each rounded to its format.
std::vector<std::uint8_t> stored(const Tensor& tensor, const std::vector<float>& values);

} // namespace gradus::schedule
