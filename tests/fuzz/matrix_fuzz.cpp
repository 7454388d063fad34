// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_engine_core
// Descriptors of the matrix unit: a command that passes the check reads and writes its operands' rows and nothing else,
// panel by panel, and its numbers do not depend on how the array folds it.
#include <cstring>
#include <fuzzer/FuzzedDataProvider.h>
#include <vector>

#include "ip/engine/matrix_core.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/operand_claims.h"

namespace {

using namespace gradus;
using fuzz::claim;

constexpr std::uint64_t most_panels = 512;
constexpr std::uint64_t most_macs = 1 << 14;

ip::MatrixParameters parameters_from(FuzzedDataProvider& input) {
    ip::MatrixParameters parameters;
    parameters.rows = input.ConsumeIntegralInRange(1u, 1024u);
    parameters.cols = input.ConsumeIntegralInRange(1u, 1024u);
    parameters.port_bytes = ip::Bytes{4} << input.ConsumeIntegralInRange(0, 10);
    parameters.dataflow = static_cast<ip::Dataflow>(input.ConsumeIntegralInRange(0, 3));
    parameters.folds = static_cast<ip::FoldChaining>(input.ConsumeIntegralInRange(0, 1));
    parameters.edge_folds = static_cast<ip::EdgeFolds>(input.ConsumeIntegralInRange(0, 1));
    parameters.accumulators = input.ConsumeIntegral<std::uint16_t>();
    return parameters;
}

void claim_panels(const ip::MatrixPlan& plan) {
    std::uint64_t covered = 0;
    for (std::uint64_t i = 0; i < plan.panels; ++i) {
        if (i == most_panels) return;
        const ip::MatrixBlock block = plan.panel(i);
        claim(std::uint64_t{block.row} + block.rows <= plan.shape.m &&
                  std::uint64_t{block.col} + block.cols <= plan.shape.n,
              "a panel lies in C");
        covered += std::uint64_t{block.rows} * block.cols;
        fuzz::claim_slice(plan.a_of(block), plan.a);
        fuzz::claim_slice(plan.b_of(block), plan.b);
        fuzz::claim_slice(plan.c_of(block), plan.c);
        fuzz::claim_slice(plan.bias_of(block), plan.bias);
        claim(plan.outer_until(i) <= plan.folds.outer(), "a panel is made of folds");
    }
    claim(covered == std::uint64_t{plan.shape.m} * plan.shape.n, "panels cover C");
}

/// Values that come and go with ASan's eyes on them: each operand in memory of exactly its size.
void compute(const matrix_body& body, const ip::MatrixPlan& plan, const ip::MatrixParameters& parameters) {
    std::vector<float> a(plan.a.bytes() / plan.a_bytes, 1.0F), b(plan.b.bytes() / plan.b_bytes, 2.0F);
    std::vector<float> c(std::size_t{body.m} * body.n), bias(body.n, 0.5F), start(c.size(), 0.25F);
    const auto view = [](const std::vector<float>& values, std::uint32_t cols, std::uint32_t pitch, bool transposed) {
        const ip::MatrixView stored{values.data(), pitch == 0 ? 0 : cols, 1};
        return transposed ? stored.transposed() : stored;
    };
    ip::MatrixTask task{plan.shape, view(a, plan.transpose_a ? body.m : body.k, body.a_pitch, plan.transpose_a),
                        view(b, plan.transpose_b ? body.k : body.n, body.b_pitch, plan.transpose_b),
                        (body.mode & MATRIX_ACCUMULATE) ? start.data() : nullptr, plan.bias ? bias.data() : nullptr};
    ip::TimingArray array(parameters);
    array.start(task);
    ip::Cycles before = 0;
    float expected = 2.0F * static_cast<float>(body.k);
    if (task.c) expected += 0.25F;
    if (task.bias) expected += 0.5F;
    for (std::uint64_t i = 0; i < plan.panels; ++i) {
        const ip::Cycles until = array.cycles_until(plan.outer_until(i));
        claim(until >= before, "panels are done one after the other");
        before = until;
        const ip::MatrixBlock block = plan.panel(i);
        std::vector<float> results(std::size_t{block.rows} * block.cols);
        array.results(task, block, results.data());
        for (const float value : results)
            claim(value == expected, "every element is the sum of its k products");
    }
    claim(before == plan.folds.cycles(), "the last panel ends with the product");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < sizeof(matrix_body)) return 0;
    matrix_body body;
    std::memcpy(&body, data, sizeof body);
    FuzzedDataProvider rest(data + sizeof body, size - sizeof body);
    const std::uint8_t opcode = rest.ConsumeBool() ? MATRIX_MULTIPLY : rest.ConsumeIntegral<std::uint8_t>();
    if (const auto error = ip::check_matrix(opcode, body)) {
        fuzz::claim_refusal(*error);
        return 0;
    }
    const ip::MatrixParameters parameters = parameters_from(rest);
    const ip::MatrixPlan plan = ip::plan_matrix(body, parameters);
    for (const ip::OperandRows& rows : {plan.a, plan.b, plan.c, plan.bias})
        fuzz::claim_rows(rows);
    claim_panels(plan);
    if (plan.macs <= most_macs && plan.panels <= most_panels) compute(body, plan, parameters);
    return 0;
}
