// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_engine gradus_systemc
// Host time per command of the compute engines: arithmetic alone, and whole commands through queue, port and scratchpad
// stub. A large tile in time alone is meant to cost a CPU-second for 10^10 multiply-accumulates or more.
#include <benchmark/benchmark.h>
#include <memory>
#include <systemc>
#include <vector>

#include "ip/engine/matrix_unit.h"
#include "ip/engine/vector_unit.h"
#include "ip/numerics/vector_kernels.h"
#include "tests/support/engine_stand.h"

namespace gradus::ip {
namespace {

using MatrixStand = test::EngineStand<MatrixUnit, MatrixParameters>;
using VectorStand = test::EngineStand<VectorUnit, VectorParameters>;

MatrixParameters large_array(FoldChaining folds) {
    MatrixParameters parameters;
    parameters.rows = parameters.cols = 128;
    parameters.port_bytes = 1024;
    parameters.folds = folds;
    return parameters;
}

// Elaborated before the first benchmark runs: a SystemC kernel simulates once.
struct Stands {
    test::StubTiming timing{16, 1};
    MatrixStand matrix{"matrix", {}, timing, true};
    MatrixStand matrix_no_data{"matrix_no_data", {}, timing, false};
    MatrixStand large{"large", large_array(FoldChaining::serial), {2048, 4}, false, 16 << 20};
    MatrixStand large_overlapped{"large_overlapped", large_array(FoldChaining::overlapped), {2048, 4}, false, 16 << 20};
    VectorStand vector{"vector", {}, timing, true};
    VectorStand vector_no_data{"vector_no_data", {}, timing, false};
};
std::unique_ptr<Stands> stands;

template <class Stand, class Body>
void run_commands(benchmark::State& state, Stand& stand, std::uint8_t opcode, const Body& body) {
    constexpr int batch = 1024;
    stand.scratchpad.remembers = stand.observer.remembers = false;
    for (auto _ : state) {
        for (int i = 0; i < batch; ++i)
            stand.submit(opcode, body);
        stand.ring_doorbell();
        sc_core::sc_start();
    }
    state.SetItemsProcessed(state.iterations() * batch);
    state.counters["s_per_command"] = benchmark::Counter(static_cast<double>(state.iterations()) * batch,
                                                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

matrix_body square(std::uint32_t size, std::uint32_t pitch) {
    matrix_body body{};
    body.m = body.n = body.k = size;
    body.a_pitch = body.b_pitch = body.c_pitch = pitch * 4;
    body.a = MatrixStand::scratchpad_base;
    body.b = body.a + 0x40000;
    body.c = body.a + 0x80000;
    return body;
}

vector_body tile(std::uint32_t size) {
    vector_body body{};
    body.rows = body.cols = size;
    body.dst_pitch = body.a_pitch = body.b_pitch = size * 4;
    body.a = VectorStand::scratchpad_base;
    body.b = body.a + 0x40000;
    body.dst = body.a + 0x80000;
    return body;
}

void matrix_command_16(benchmark::State& state) {
    run_commands(state, stands->matrix, MATRIX_MULTIPLY, square(16, 16));
}
void matrix_command_16_pitched(benchmark::State& state) {
    run_commands(state, stands->matrix, MATRIX_MULTIPLY, square(16, 20));
}
void matrix_command_16_no_data(benchmark::State& state) {
    run_commands(state, stands->matrix_no_data, MATRIX_MULTIPLY, square(16, 16));
}
void matrix_command_128_pitched_no_data(benchmark::State& state) {
    run_commands(state, stands->matrix_no_data, MATRIX_MULTIPLY, square(128, 160));
}
/// 1024 x 768 x 768 through a 128 x 128 array.
void large_tile(benchmark::State& state, MatrixStand& stand) {
    matrix_body body{};
    body.m = 1024, body.n = body.k = 768;
    body.a_pitch = body.b_pitch = body.c_pitch = 768 * 4;
    body.a = MatrixStand::scratchpad_base;
    body.b = body.a + (4 << 20);
    body.c = body.a + (8 << 20);
    run_commands(state, stand, MATRIX_MULTIPLY, body);
    state.counters["macs_per_s"] = benchmark::Counter(static_cast<double>(state.iterations()) * 1024 * 1024 * 768 * 768,
                                                      benchmark::Counter::kIsRate);
}
void large_tile_no_data(benchmark::State& state) { large_tile(state, stands->large); }
void large_tile_overlapped_no_data(benchmark::State& state) { large_tile(state, stands->large_overlapped); }

void vector_add_16(benchmark::State& state) { run_commands(state, stands->vector, VECTOR_ADD, tile(16)); }
void vector_exp_16(benchmark::State& state) { run_commands(state, stands->vector, VECTOR_EXP, tile(16)); }
void vector_add_16_no_data(benchmark::State& state) {
    run_commands(state, stands->vector_no_data, VECTOR_ADD, tile(16));
}

void product(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    std::vector<float> a(size * size, 0.5F), b(size * size, 0.5F), c(size * size);
    MatrixProduct unit;
    for (auto _ : state) {
        unit.accumulate(size, size, size, {a.data(), size, 1}, {b.data(), size, 1}, c.data(), size);
        benchmark::ClobberMemory();
    }
    state.counters["macs_per_s"] =
        benchmark::Counter(static_cast<double>(size * size * size), benchmark::Counter::kIsIterationInvariantRate);
}

void unary_16(benchmark::State& state, Unary operation) {
    std::vector<float> a(256, 0.5F), dst(256);
    for (auto _ : state) {
        apply(operation, {16, 16}, {dst.data(), 16}, {a.data(), 16}, 1.0F, 2.0F);
        benchmark::ClobberMemory();
    }
}

BENCHMARK(product)->Arg(4)->Arg(16)->Arg(27)->Arg(64)->Arg(256);
BENCHMARK_CAPTURE(unary_16, affine, Unary::affine);
BENCHMARK_CAPTURE(unary_16, exp, Unary::exp);
BENCHMARK_CAPTURE(unary_16, gelu, Unary::gelu);
BENCHMARK(matrix_command_16);
BENCHMARK(matrix_command_16_pitched);
BENCHMARK(matrix_command_16_no_data);
BENCHMARK(matrix_command_128_pitched_no_data);
BENCHMARK(large_tile_no_data);
BENCHMARK(large_tile_overlapped_no_data);
BENCHMARK(vector_add_16);
BENCHMARK(vector_exp_16);
BENCHMARK(vector_add_16_no_data);

} // namespace
} // namespace gradus::ip

int sc_main(int argc, char* argv[]) {
    benchmark::Initialize(&argc, argv);
    gradus::ip::stands = std::make_unique<gradus::ip::Stands>();
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
