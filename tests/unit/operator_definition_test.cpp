// SPDX-License-Identifier: Apache-2.0
// What a definition says of operands, held against what its reference does to them. The rest of the scheduler believes
// it.
#include <cmath>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"
#include "tests/support/op_record.h"

namespace gradus::operator_definition_test {
namespace {

using schedule::Extent;
using schedule::OperatorDefinition;
using schedule::Role;

/// Every operand lies in a range of its own, 2^32 bytes long, so that its address tells whose an element is.
constexpr unsigned range_bits = 32;

template <class Number>
class Recorder : public schedule::ReferenceMemory<Number> {
public:
    explicit Recorder(std::uint32_t indices) : indices_(indices) {}

    double load(std::uint64_t address, unsigned /*format*/) const override {
        loaded[address >> range_bits].insert(address);
        return 0.25 + static_cast<double>(address % 7) / 8;
    }
    void store(std::uint64_t address, unsigned /*format*/, Number value, double /*parts*/) override {
        const bool is_new = stored[address >> range_bits].insert(address).second;
        EXPECT_TRUE(is_new) << "an element that is stored twice";
        values[address] = value;
    }
    std::uint32_t load_index(std::uint64_t address) const override {
        loaded[address >> range_bits].insert(address);
        return static_cast<std::uint32_t>(address / 4) % indices_;
    }

    mutable std::map<std::uint64_t, std::set<std::uint64_t>> loaded;
    std::map<std::uint64_t, std::set<std::uint64_t>> stored;
    std::map<std::uint64_t, Number> values;

private:
    std::uint32_t indices_;
};

test::OpRecord random_op(std::uint16_t kind, std::mt19937& random) {
    test::OpRecord op{};
    op.kind = kind;
    op.operand_count = operator_operands(kind);
    for (std::uint32_t& dim : op.dims)
        dim = 2 + random() % 5;
    if (kind == OP_ACTIVATION || kind == OP_ACTIVATION_BACKWARD) op.dims[2] = random() % 5;
    if (kind == OP_MATMUL_FUSED) op.dims[3] = random() % 5;
    if (kind == OP_EMBED || kind == OP_ROPE) op.dims[0] *= op.dims[3]; // whole sequences
    if (kind == OP_REPEAT) op.dims[1] = 2 * op.dims[2] * op.dims[3];   // whole heads, shared by whole groups
    if (kind == OP_ROPE || kind == OP_REPEAT_BACKWARD) op.dims[1] = 2 * op.dims[2];
    if (kind == OP_ROPE) op.dims[4] = op.dims[2] / 2 * 2;
    if (kind == OP_ATTENTION || kind == OP_ATTENTION_BACKWARD) {
        op.dims[0] = 2 * op.dims[4];
        op.dims[1] = 2 * op.dims[2] * op.dims[3];
    }
    if (kind == OP_PREPEND || kind == OP_PREPEND_BACKWARD || kind == OP_FIRST_ROWS_BACKWARD) op.dims[0] *= op.dims[2];
    if (kind == OP_WINDOW_SOFTMAX) op.dims[1] = op.dims[2]; // a column for each position
    op.flags = schedule::operator_flags(kind) & random();
    op.scalar[0] = op.scalar[1] = op.scalar[2] = 0.5F;
    op.outer_count = op.inner_count = 1;
    const OperatorDefinition& definition = schedule::definition_of(kind);
    for (unsigned i = 0; i < op.operand_count; ++i) {
        if (definition.operands[i].optional && random() % 3 == 0) continue;
        op.operand[i].address = std::uint64_t{i + 1} << range_bits;
        op.operand[i].pitch = 4 * (definition.operands[i].extent(op).cols + random() % 3);
        op.operand[i].after = IMAGE_NO_OP;
        if (schedule::accumulates(kind, i) && random() % 2) op.operand[i].flags = OPERAND_ACCUMULATE;
    }
    return op;
}

std::set<std::uint64_t> elements(const image_operand& operand, Extent extent) {
    std::set<std::uint64_t> addresses;
    for (std::uint64_t r = 0; r < extent.rows; ++r)
        for (std::uint64_t c = 0; c < extent.cols; ++c)
            addresses.insert(operand.address + r * operand.pitch + c * 4);
    return addresses;
}

bool contains(const std::set<std::uint64_t>& all, const std::set<std::uint64_t>& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

class DefinitionOf : public testing::TestWithParam<std::uint16_t> {};

TEST_P(DefinitionOf, ItsOperandsSayWhatItsReferenceTouches) {
    const std::uint16_t kind = GetParam();
    const OperatorDefinition& definition = schedule::definition_of(kind);
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(testing::Message() << schedule::operator_name(kind) << ", seed " << seed);
        std::mt19937 random(seed);
        const test::OpRecord op = random_op(kind, random);
        Recorder<double> memory(2); // tokens and targets: 0 and 1
        schedule::execute<double>(op, op.operand.data(), {}, memory);
        for (unsigned i = 0; i < op.operand_count; ++i) {
            const auto& operand = definition.operands[i];
            SCOPED_TRACE(operand.name);
            const std::set<std::uint64_t>& loaded = memory.loaded[i + 1];
            const std::set<std::uint64_t>& stored = memory.stored[i + 1];
            if (!op.operand[i].address) {
                EXPECT_TRUE(loaded.empty() && stored.empty());
                continue;
            }
            const std::set<std::uint64_t> all = elements(op.operand[i], operand.extent(op));
            const bool adds = op.operand[i].flags & OPERAND_ACCUMULATE;
            if (operand.role == Role::writes && !adds) {
                EXPECT_TRUE(loaded.empty()) << "it is only written";
            } else if (operand.picked) {
                EXPECT_TRUE(!loaded.empty() && contains(all, loaded));
            } else if (!(op.flags & OP_FLAG_CAUSAL) && kind != OP_WINDOW_SOFTMAX) {
                EXPECT_EQ(loaded, all);
            }
            EXPECT_EQ(stored, operand.role == Role::reads ? std::set<std::uint64_t>() : all);
        }
        EXPECT_EQ(memory.loaded.count(0) + memory.stored.count(0), 0u) << "an operand that is not there";
    }
}

TEST_P(DefinitionOf, ItsReferenceHasTheSameValuesWithBounds) {
    const std::uint16_t kind = GetParam();
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(testing::Message() << schedule::operator_name(kind) << ", seed " << seed);
        std::mt19937 random(seed);
        const test::OpRecord op = random_op(kind, random);
        Recorder<double> exact(2);
        Recorder<schedule::Bounded> bounded(2);
        schedule::execute<double>(op, op.operand.data(), {}, exact);
        schedule::execute<schedule::Bounded>(op, op.operand.data(), {}, bounded);
        ASSERT_EQ(exact.values.size(), bounded.values.size());
        for (const auto& [address, value] : exact.values) {
            const schedule::Bounded& other = bounded.values.at(address);
            EXPECT_NEAR(other.value, value, 1e-12 * std::max(1.0, std::abs(value)));
            EXPECT_GE(other.error, 0);
            EXPECT_LE(other.error, 1e-3 * std::max(1.0, std::abs(value))) << "a bound that says something";
        }
    }
}

std::vector<std::uint16_t> all_kinds() {
    std::vector<std::uint16_t> kinds;
#define KIND_OF(ID, name, number, operands, flags, accumulates) kinds.push_back(number);
    OPERATORS(KIND_OF)
#undef KIND_OF
    return kinds;
}

INSTANTIATE_TEST_SUITE_P(AllOperators, DefinitionOf, testing::ValuesIn(all_kinds()),
                         [](const auto& info) { return std::string(schedule::operator_name(info.param)); });

TEST(Definition, NumbersAreGivenOnce) {
    const std::vector<std::uint16_t> kinds = all_kinds();
    EXPECT_EQ(std::set<std::uint16_t>(kinds.begin(), kinds.end()).size(), kinds.size());
}

} // namespace
} // namespace gradus::operator_definition_test
