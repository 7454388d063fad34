// SPDX-License-Identifier: Apache-2.0
// The Verilated arrays as MatrixArrays. Overlapped folds work as well, as long as all operands are there from the
// start.
#pragma once

#include <memory>
#include <vector>

#include "ip/engine/rtl/rtl_array.h"

class Voutput_stationary;
class Vweight_stationary;

namespace gradus::ip {

/// What both arrays have in common: a product is run as a whole when it is taken on, and asked about afterwards.
class VerilatedArray : public MatrixArray {
public:
    void start(const MatrixTask& task) override;
    Cycles cycles_until(std::uint64_t outer) override;
    void results(const MatrixTask& task, const MatrixBlock& block, float* c) override;

protected:
    explicit VerilatedArray(const MatrixParameters& parameters) : parameters_(parameters) {}

    /// Clocks the array until every result is out.
    virtual void run() = 0;

    const MatrixTask& task() const { return task_; }
    float* sums() { return sums_.data(); } ///< [m, n]
    std::uint64_t folds() const { return folds_->count(); }
    std::uint64_t inner() const { return folds_->inner(); }
    /// A fold's last cell was busy in that cycle, counted from 1.
    void fold_through(Cycles cycle) { through_.push_back(cycle); }
    std::uint64_t folds_through() const { return through_.size(); }

    const MatrixParameters parameters_;

private:
    MatrixTask task_;
    std::optional<MatrixFolds> folds_;
    std::vector<float> sums_;
    std::vector<Cycles> through_; // by fold
};

class OutputStationaryRtl final : public VerilatedArray {
public:
    explicit OutputStationaryRtl(const MatrixParameters& parameters);
    ~OutputStationaryRtl() override;

private:
    struct Place; // of a fold in C
    void run() override;
    void feed(const Place& place, std::uint32_t term);
    void seed(const Place& place, std::uint32_t row);
    Place place(std::uint64_t fold) const;

    const std::unique_ptr<Voutput_stationary> array_;
};

/// Weight-stationary; and input-stationary, which is the same on the transposed product.
class WeightStationaryRtl final : public VerilatedArray {
public:
    explicit WeightStationaryRtl(const MatrixParameters& parameters);
    ~WeightStationaryRtl() override;

private:
    void run() override;
    void load(std::uint64_t fold, std::uint32_t row);
    void feed(std::uint64_t fold, std::uint32_t index);
    float& sum(std::uint64_t fold, std::uint32_t index, std::uint32_t col);
    bool in_range(std::uint64_t fold, std::uint32_t col) const;

    const std::unique_ptr<Vweight_stationary> array_;
    // The product as a weight-stationary array sees it: [depth, k] streams, [k, width] stays.
    MatrixView streamed_, kept_;
    std::uint32_t depth_ = 0;
    std::uint32_t width_ = 0;
};

} // namespace gradus::ip
