// SPDX-License-Identifier: Apache-2.0
// How the panels of a command pass through an engine: operands arrive, results are computed and leave, with two sets of
// buffers for either.
//
// The operands of panel i+1 begin to arrive when the engine begins panel i. It begins panel i+1 when it is done with
// panel i and the results of panel i-1 have left; it is done with a panel when its cycles are over and the panel's last
// operand is there. The results of a panel begin to leave when it is done. So with one panel the operand stream runs
// beside the computation, and the results follow:
//     max(cycles, operand stream) + write
// and with many of them, cycles, reads and writes all run side by side, but for the first operands and the last
// results.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/engine/result_writer.h"

namespace gradus::ip {

/// Runs in the engine's SystemC thread, from `begin` on, and returns when everything is done. `read(panel)` and
/// `write(panel)` transfer through `port` and return an error; `compute(panel)` returns the panel's cycles. With more
/// than one panel, `write` is called in the writer's process.
template <class Read, class Compute, class Write>
std::optional<CommandError> run_panels(std::uint64_t panels, Picoseconds begin, Clock clock, OperandPort& port,
                                       ResultWriter& writer, Read read, Compute compute, Write write) {
    port.start(begin);
    std::optional<CommandError> error = read(std::uint64_t{0});
    Picoseconds computed = begin;
    for (std::uint64_t panel = 0; panel < panels && !error; ++panel) {
        // Writes in front of those of the results belong to the computation; with one panel this is the time for them.
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
