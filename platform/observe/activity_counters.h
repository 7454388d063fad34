// SPDX-License-Identifier: Apache-2.0
// What is counted over the run: the events that cost time and energy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gradus::observe {

enum class Counter : std::uint8_t {
    dram_read_bytes, ///< of all initiators, as `memories` in result.json
    dram_write_bytes,
    dram_busy,        ///< time, of the data paths of a memory, averaged over channels or banks
    dram_read_bursts, ///< whole ones, as requests arrive: a part of one counts as one
    dram_write_bursts,
    dram_row_hits,
    dram_row_misses,
    dram_row_conflicts,
    dram_refreshes,
    scratchpad_read_bytes,
    scratchpad_write_bytes,
    scratchpad_busy,
    sram_read_bytes, ///< of the port to the fabric; the hart's own accesses are part of its instructions
    sram_write_bytes,
    sram_busy,
    fabric_bytes,
    macs_fp32,
    macs_bf16,
    vector_simple, ///< operations of a lane on one element, see ip/engine/vector_timing.h
    vector_exp,
    vector_reciprocal,
    vector_root,
    instructions,
    commands,
    doorbells, ///< each submits one command or more
};
inline constexpr std::size_t counter_count = 25;

struct CounterInfo {
    const char* name; ///< "dram.read_bytes"
    const char* unit;
};
const CounterInfo& info(Counter counter);

/// How often each of them happened.
class Counts {
public:
    std::uint64_t& operator[](Counter counter) { return values_[static_cast<std::size_t>(counter)]; }
    std::uint64_t operator[](Counter counter) const { return values_[static_cast<std::size_t>(counter)]; }

private:
    std::array<std::uint64_t, counter_count> values_{};
};

} // namespace gradus::observe
