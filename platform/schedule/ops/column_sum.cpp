// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

template <class Number>
void sum_columns(const Reference<Number>& of) {
    const auto y = of.operand(0), x = of.operand(1);
    std::vector<Sum<Number>> sums(of.cols());
    for (std::uint32_t r = 0; r < of.rows(); ++r)
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            sums[c].add(x.at(r, c));
    for (std::uint32_t c = 0; c < of.cols(); ++c)
        y.put(0, c, sums[c]);
}

} // namespace

/// y[c] = sum over r of x[r, c]: the gradient of a bias.
OperatorDefinition column_sum() {
    OperatorDefinition sum;
    sum.operands = {{"y", Role::writes, by_column}, {"x", Role::reads, full}};
    sum.reference = [](const auto& of) { sum_columns(of); };
    return sum;
}

} // namespace gradus::schedule::ops
