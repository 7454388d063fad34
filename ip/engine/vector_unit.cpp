// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/vector_unit.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace gradus::ip {

namespace {

CommandError refused(std::size_t offset) { return {QUEUE_ERROR_ADDRESS, body_field(offset)}; }

} // namespace

VectorUnit::VectorUnit(sc_core::sc_module_name name, unsigned queue_index, const VectorParameters& parameters,
                       const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
                       bool tensor_data)
    : sc_module(name), data("data"), queue("queue", queue_index, queue_parameters, clock, fences, observer, *this),
      parameters_(parameters), clock_(clock), tensor_data_(tensor_data),
      port_(data, clock, parameters.port_bytes, tensor_data) {}

Execution VectorUnit::execute(const command& command) {
    vector_body body;
    std::memcpy(&body, command.body, sizeof body);
    const std::uint8_t opcode = command.header.opcode;
    Execution execution;
    if ((execution.error = check_vector(opcode, body))) return execution;

    const VectorPlan plan = plan_vector(opcode, body, parameters_);
    const Picoseconds begin = now() + clock_(parameters_.startup_cycles);
    const Picoseconds computed = begin + clock_(plan.compute_cycles);
    port_.clear_counts();
    port_.start(begin);
    execution.error = read_operands(plan);
    if (!execution.error && tensor_data_) execution.error = compute(opcode, body, plan);
    wait_until(execution.error ? port_.done() : std::max(computed, port_.done()));
    if (execution.error) return execution;

    port_.start(now());
    execution.error = write_results(plan);
    wait_until(port_.done());
    execution.memory_stall = now() - computed;
    execution.work.elements = plan.elements;
    execution.work.scratchpad_read = port_.bytes_read();
    execution.work.scratchpad_written = port_.bytes_written();
    return execution;
}

std::optional<CommandError> VectorUnit::read_operands(const VectorPlan& plan) {
    if (!port_.read(plan.a, a_)) return refused(offsetof(vector_body, a));
    if (!port_.read(plan.b, b_)) return refused(offsetof(vector_body, b));
    if (!port_.read(plan.c, c_)) return refused(offsetof(vector_body, c));
    if (plan.in_place && !port_.read(plan.dst, dst_)) return refused(offsetof(vector_body, dst));
    return {};
}

std::optional<CommandError> VectorUnit::compute(std::uint8_t opcode, const vector_body& body, const VectorPlan& plan) {
    VectorData data;
    data.a = a_.floats();
    data.b = b_.reserve_floats(0);
    data.c = c_.reserve_floats(0);
    data.dst = dst_.reserve_floats(plan.dst.bytes() / sizeof(float));
    if (plan.indexed) {
        data.index = c_.words(body.rows);
        if (!indices_in_range(body, data.index))
            return CommandError{QUEUE_ERROR_INDEXED, body_field(offsetof(vector_body, c))};
    }
    compute_vector(opcode, body, data);
    return {};
}

std::optional<CommandError> VectorUnit::write_results(const VectorPlan& plan) {
    const auto bytes = [](OperandBuffer& buffer) { return buffer.reserve(0); };
    if (!port_.write(plan.dst, bytes(dst_))) return refused(offsetof(vector_body, dst));
    if (!plan.in_place) return {};
    if (!port_.write(plan.b, bytes(b_))) return refused(offsetof(vector_body, b));
    if (!port_.write(plan.c, bytes(c_))) return refused(offsetof(vector_body, c));
    return {};
}

} // namespace gradus::ip
