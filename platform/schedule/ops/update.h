// SPDX-License-Identifier: Apache-2.0
// What operators of all optimizers have in common: a parameter, its gradient, and, in their form for mixed precision,
// two more operands behind those of the plain one:
//
//   weight   the parameter once more, as forward and backward read it
//   factor   a scalar that the gradient is multiplied by
#pragma once

#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// From the definition of the plain form.
inline OperatorDefinition mixed(OperatorDefinition of) {
    of.operands.push_back({"weight", Role::writes, full, true});
    of.operands.push_back({"factor", Role::reads, scalar, true});
    return of;
}

/// Of an operator of either form; the plain one has so many operands.
template <class Number>
class Update {
public:
    Update(const Reference<Number>& of, unsigned plain_operands)
        : parameter_(of.operand(0)), gradient_(of.operand(1)), is_mixed_(of.op.operand_count > plain_operands),
          weight_(of.operand(is_mixed_ ? plain_operands : 0)), factor_(of.operand(is_mixed_ ? plain_operands + 1 : 0)) {
    }

    Number parameter(std::uint32_t row, std::uint32_t col) const { return parameter_.at(row, col); }
    Number gradient(std::uint32_t row, std::uint32_t col) const {
        const Number gradient = gradient_.at(row, col);
        return is_mixed_ && factor_.present() ? gradient * factor_.at(0, 0) : gradient;
    }
    void put(std::uint32_t row, std::uint32_t col, Number value) const {
        parameter_.put(row, col, value);
        if (is_mixed_ && weight_.present()) weight_.put(row, col, value);
    }

private:
    ReferenceOperand<Number> parameter_, gradient_;
    bool is_mixed_;
    ReferenceOperand<Number> weight_, factor_;
};

} // namespace gradus::schedule::ops
