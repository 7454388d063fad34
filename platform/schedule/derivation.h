// SPDX-License-Identifier: Apache-2.0
// Reverse-mode differentiation by operator: the forward operators are walked backwards, and each appends what turns the
// gradients of its results into shares of the gradients of its operands (Griewank and Walther, Evaluating Derivatives,
// 2008, chapter 3). A gradient is the sum of its shares, however many there are:
//
//   - the first share of a gradient is written to it, later ones are added to it by the operator that computes them
//     (OPERAND_ACCUMULATE), or by an addition of its own where the operator cannot;
//   - what an addition passes on unchanged is not copied: both of its operands share the gradient of its result, and a
//     gradient that somebody else still reads is not added to but replaced.
//
// So x + f(x) costs no more than the share of f, which is added to the gradient of the sum, in place, once f has read
// that.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include "platform/schedule/graph.h"

namespace gradus::schedule {

/// Which tensor holds the gradient of which value.
class Gradients {
public:
    explicit Gradients(Graph& graph);

    bool has(TensorId value) const;
    /// std::logic_error when no share has reached it.
    TensorId of(TensorId value) const;

    /// gradient = a [+ b]; nothing when `gradient` is no_tensor.
    struct Sum {
        TensorId gradient = no_tensor, a = no_tensor, b = no_tensor;
    };
    /// Where an operator puts the next share of a value's gradient, and what is left to do then.
    struct Target {
        TensorId share = no_tensor;
        bool accumulates = false;
        Sum then;
    };
    Target next_share(TensorId value, bool can_accumulate);

    /// `value` has the gradient of `sum`, beside others maybe. Returns what is left to do for that.
    Sum pass_on(TensorId value, TensorId sum);

    /// The operator that made `value` has been walked: its gradient is needed no more on its behalf.
    void release(TensorId value);

private:
    struct Entry {
        TensorId gradient = no_tensor;
        bool begun = false; ///< a share has reached it
    };

    Entry& entry(TensorId value);
    void set(TensorId value, TensorId gradient);
    TensorId new_gradient(TensorId value);

    Graph& graph_;
    std::vector<Entry> entries_; ///< by value
    std::vector<int> users_;     ///< by gradient: values that still need what it holds
};

/// What an operator's definition works with to append its gradient.
class Derivation {
public:
    Derivation(Graph& graph, Gradients& gradients, std::size_t forward);

    /// An operand of a derived operator: one that is there, or the place for a share of a gradient.
    struct Argument {
        Argument(Operand there) : operand(there) {}
        Argument(TensorId id) : operand(id) {}
        Operand operand;
        TensorId share_of = no_tensor;
    };

    /// Of the forward operator.
    Operand operand(unsigned index) const { return forward_.operands[index]; }
    bool is_parameter(unsigned index) const;
    std::uint32_t flags() const { return forward_.op.image.flags; }
    template <std::size_t count>
    std::array<std::uint32_t, count> dims() const {
        std::array<std::uint32_t, count> dims;
        std::copy_n(forward_.op.image.dims, count, dims.begin());
        return dims;
    }
    /// Its dimensions, flags and scalars; no batch.
    OperatorSettings settings() const;
    /// Its batch, with the strides of these operands in turn.
    Batch batch(std::initializer_list<unsigned> operands) const;

    /// The gradient of its result.
    Operand gradient() const;
    /// A share of the gradient of its operand; nothing if it has no such operand.
    Argument share_of(unsigned index) const;

    /// Appends an operator of the backward pass; `suffix` tells it from others of the same forward operator.
    void append(std::uint16_t kind, const std::vector<Argument>& arguments, const OperatorSettings& settings,
                const char* suffix = "");
    /// Its operand has the gradient of its result.
    void pass_on(unsigned index);

private:
    Place place(const std::string& suffix) const;
    void append_sum(const Gradients::Sum& sum);

    Graph& graph_;
    Gradients& gradients_;
    const Node forward_; ///< a copy: appending moves nodes
};

/// Puts the backward operators of the forward operators in `graph` behind those, each micro-batch's behind its own.
/// Every gradient of a parameter is overwritten by its first share: it needs no clearing between steps. Later shares,
/// those of later micro-batches too, are added to it. std::logic_error for a parameter that no gradient reaches.
void append_backward(Graph& graph);

/// Makes all gradients those of a scaled loss: the operators at which they begin read StepInput::scaled_weights in
/// place of the weights of the loss, which is what it was.
void scale_gradients(Graph& graph);

} // namespace gradus::schedule
