// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/vector_unit.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace gradus::ip {

VectorUnit::VectorUnit(sc_core::sc_module_name name, unsigned queue_index, const VectorParameters& parameters,
                       const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
                       bool tensor_data)
    : sc_module(name), data("data"), queue("queue", queue_index, queue_parameters, clock, fences, observer, *this),
      parameters_(parameters), clock_(clock), tensor_data_(tensor_data),
      port_(data, clock, port_bytes(parameters), tensor_data), writer_("writer", port_) {}

Execution VectorUnit::execute(const command& command) {
    vector_body body;
    std::memcpy(&body, command.body, sizeof body);
    const std::uint8_t opcode = command.header.opcode;
    Execution execution;
    if ((execution.error = check_vector(opcode, body, parameters_))) return execution;

    repeats_a_ = opcode != VECTOR_ADAM && body.rows > 1 && body.a_pitch == 0;
    repeats_b_ = opcode != VECTOR_ADAM && body.rows > 1 && body.b_pitch == 0 && body.b_mode == VECTOR_B_FULL;
    const OperandRows sums = opcode == VECTOR_COLUMN_EXP ? plan_vector(opcode, body).sums : OperandRows{};
    if (tensor_data_ && sums)
        std::fill_n(sums_.reserve_floats(sums.bytes() / sizeof(float)), sums.bytes() / sizeof(float), 0.0F);
    const VectorPanels panels = cut_vector(opcode, body, parameters_);
    const auto part = [&](std::uint64_t panel) { return panels.body(opcode, body, panel); };
    const auto buffers = [&](std::uint64_t panel) -> Buffers& { return buffers_[panel % buffers_.size()]; };
    const Picoseconds begin = now() + clock_(parameters_.startup_cycles);
    execution.error = run_panels(
        panels.count, begin, clock_, port_, writer_,
        [&](std::uint64_t panel) { return read_panel(opcode, part(panel), buffers(panel), panel == 0); },
        [&](std::uint64_t panel) {
            const VectorTime time = time_vector(opcode, part(panel), parameters_);
            return time.work + (panel == 0 ? time.latency : 0);
        },
        [&](std::uint64_t panel) {
            Found error = write_panel(opcode, part(panel), buffers(panel));
            const bool last = panel + 1 == panels.count;
            if (!error && sums && last && !port_.write(sums, sums_.reserve(0)))
                error = refused(offsetof(vector_body, c));
            return error;
        });
    if (execution.error) return execution;

    const VectorTime time = time_vector(opcode, body, parameters_);
    execution.memory_stall = now() - begin - clock_(time.work + time.latency);
    execution.work.elements = std::uint64_t{body.rows} * body.cols;
    execution.work.lanes = count_operations(command.header.opcode, body);
    execution.work.scratchpad_read = port_.bytes_read();
    execution.work.scratchpad_written = port_.bytes_written();
    execution.work.compute_cycles = time.work + time.latency;
    execution.work.port_cycles = port_.cycles(panels.count);
    return execution;
}

VectorUnit::Found VectorUnit::read_panel(std::uint8_t opcode, const vector_body& body, Buffers& buffers, bool first) {
    const VectorPlan plan = plan_vector(opcode, body);
    const auto read = [&](const OperandRows& rows, OperandBuffer& into) {
        return port_.read(OperandSlice::whole(rows), into);
    };
    if ((first || !repeats_a_) && !read(plan.a, a_of(buffers))) return refused(offsetof(vector_body, a));
    if ((first || !repeats_b_) && !read(plan.b, b_of(buffers))) return refused(offsetof(vector_body, b));
    if (!read(plan.c, buffers.c)) return refused(offsetof(vector_body, c));
    if (plan.in_place && !read(plan.dst, buffers.dst)) return refused(offsetof(vector_body, dst));
    if (tensor_data_ && plan.indexed && !indices_in_range(body, buffers.c.words(body.rows)))
        return CommandError{QUEUE_ERROR_INDEXED, body_field(offsetof(vector_body, c))};
    return {};
}

VectorUnit::Found VectorUnit::write_panel(std::uint8_t opcode, const vector_body& body, Buffers& buffers) {
    const VectorPlan plan = plan_vector(opcode, body);
    if (tensor_data_) compute(opcode, body, buffers);
    const auto write = [&](const OperandRows& rows, OperandBuffer& from) { return port_.write(rows, from.reserve(0)); };
    if (!write(plan.dst, buffers.dst)) return refused(offsetof(vector_body, dst));
    if (!write(plan.rstd, buffers.c)) return refused(offsetof(vector_body, c));
    if (!plan.in_place) return {};
    if (!write(plan.b, buffers.b)) return refused(offsetof(vector_body, b));
    if (!write(plan.c, buffers.c)) return refused(offsetof(vector_body, c));
    return {};
}

void VectorUnit::compute(std::uint8_t opcode, const vector_body& body, Buffers& buffers) {
    const VectorPlan plan = plan_vector(opcode, body);
    VectorData data;
    data.a = a_of(buffers).floats();
    data.b = b_of(buffers).reserve_floats(0);
    data.c = plan.sums ? sums_.reserve_floats(0) : buffers.c.reserve_floats(plan.rstd.bytes() / sizeof(float));
    data.dst = buffers.dst.reserve_floats(plan.dst.bytes() / sizeof(float));
    if (plan.indexed) data.index = buffers.c.words(body.rows);
    compute_vector(opcode, body, data);
}

} // namespace gradus::ip
