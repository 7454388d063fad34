// SPDX-License-Identifier: Apache-2.0
// How the panels of a command pass through an engine. A panel is a part of the command's result. Its operands arrive,
// the engine computes, and its results leave. The engine has two sets of buffers for operands and two for results.
//
// The order of things:
//   1. The operands of panel i+1 begin to arrive when the engine begins panel i.
//   2. The engine begins panel i+1 when it is done with panel i and the results of panel i-1 have left.
//   3. The engine is done with a panel when its cycles are over and the panel's last operand has arrived.
//   4. The results of a panel begin to leave when the engine is done with it.
//
// With one panel, the operand stream runs beside the computation, and the results follow:
//     max(cycles, operand stream) + write
// With many panels, cycles, reads and writes all run side by side. Only the first operands and the last results do not.
//
// Example: 4 panels; each takes 64 cycles to compute, 64 cycles for its operands and 8 cycles for its results. The
// engine begins at 0 and is done with the panels at 64, 128, 192 and 256. The last results have left at 264. In one
// panel the same command takes max(256, 256) + 32 = 288 cycles.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/engine/result_writer.h"

namespace gradus::ip {

/// Works off a command from `begin` on and returns when everything is done. It runs in the engine's SystemC thread.
/// `read(panel)` and `write(panel)` transfer through `port` and return an error if there is one. `compute(panel)`
/// returns the panel's cycles. With more than one panel, the writer's process calls `write`.
template <class Read, class Compute, class Write>
std::optional<CommandError> run_panels(std::uint64_t panels, Picoseconds begin, Clock clock, OperandPort& port,
                                       ResultWriter& writer, Read read, Compute compute, Write write) {
    port.start(begin);
    std::optional<CommandError> error = read(std::uint64_t{0});
    Picoseconds computed = begin;
    for (std::uint64_t panel = 0; panel < panels && !error; ++panel) {
        // Writes before those of the results (partial sums) belong to the computation. With one panel they are done
        // now.
        const Picoseconds operands = panels == 1 ? port.done() : port.reads_done();
        Picoseconds start = computed;
        if (panel > 1) start = std::max(start, writer.wait_for_all_but(1));
        if (panel + 1 < panels) {
            port.resume_reads(start);
            error = read(panel + 1);
            if (error) break;
        }
        computed = std::max(start + clock(compute(panel)), operands);
        wait_until(computed);
        if (panels == 1) {
            port.resume_writes(computed);
            error = write(panel);
        } else {
            writer.submit(computed, [write, panel] { return write(panel); });
        }
    }
    if (panels > 1) {
        writer.wait_for_all_but(0);
        const std::optional<CommandError> refused = writer.take_error();
        if (!error) error = refused;
    }
    wait_until(port.done());
    return error;
}

} // namespace gradus::ip
