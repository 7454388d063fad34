// SPDX-License-Identifier: Apache-2.0
// links: gradus_schedule
// Lists of shapes and tables of layers, as `gradus op --list` reads them: what comes out is an operator of each kind
// that can be built, or is refused when it is.
#include <algorithm>

#include "platform/schedule/layers.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;
using schedule::ScheduleError;

void claim_shapes(const std::vector<schedule::ListedShape>& shapes, const schedule::OperatorShape& op) {
    const auto wanted = static_cast<std::size_t>(std::count(op.shape.begin(), op.shape.end(), 'x')) + 1;
    claim(!shapes.empty(), "a list has shapes");
    for (const schedule::ListedShape& shape : shapes) {
        fuzz::claim_one_line(shape.place);
        claim(shape.dims.size() == wanted, "a shape has the dimensions of its operator");
        claim(std::count(shape.dims.begin(), shape.dims.end(), 0U) == 0, "no dimension is 0");
        claim(shape.times > 0, "a layer is there at least once");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    for (const schedule::OperatorShape& op : schedule::operator_shapes())
        if (const auto shapes =
                fuzz::read_or_refuse<ScheduleError>([&] { return schedule::parse_shapes(text, "input", op); }))
            claim_shapes(*shapes, op);
    return 0;
}
