// SPDX-License-Identifier: Apache-2.0
// A schedule before its first step, in an interpreter: parameters and constants have their initial values.
#pragma once

#include <algorithm>
#include <cstdint>

#include "platform/schedule/schedule.h"
#include "tests/support/image_interpreter.h"

namespace gradus::test {

inline ImageInterpreter interpreted(const schedule::Schedule& schedule, const scenario::ModelParameters& model,
                                    std::uint64_t seed, ImageInterpreter::Storage storage) {
    std::uint64_t end = 0;
    for (const schedule::Tensor& tensor : schedule.tensors)
        end = std::max(end, tensor.address + tensor.bytes());
    const std::uint64_t begin = schedule.image_range.end();
    ImageInterpreter chip(schedule.image, schedule.image_range.base, {begin, end - begin}, storage);
    for (const schedule::Tensor& tensor : schedule.tensors)
        chip.write(tensor.address, schedule::initial_values(tensor, model, seed), tensor.format);
    return chip;
}

} // namespace gradus::test
