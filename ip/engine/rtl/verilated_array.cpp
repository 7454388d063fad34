// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/rtl/verilated_array.h"

#include <Voutput_stationary.h>
#include <Vweight_stationary.h>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <string_view>

namespace gradus::ip {

namespace {

std::uint32_t bits(float value) {
    std::uint32_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    return word;
}

float number(std::uint32_t word) {
    float value = 0;
    std::memcpy(&value, &word, sizeof value);
    return value;
}

/// A product in time alone is one of zeros.
std::uint32_t element(const MatrixView& view, std::size_t row, std::size_t col) {
    return view.data ? bits(view.data[row * view.row_stride + col * view.col_stride]) : 0;
}

template <class Array>
void reset(Array& array, const MatrixParameters& parameters) {
    array.overlapped = parameters.folds == FoldChaining::overlapped;
    array.rows = parameters.rows;
    array.cols = parameters.cols;
    array.fold_ready = 0;
    array.reset = 1;
    for (const int clk : {0, 1, 0}) {
        array.clk = clk;
        array.eval();
    }
    array.reset = 0;
}

/// Runs cycles until `done`. A fold is waiting while `ready`; `inputs` sees the array's outputs of the cycle and sets
/// its other inputs.
template <class Array, class Ready, class Inputs, class Done, class Through>
void clock(Array& array, Ready ready, Inputs inputs, Done done, Through through) {
    for (Cycles cycle = 1; !done(); ++cycle) {
        array.clk = 0;
        array.fold_ready = ready();
        array.eval();
        inputs();
        if (array.through) through(cycle);
        array.clk = 1;
        array.eval();
    }
}

} // namespace

// The cells' arithmetic, called by the RTL.
extern "C" unsigned int gradus_multiply_add(unsigned int sum, unsigned int a, unsigned int b) {
    return bits(number(sum) + number(a) * number(b));
}

void VerilatedArray::start(const MatrixTask& task) {
    task_ = task;
    folds_.emplace(task.shape, parameters_);
    sums_.resize(std::size_t{task.shape.m} * task.shape.n);
    for (std::uint32_t row = 0; row < task.shape.m; ++row)
        task.begin_row(row, 0, task.shape.n, sums_.data() + std::size_t{row} * task.shape.n);
    through_.clear();
    run();
}

Cycles VerilatedArray::cycles_until(std::uint64_t outer) { return through_.at(outer * folds_->inner() - 1); }

void VerilatedArray::results(const MatrixTask& task, const MatrixBlock& block, float* c) {
    for (std::uint32_t r = 0; r < block.rows; ++r) {
        const float* from = sums_.data() + std::size_t{block.row + r} * task.shape.n + block.col;
        std::copy_n(from, block.cols, c + std::size_t{r} * block.cols);
    }
}

struct OutputStationaryRtl::Place {
    std::uint64_t row;
    std::uint64_t col;
};

OutputStationaryRtl::OutputStationaryRtl(const MatrixParameters& parameters)
    : VerilatedArray(parameters), array_(std::make_unique<Voutput_stationary>()) {}

OutputStationaryRtl::~OutputStationaryRtl() = default;

OutputStationaryRtl::Place OutputStationaryRtl::place(std::uint64_t fold) const {
    return {fold / inner() * parameters_.rows, fold % inner() * parameters_.cols};
}

void OutputStationaryRtl::run() {
    reset(*array_, parameters_);
    array_->depth = task().shape.k;
    std::uint64_t launched = 0;
    std::vector<std::uint64_t> taken(parameters_.cols); // results, by column
    const std::uint64_t all = folds() * parameters_.rows;
    const auto inputs = [&] {
        if (array_->launch) ++launched;
        if (array_->feed) feed(place(launched - 1), array_->feed_index);
        if (array_->seed_feed) seed(place(launched - 1), array_->seed_index);
        for (unsigned j = 0; j < parameters_.cols; ++j) {
            if (!array_->result_valid[j]) continue;
            const Place at = place(taken[j] / parameters_.rows);
            const std::uint64_t row = at.row + parameters_.rows - 1 - taken[j] % parameters_.rows;
            ++taken[j];
            if (row < task().shape.m && at.col + j < task().shape.n)
                sums()[row * task().shape.n + at.col + j] = number(array_->result[j]);
        }
    };
    clock(
        *array_, [&] { return launched < folds(); }, inputs, [&] { return taken.back() == all; },
        [&](Cycles cycle) { fold_through(cycle); });
}

void OutputStationaryRtl::feed(const Place& place, std::uint32_t term) {
    const MatrixShape& shape = task().shape;
    for (unsigned i = 0; i < parameters_.rows; ++i)
        array_->a_in[i] = place.row + i < shape.m ? element(task().a, place.row + i, term) : 0;
    for (unsigned j = 0; j < parameters_.cols; ++j)
        array_->b_in[j] = place.col + j < shape.n ? element(task().b, term, place.col + j) : 0;
}

// Results of an edge fold that are outside C begin with zero and are dropped.
void OutputStationaryRtl::seed(const Place& place, std::uint32_t row) {
    const MatrixShape& shape = task().shape;
    for (unsigned j = 0; j < parameters_.cols; ++j) {
        const bool inside = place.row + row < shape.m && place.col + j < shape.n;
        array_->seed_in[j] = inside ? bits(sums()[(place.row + row) * shape.n + place.col + j]) : 0;
    }
}

WeightStationaryRtl::WeightStationaryRtl(const MatrixParameters& parameters)
    : VerilatedArray(parameters), array_(std::make_unique<Vweight_stationary>()) {}

WeightStationaryRtl::~WeightStationaryRtl() = default;

bool WeightStationaryRtl::in_range(std::uint64_t fold, std::uint32_t col) const {
    return fold / inner() * parameters_.cols + col < width_;
}

float& WeightStationaryRtl::sum(std::uint64_t fold, std::uint32_t index, std::uint32_t col) {
    const std::uint64_t place = fold / inner() * parameters_.cols + col;
    const std::size_t n = task().shape.n;
    return parameters_.dataflow == Dataflow::weight ? sums()[index * n + place] : sums()[place * n + index];
}

void WeightStationaryRtl::load(std::uint64_t fold, std::uint32_t row) {
    const std::uint64_t term = fold % inner() * parameters_.rows + row;
    array_->load_used = term < task().shape.k;
    for (unsigned j = 0; j < parameters_.cols; ++j) {
        const bool inside = array_->load_used && in_range(fold, j);
        array_->weight_in[j] = inside ? element(kept_, term, fold / inner() * parameters_.cols + j) : 0;
    }
}

void WeightStationaryRtl::feed(std::uint64_t fold, std::uint32_t index) {
    for (unsigned i = 0; i < parameters_.rows; ++i) {
        const std::uint64_t term = fold % inner() * parameters_.rows + i;
        array_->a_in[i] = term < task().shape.k ? element(streamed_, index, term) : 0;
    }
}

void WeightStationaryRtl::run() {
    const bool weights = parameters_.dataflow == Dataflow::weight;
    streamed_ = weights ? task().a : task().b.transposed();
    kept_ = weights ? task().b : task().a.transposed();
    depth_ = weights ? task().shape.m : task().shape.n;
    width_ = weights ? task().shape.n : task().shape.m;

    reset(*array_, parameters_);
    array_->depth = depth_;
    std::uint64_t launched = 0, begun = 0;
    std::vector<std::uint64_t> given(parameters_.cols), taken(parameters_.cols); // sums, by column
    const std::uint64_t all = folds() * depth_;
    const auto inputs = [&] {
        if (array_->launch) ++launched;
        if (array_->begins) ++begun;
        if (array_->load) load(launched - 1, array_->load_row);
        if (array_->feed) feed(begun - 1, array_->feed_index);
        for (unsigned j = 0; j < parameters_.cols; ++j) {
            if (array_->result_valid[j]) {
                const std::uint64_t fold = taken[j]++ / depth_;
                if (in_range(fold, j)) sum(fold, array_->result_index[j], j) = number(array_->result[j]);
            }
            if (array_->sum_feed[j]) {
                const std::uint64_t fold = given[j]++ / depth_;
                array_->sum_in[j] = in_range(fold, j) ? bits(sum(fold, array_->sum_index[j], j)) : 0;
            }
        }
    };
    clock(
        *array_, [&] { return launched < folds(); }, inputs, [&] { return taken.back() == all; },
        [&](Cycles cycle) { fold_through(cycle); });
}

std::unique_ptr<MatrixArray> make_rtl_array(const MatrixParameters& parameters) {
    const auto fail = [](std::string_view why) {
        throw std::invalid_argument(fmt::format("chip.engine.matrix.model = \"rtl\": {}", why));
    };
    if (parameters.rows > rtl_array_limit || parameters.cols > rtl_array_limit)
        fail(fmt::format("the RTL was built for arrays of up to {0} x {0} (chip.engine.matrix.rows = {1}, cols = {2})",
                         rtl_array_limit, parameters.rows, parameters.cols));
    if (parameters.dataflow == Dataflow::dot)
        fail("there is no RTL of a dot-product unit (chip.engine.matrix.dataflow = \"dot\")");
    if (parameters.folds == FoldChaining::overlapped)
        fail("it takes a command's operands all at once, so chip.engine.matrix.folds must be \"serial\"");
    if (parameters.edge_folds == EdgeFolds::trimmed)
        fail("its folds cross all of the array, so chip.engine.matrix.edge_folds must be \"full\"");
    if (parameters.dataflow == Dataflow::output) return std::make_unique<OutputStationaryRtl>(parameters);
    return std::make_unique<WeightStationaryRtl>(parameters);
}

} // namespace gradus::ip
