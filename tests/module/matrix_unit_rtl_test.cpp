// SPDX-License-Identifier: Apache-2.0
// The matrix unit with the Verilated array in place of its timing core. In a build without Verilator, what is left is
// that asking for it says so.
#include <gtest/gtest.h>
#include <random>
#include <stdexcept>
#include <string>

#include "ip/engine/matrix_unit.h"
#include "ip/engine/rtl/rtl_array.h"
#include "tests/support/engine_stand.h"

namespace gradus::ip::matrix_unit_rtl_test {
namespace {

using Stand = test::EngineStand<MatrixUnit, MatrixParameters>;
constexpr std::uint64_t base = Stand::scratchpad_base;

std::string refusal(const MatrixParameters& parameters) {
    try {
        make_rtl_array(parameters);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return {};
}

bool built_without_rtl() { return refusal({}).find("no Verilator") != std::string::npos; }

matrix_body random_body(std::mt19937& random) {
    matrix_body body{};
    const auto size = [&] { return static_cast<std::uint32_t>(1 + random() % 30); };
    body.m = size(), body.n = size(), body.k = size();
    body.a = base, body.b = base + 0x20000, body.c = base + 0x40000, body.bias = base + 0x60000;
    body.mode = static_cast<std::uint8_t>(random() % 16);
    body.a_format = random() % 2, body.b_format = random() % 2;
    body.c_format = (body.mode & MATRIX_ACCUMULATE) ? FORMAT_FP32 : random() % 2;
    const auto pitch = [&](std::uint32_t cols, std::uint8_t format) {
        return static_cast<std::uint32_t>((cols + random() % 3) * element_bytes(format));
    };
    body.a_pitch = pitch(body.mode & MATRIX_TRANSPOSE_A ? body.m : body.k, body.a_format);
    body.b_pitch = random() % 10 ? pitch(body.mode & MATRIX_TRANSPOSE_B ? body.k : body.n, body.b_format) : 0;
    body.c_pitch = pitch(body.n, body.c_format);
    return body;
}

TEST(MatrixUnitRtl, TakesTheSameTimeAndGivesTheSameNumbersAsTheTimingCore) {
    if (built_without_rtl()) GTEST_SKIP() << "built without Verilator";
    const unsigned seed = 5006;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    struct Trio {
        std::unique_ptr<Stand> timing, rtl, rtl_without_data;
    };
    std::vector<Trio> trios;
    std::vector<std::uint32_t> words(0x80000 / 4);
    for (std::uint32_t& word : words)
        word = 0x3c003c00u | (random() & 0x83ff83ffu);
    for (int i = 0; i < 12; ++i) {
        MatrixParameters parameters;
        parameters.dataflow = static_cast<Dataflow>(i % 3);
        parameters.rows = 1 + random() % rtl_array_limit;
        parameters.cols = 1 + random() % rtl_array_limit;
        parameters.accumulators = 1 + random() % 40;
        const auto stand = [&](bool data, std::unique_ptr<MatrixArray> array) {
            auto made = std::make_unique<Stand>(sc_core::sc_gen_unique_name("stand"), parameters,
                                                test::StubTiming{16, 2}, data, Bytes{1} << 20, std::move(array));
            made->scratchpad.load(base, words.data(), words.size() * 4);
            return made;
        };
        trios.push_back(
            {stand(true, nullptr), stand(true, make_rtl_array(parameters)), stand(false, make_rtl_array(parameters))});
        for (int c = 0; c < 20; ++c) {
            const matrix_body body = random_body(random);
            for (Stand* each : {trios.back().timing.get(), trios.back().rtl.get(), trios.back().rtl_without_data.get()})
                each->submit(MATRIX_MULTIPLY, body);
        }
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (Trio& trio : trios)
        trio.timing->ring_doorbell(), trio.rtl->ring_doorbell(), trio.rtl_without_data->ring_doorbell();
    sc_core::sc_start();
    for (const Trio& trio : trios) {
        ASSERT_EQ(trio.rtl->retired(), 20u);
        const auto& spans = trio.timing->observer.spans;
        for (const Stand* each : {trio.rtl.get(), trio.rtl_without_data.get()}) {
            ASSERT_EQ(each->observer.spans.size(), spans.size());
            for (std::size_t i = 0; i < spans.size(); ++i) {
                ASSERT_EQ(each->observer.spans[i].begin, spans[i].begin);
                ASSERT_EQ(each->observer.spans[i].end, spans[i].end);
            }
        }
        const auto expected = trio.timing->scratchpad.values<std::uint32_t>(base, words.size());
        ASSERT_TRUE(trio.rtl->scratchpad.values<std::uint32_t>(base, words.size()) == expected);
        ASSERT_TRUE(trio.rtl_without_data->scratchpad.values<std::uint32_t>(base, words.size()) == words);
    }
}

TEST(MatrixUnitRtl, WhatItCannotStandInForIsSaidWithTheKey) {
    if (built_without_rtl()) {
        EXPECT_NE(refusal({}).find("chip.engine.matrix.model = \"rtl\": this build has no RTL"), std::string::npos);
        return;
    }
    EXPECT_EQ(refusal({}), "");
    MatrixParameters parameters;
    parameters.rows = rtl_array_limit + 1;
    EXPECT_NE(refusal(parameters).find("up to 16 x 16 (chip.engine.matrix.rows = 17, cols = 4)"), std::string::npos);
    parameters = {};
    parameters.dataflow = Dataflow::dot;
    EXPECT_NE(refusal(parameters).find("chip.engine.matrix.dataflow"), std::string::npos);
    parameters = {};
    parameters.folds = FoldChaining::overlapped;
    EXPECT_NE(refusal(parameters).find("chip.engine.matrix.folds"), std::string::npos);
    parameters = {};
    parameters.edge_folds = EdgeFolds::trimmed;
    EXPECT_NE(refusal(parameters).find("chip.engine.matrix.edge_folds"), std::string::npos);
}

} // namespace
} // namespace gradus::ip::matrix_unit_rtl_test
