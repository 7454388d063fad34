// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/matrix_folds.h"

#include <algorithm>
#include <utility>

namespace gradus::ip {

Cycles tree_levels(std::uint64_t leaves) {
    Cycles levels = 0;
    while ((std::uint64_t{1} << levels) < leaves)
        ++levels;
    return levels;
}

/// Folds one after the other. Of what repeats, two rounds are looked at: the second shows by how much each further one
/// advances.
class MatrixFolds::Timeline {
public:
    explicit Timeline(FoldChaining chaining) : chaining_(chaining) {}

    template <class Round>
    void repeat(std::uint64_t times, Round round) {
        if (times > 0) round();
        if (times < 2) return;
        const Cycles start = start_, end = std::exchange(end_, 0);
        round();
        const Cycles skipped = (times - 2) * (start_ - start);
        start_ += skipped;
        end_ = std::max(end, end_ + skipped);
    }

    void add(const Fold& fold) {
        if (!begun_)
            start_ = fold.load;
        else if (chaining_ == FoldChaining::serial)
            start_ += last_.stream + last_.skew + fold.load;
        else
            start_ += std::max({last_.stream, last_.hold, fold.load});
        // A trimmed fold may be through before the one in front of it.
        end_ = std::max(end_, start_ + fold.stream + fold.skew);
        last_ = fold;
        begun_ = true;
    }

    Cycles end() const { return end_; }

private:
    const FoldChaining chaining_;
    bool begun_ = false;
    Fold last_;
    Cycles start_ = 0; ///< of the last fold's stream
    Cycles end_ = 0;   ///< of all so far
};

MatrixFolds::MatrixFolds(const MatrixShape& shape, const MatrixParameters& parameters) : parameters_(parameters) {
    switch (parameters.dataflow) {
    case Dataflow::output:
        outer_ = cut(shape.m, parameters.rows);
        inner_ = cut(shape.n, parameters.cols);
        stream_ = shape.k;
        break;
    case Dataflow::weight:
        outer_ = cut(shape.n, parameters.cols);
        inner_ = cut(shape.k, parameters.rows);
        stream_ = shape.m;
        break;
    case Dataflow::input:
        outer_ = cut(shape.m, parameters.cols);
        inner_ = cut(shape.k, parameters.rows);
        stream_ = shape.n;
        break;
    case Dataflow::dot:
        outer_ = cut(shape.m, parameters.rows);
        inner_ = cut(1, 1);
        stream_ = shape.n * ceil_div(shape.k, parameters.cols);
        break;
    }
}

MatrixFolds::Fold MatrixFolds::fold(std::uint32_t outer_piece, std::uint32_t inner_piece) const {
    if (parameters_.dataflow == Dataflow::dot) return {0, stream_, tree_levels(parameters_.cols) + 2, 0};
    const bool keeps_results = parameters_.dataflow == Dataflow::output;
    Cycles rows = parameters_.rows, cols = parameters_.cols;
    if (parameters_.edge_folds == EdgeFolds::trimmed) {
        rows = keeps_results ? outer_piece : inner_piece;
        cols = keeps_results ? inner_piece : outer_piece;
    }
    return {keeps_results ? 0 : rows, stream_, rows + cols - 2, rows};
}

void MatrixFolds::line(Timeline& timeline, std::uint32_t outer_piece) const {
    timeline.repeat(inner_.whole, [&] { timeline.add(fold(outer_piece, inner_.size)); });
    if (inner_.edge) timeline.add(fold(outer_piece, inner_.edge));
}

Cycles MatrixFolds::cycles_until(std::uint64_t panels) const {
    Timeline timeline(parameters_.folds);
    timeline.repeat(std::min(panels, outer_.whole), [&] { line(timeline, outer_.size); });
    if (panels > outer_.whole) line(timeline, outer_.edge);
    return timeline.end();
}

} // namespace gradus::ip
