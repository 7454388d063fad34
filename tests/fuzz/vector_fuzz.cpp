// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_engine_core
// Descriptors of the vector unit: a command that passes the check reads and writes its operands' rows and nothing else,
// and computing it in panels gives the bits of computing it at once.
#include <algorithm>
#include <cstring>
#include <fuzzer/FuzzedDataProvider.h>
#include <vector>

#include "ip/engine/vector_core.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/operand_claims.h"

namespace {

using namespace gradus;
using fuzz::claim;

constexpr std::uint64_t most_elements = 1 << 12;
constexpr std::uint64_t most_panels = 512;

ip::VectorParameters parameters_from(FuzzedDataProvider& input) {
    ip::VectorParameters parameters;
    parameters.lanes = input.ConsumeIntegralInRange(1u, 4096u);
    parameters.port_bytes = ip::Bytes{4} << input.ConsumeIntegralInRange(0, 10);
    parameters.multiply_adders = input.ConsumeIntegralInRange(1u, 8u);
    parameters.simple_latency = input.ConsumeIntegralInRange(1, 100);
    parameters.exp_interval = input.ConsumeIntegralInRange(1, 100);
    parameters.tree = static_cast<ip::ReductionTree>(input.ConsumeIntegralInRange(0, 1));
    parameters.results = static_cast<ip::VectorResults>(input.ConsumeIntegralInRange(0, 1));
    parameters.fused = input.ConsumeBool();
    parameters.columns = input.ConsumeBool();
    return parameters;
}

/// Where a panel's rows lie in memory, without the unit's copy.
void claim_inside(const ip::OperandRows& part, const ip::OperandRows& whole) {
    if (!part) return;
    claim(static_cast<bool>(whole) && part.address >= whole.address, "a panel begins in the command's operand");
    claim(part.address - whole.address + (part.count - 1) * part.pitch + part.row_bytes <=
              (whole.count - 1) * whole.pitch + whole.row_bytes,
          "a panel ends in the command's operand");
}

void claim_panels(std::uint8_t opcode, const vector_body& body, const ip::VectorPanels& panels) {
    const ip::VectorPlan whole = ip::plan_vector(opcode, body);
    std::uint64_t elements = 0;
    for (std::uint64_t i = 0; i < panels.count; ++i) {
        if (i == most_panels) return;
        const vector_body part = panels.body(opcode, body, i);
        const ip::VectorPlan plan = ip::plan_vector(opcode, part);
        elements += plan.elements;
        claim_inside(plan.a, whole.a);
        claim_inside(plan.b, whole.b);
        claim_inside(plan.c, whole.c);
        claim_inside(plan.dst, whole.dst);
        claim_inside(plan.rstd, whole.rstd);
        claim_inside(plan.sums, whole.sums);
    }
    claim(elements == whole.elements, "panels hold every element once");
}

/// Each operand in memory of exactly its size.
struct Values {
    std::vector<float> a, b, c, dst;
    std::vector<std::uint32_t> index;

    Values() = default;
    Values(const ip::VectorPlan& plan, const vector_body& body) {
        const auto fill = [](std::vector<float>& values, std::uint64_t bytes, float first) {
            values.resize(bytes / sizeof(float));
            for (std::size_t i = 0; i < values.size(); ++i)
                values[i] = first + 0.25F * static_cast<float>(i % 7);
        };
        fill(a, plan.a.bytes(), -0.5F);
        fill(b, plan.b.bytes(), 0.5F);
        fill(c, plan.indexed ? 0 : plan.c.bytes() + plan.rstd.bytes(), 0.75F);
        fill(dst, plan.dst.bytes(), 1.0F);
        if (plan.sums) c.assign(plan.sums.bytes() / sizeof(float), 0.0F);
        for (std::uint32_t i = 0; plan.indexed && i < body.rows; ++i)
            index.push_back(i % body.u.indexed.index_limit);
    }
    ip::VectorData data() { return {a.data(), b.data(), c.data(), index.data(), dst.data()}; }
};

/// Calls `use` with the place of each float of `part` in the copy of `whole`, in order.
template <class Use>
void for_each_place(const ip::OperandRows& part, const ip::OperandRows& whole, Use use) {
    for (std::uint64_t row = 0; row < part.count; ++row) {
        const std::uint64_t offset = part.address - whole.address + row * part.pitch;
        const std::uint64_t of_row = whole.pitch && whole.count > 1 ? offset / whole.pitch : 0;
        const std::uint64_t place = of_row * whole.row_bytes + offset - of_row * whole.pitch;
        for (std::uint64_t byte = 0; byte < part.row_bytes; byte += sizeof(float))
            use((place + byte) / sizeof(float));
    }
}

template <class Value>
std::vector<Value> taken(const ip::OperandRows& part, const ip::OperandRows& whole, const std::vector<Value>& from) {
    std::vector<Value> values;
    for_each_place(part, whole, [&](std::uint64_t place) { values.push_back(from.at(place)); });
    return values;
}

void put_back(const ip::OperandRows& part, const ip::OperandRows& whole, const std::vector<float>& values,
              std::vector<float>& into) {
    std::size_t next = 0;
    for_each_place(part, whole, [&](std::uint64_t place) { into.at(place) = values.at(next++); });
}

bool same_bits(const std::vector<float>& left, const std::vector<float>& right) {
    return left.size() == right.size() &&
           (left.empty() || std::memcmp(left.data(), right.data(), left.size() * sizeof(float)) == 0);
}

void compute_panel(std::uint8_t opcode, const vector_body& part, const ip::VectorPlan& whole, const Values& before,
                   Values& after) {
    const ip::VectorPlan plan = ip::plan_vector(opcode, part);
    Values values;
    values.a = taken(plan.a, whole.a, before.a);
    values.b = taken(plan.b, whole.b, before.b);
    values.dst.resize(plan.dst.bytes() / sizeof(float));
    if (plan.in_place) values.dst = taken(plan.dst, whole.dst, before.dst);
    if (plan.indexed) values.index = taken(plan.c, whole.c, before.index);
    if (plan.in_place) values.c = taken(plan.c, whole.c, before.c);
    if (plan.rstd) values.c.resize(plan.rstd.bytes() / sizeof(float));
    if (plan.sums) values.c = after.c;
    ip::compute_vector(opcode, part, values.data());
    put_back(plan.dst, whole.dst, values.dst, after.dst);
    if (plan.rstd) put_back(plan.rstd, whole.rstd, values.c, after.c);
    if (plan.sums) after.c = values.c;
    if (!plan.in_place) return;
    put_back(plan.b, whole.b, values.b, after.b);
    put_back(plan.c, whole.c, values.c, after.c);
}

void compute(std::uint8_t opcode, const vector_body& body, const ip::VectorPanels& panels) {
    const ip::VectorPlan plan = ip::plan_vector(opcode, body);
    const Values before(plan, body);
    if (plan.indexed) claim(ip::indices_in_range(body, before.index.data()), "indices below the limit are in range");
    Values once = before, in_panels = before;
    ip::compute_vector(opcode, body, once.data());
    for (std::uint64_t i = 0; i < panels.count; ++i)
        compute_panel(opcode, panels.body(opcode, body, i), plan, before, in_panels);
    claim(same_bits(once.dst, in_panels.dst) && same_bits(once.b, in_panels.b) && same_bits(once.c, in_panels.c),
          "panels give the bits of the whole");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < sizeof(vector_body)) return 0;
    vector_body body;
    std::memcpy(&body, data, sizeof body);
    FuzzedDataProvider rest(data + sizeof body, size - sizeof body);
    const auto opcode = rest.ConsumeIntegral<std::uint8_t>();
    const ip::VectorParameters parameters = parameters_from(rest);
    if (const auto error = ip::check_vector(opcode, body, parameters)) {
        fuzz::claim_refusal(*error);
        return 0;
    }
    const ip::VectorPlan plan = ip::plan_vector(opcode, body);
    for (const ip::OperandRows& rows : {plan.a, plan.b, plan.c, plan.dst, plan.rstd, plan.sums})
        fuzz::claim_rows(rows);
    claim(!ip::rows_overlap(plan.dst), "rows of the result do not overlap");
    const ip::VectorPanels panels = ip::cut_vector(opcode, body, parameters);
    claim_panels(opcode, body, panels);
    const ip::VectorTime time = ip::time_vector(opcode, body, parameters);
    claim(time.work > 0, "a command takes time");
    if (plan.elements <= most_elements && body.rows <= most_elements && body.cols <= most_elements)
        compute(opcode, body, panels);
    return 0;
}
