// SPDX-License-Identifier: Apache-2.0
// Every key of a scenario, in one table: its type, unit, default, range and one line of help, and the field it sets.
// The loader, `gradus info` and the reference in doc/scenarios.md all read this table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/scenario/parameters.h"

namespace gradus::scenario {

enum class Type { integer, number, boolean, text, choice };
std::string_view to_string(Type type);

/// A pointer to the field of a key. Its type is the type of the key; enumerations are choices.
using Field = std::variant<unsigned*, std::uint64_t*, double*, bool*, std::string*, Activation*, Norm*, NormPlace*,
                           Positions*, RopeScaling*, QkNorm*, Form*, Objective*, Format*, Precision*, Recompute*,
                           StoredFormat*, DataPlane*, Documents*, RateSchedule*, OptimizerKind*, ip::FabricArbitration*,
                           ip::DramScheduler*, ip::DramPagePolicy*, ip::DramRefresh*, ip::Dataflow*, ip::FoldChaining*,
                           ip::EdgeFolds*, ip::MatrixModel*, ip::ReductionTree*, ip::VectorResults*>;

struct Parameter {
    std::string_view key;  ///< "chip.engine.matrix.rows"
    std::string_view unit; ///< empty: a plain count, a factor, or no number at all
    std::string_view help;
    Field (*field)(Scenario&) = nullptr;
    double minimum = 0; ///< integers and numbers, both ends included; text: longest length in `maximum`
    double maximum = 0;
    bool power_of_two = false;
    bool or_zero = false;                  ///< 0 is allowed beside the range
    std::vector<std::string_view> choices; ///< in the order of the enumeration

    Type type() const;
    Value default_value() const;
    Value get(const Scenario& scenario) const;
    /// `value` must have passed `allows`.
    void set(Scenario& scenario, const Value& value) const;
    bool allows(const Value& value) const;
    /// What is allowed, for people: "an integer, 1 .. 1024", "one of relu, gelu, silu".
    std::string allowed() const;
    /// Range alone, for tables: "1 .. 1024", "relu, gelu, silu"; "-" for booleans.
    std::string range() const;
};

/// In the order of parameters.h.
const std::vector<Parameter>& schema();

/// Null when there is no such key.
const Parameter* find(std::string_view key);

/// All keys, in the order of the schema.
std::vector<std::string_view> keys();
/// All sections that keys stand in, "chip" before "chip.dram".
std::vector<std::string_view> sections();

/// As it would stand in a scenario file, without quotes.
std::string to_string(const Value& value);

} // namespace gradus::scenario
