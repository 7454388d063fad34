// SPDX-License-Identifier: Apache-2.0
// Engines under commands with wrong bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

#include "tests/support/engine_stand.h"

namespace gradus::test {

/// Gives each of `count` engines one command like `body` with a few spoiled bytes, or with nothing but noise: it
/// retires, or the engine halts and names a field of the body. `parameters` and `opcode` make theirs from the random
/// numbers.
template <class Stand, class Body, class Parameters, class Opcode>
void expect_engines_survive_spoiled_commands(unsigned seed, int count, const Body& body, Parameters parameters,
                                             Opcode opcode) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::vector<std::unique_ptr<Stand>> stands;
    for (int i = 0; i < count; ++i) {
        stands.push_back(
            std::make_unique<Stand>(sc_core::sc_gen_unique_name("stand"), parameters(random), StubTiming{}, true));
        Body spoiled = body;
        auto* bytes = reinterpret_cast<std::uint8_t*>(&spoiled);
        const std::size_t wrong = i % 4 == 0 ? sizeof spoiled : random() % 4;
        for (std::size_t j = 0; j < wrong; ++j)
            bytes[random() % sizeof spoiled] = static_cast<std::uint8_t>(random());
        stands.back()->submit(opcode(random), spoiled);
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (auto& stand : stands)
        stand->ring_doorbell();
    sc_core::sc_start();
    for (auto& stand : stands) {
        EXPECT_EQ(stand->retired() + stand->observer.halts.size(), 1u);
        for (const auto& halt : stand->observer.halts)
            EXPECT_GE(halt.field, COMMAND_BYTES - COMMAND_BODY_BYTES) << "of the body";
    }
}

} // namespace gradus::test
