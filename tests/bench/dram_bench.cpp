// SPDX-License-Identifier: Apache-2.0
// links: gradus_validate_streams gradus_scenario
// How fast the DRAM model decides: CPU time a burst. Run it from the top of the repository.
//
// STANDARD/STREAM:  the streams of scenarios/validation, one channel, requests of 64 bytes
// train/REQUESTS:   the DRAM of scenarios/chips/train.toml, with requests of 1 KiB, 64 at a time, from four streams
//                   that write one byte for three they read, driven as the module drives it
#include <deque>

#include <benchmark/benchmark.h>

#include "ip/memory/dram_controller_core.h"
#include "platform/validate/dram_streams.h"
#include "tests/support/dram_standards.h"

namespace {

using namespace gradus;

void report(benchmark::State& state, std::uint64_t bursts) {
    state.counters["CPU/burst"] =
        benchmark::Counter(static_cast<double>(bursts), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void stream(benchmark::State& state, const std::string& standard, const std::string& name) {
    const ip::DramParameters parameters = test::dram_standard(standard);
    std::uint64_t bursts = 0;
    for (auto _ : state)
        bursts += validate::play_dram_stream(parameters, name).bursts;
    report(state, bursts);
}

void train(benchmark::State& state) {
    const ip::DramParameters parameters = scenario::load_chip("scenarios/chips/train.toml").dram;
    constexpr ip::Bytes request_bytes = 1024;
    constexpr unsigned requests = 40'000, outstanding = 64;
    std::uint64_t bursts = 0;
    for (auto _ : state) {
        ip::DramControllerCore controller(parameters);
        std::deque<ip::DramControllerCore::Id> open;
        ip::Picoseconds now = 0;
        for (unsigned i = 0; i < requests; ++i) {
            const std::uint64_t offset = std::uint64_t{i % 4} * (1 << 28) + i / 4 * request_bytes;
            open.push_back(controller.submit({now, offset, request_bytes, i % 4 == 3}, now));
            while (open.size() >= outstanding) {
                while (!open.empty() && controller.release(open.front())) {
                    now = std::max(now, *controller.release(open.front()));
                    controller.forget(open.front());
                    open.pop_front();
                }
                if (open.size() < outstanding) break;
                now = std::max(now + 1, controller.next_release());
                controller.advance(now);
            }
            controller.take_released();
        }
        controller.finish();
        bursts += requests * (request_bytes / parameters.organisation.burst_bytes);
    }
    report(state, bursts);
}

BENCHMARK(train)->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char** argv) {
    for (const std::string standard : {"ddr4-2400", "lpddr4-3200", "lpddr5-6400", "hbm2-2000"})
        for (const std::string name : {"seq_rd", "seq_wr", "copy4k", "tile2d", "stream4", "rand_rd"})
            benchmark::RegisterBenchmark((standard + "/" + name).c_str(), [=](benchmark::State& state) {
                stream(state, standard, name);
            })->Unit(benchmark::kMillisecond);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
