// SPDX-License-Identifier: Apache-2.0
#include "platform/verify/finding.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/observe/command_words.h"
#include "platform/observe/names.h"

namespace gradus::verify {

namespace {

/// The tensor that operator `op` finds at an address: the smallest of those that it needs.
const schedule::Tensor* tensor_of(const Execution& execution, std::uint64_t address) {
    const schedule::Tensor* found = nullptr;
    for (const schedule::Tensor& tensor : execution.schedule.tensors) {
        const bool is_here = address >= tensor.address && address - tensor.address < tensor.bytes();
        const bool is_needed = tensor.first_op <= execution.op && execution.op <= tensor.last_op;
        if (is_here && is_needed && (!found || tensor.bytes() < found->bytes())) found = &tensor;
    }
    return found;
}

struct Place {
    std::uint64_t row = 0, col = 0;
};

Place place_in(const schedule::Tensor& tensor, std::uint64_t address) {
    const std::uint64_t element = (address - tensor.address) / tensor.element_bytes();
    return {element / tensor.cols, element % tensor.cols};
}

/// "[12, 70] of layer0.attention.query"
std::string element_name(const Execution& execution, std::uint64_t address) {
    const schedule::Tensor* const tensor = tensor_of(execution, address);
    if (!tensor) return fmt::format("at {:#x}", address);
    const Place place = place_in(*tensor, address);
    return fmt::format("[{}, {}] of {}", place.row, place.col, tensor->name);
}

std::string span(const char* what, std::uint64_t first, std::uint64_t last) {
    return first == last ? fmt::format("{} {}", what, first) : fmt::format("{}s {}-{}", what, first, last);
}

/// "rows 0-15, columns 64-127": what holds all of it.
std::string tile_of(const schedule::Tensor& tensor, const Written& written) {
    Place low{tensor.rows, tensor.cols}, high;
    for (const std::uint64_t row : written.rows) {
        const Place first = place_in(tensor, row);
        const Place last = place_in(tensor, row + written.row_bytes - tensor.element_bytes());
        low.row = std::min(low.row, first.row);
        high.row = std::max(high.row, last.row);
        const bool is_within = first.row == last.row; // else it goes on in the next one
        low.col = std::min(low.col, is_within ? first.col : 0);
        high.col = std::max(high.col, is_within ? last.col : tensor.cols - 1);
    }
    return span("row", low.row, high.row) + ", " + span("column", low.col, high.col);
}

bool wrote(const Written& written, std::uint64_t address) {
    return std::any_of(written.rows.begin(), written.rows.end(),
                       [&](std::uint64_t row) { return address >= row && address - row < written.row_bytes; });
}

std::string command_name(const Execution& execution, const Written& written) {
    return fmt::format(
        "command {} of {} ({})", written.number, execution.units.at(written.queue).name,
        observe::command_line(observe::command_words(execution.units, written.queue, written.descriptor)));
}

/// The last command that wrote the element, and its tile.
std::string author_of(const Execution& execution, std::uint64_t address) {
    const auto found = std::find_if(execution.written.rbegin(), execution.written.rend(),
                                    [&](const Written& written) { return wrote(written, address); });
    if (found == execution.written.rend()) return "No command of the operator wrote it.";
    const schedule::Tensor* const tensor = tensor_of(execution, address);
    return fmt::format("It was written by {}{}.", command_name(execution, *found),
                       tensor ? ", whose tile is " + tile_of(*tensor, *found) : "");
}

std::string operator_and_shape(const Execution& execution) {
    const schedule::Op& op = execution.schedule.ops[execution.op];
    return fmt::format("{} ({} {}, operator {})", name_of(execution), op.kind, op.shape, execution.op);
}

} // namespace

std::string name_of(const Execution& execution) {
    const schedule::Op& op = execution.schedule.ops[execution.op];
    return fmt::format("{} {} in step {}", observe::phase_name(op.image.phase), op.name, execution.step);
}

std::string tensor_at(const Execution& execution, std::uint64_t address) {
    const schedule::Tensor* const tensor = tensor_of(execution, address);
    return tensor ? tensor->name : "?";
}

std::string describe_deviation(const Execution& execution, const Comparison& comparison) {
    const schedule::Op& op = execution.schedule.ops[execution.op];
    const Deviation& worst = comparison.worst;
    std::uint64_t elements = 0;
    for (unsigned i = 0; i < op.operands.size(); ++i)
        if (is_result(op, i)) elements += elements_of(op, i);
    return fmt::format(
        "{} is the first operator with a result that rounding does not explain: element {} is {:.9g}, in "
        "double precision {:.9g}, and rounding makes a difference of {:.3g} at most. {} of its {} elements "
        "are wrong. {}",
        operator_and_shape(execution), element_name(execution, worst.address), worst.value, worst.truth, worst.bound,
        comparison.beyond, elements, author_of(execution, worst.address));
}

std::string describe_stray(const Execution& execution, const Written& written) {
    return fmt::format("{} is the first operator that writes where it has no result: {} at {:#x}.",
                       operator_and_shape(execution), command_name(execution, written), written.rows.front());
}

std::string describe_not_finite(const Execution& execution, const Comparison& comparison) {
    return fmt::format(
        "{} is the first operator with a result that is not finite, though all that it reads is: element "
        "{}, and {} more. {}",
        operator_and_shape(execution), element_name(execution, comparison.first_not_finite), comparison.not_finite - 1,
        author_of(execution, comparison.first_not_finite));
}

} // namespace gradus::verify
