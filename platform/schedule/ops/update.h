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
class Update {
public:
    Update(const Reference& of, unsigned plain_operands)
        : parameter_(of.operand(0)), gradient_(of.operand(1)), is_mixed_(of.op.operand_count > plain_operands),
          weight_(of.operand(is_mixed_ ? plain_operands : 0)), factor_(of.operand(is_mixed_ ? plain_operands + 1 : 0)) {
    }

    double parameter(std::uint32_t row, std::uint32_t col) const { return parameter_.at(row, col); }
    double gradient(std::uint32_t row, std::uint32_t col) const {
        return gradient_.at(row, col) * (is_mixed_ && factor_.present() ? factor_.at(0, 0) : 1);
    }
    void put(std::uint32_t row, std::uint32_t col, double value) const {
        parameter_.put(row, col, value);
        if (is_mixed_ && weight_.present()) weight_.put(row, col, value);
    }

private:
    ReferenceOperand parameter_, gradient_;
    bool is_mixed_;
    ReferenceOperand weight_, factor_;
};

} // namespace gradus::schedule::ops
