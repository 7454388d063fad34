// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_dma_core
// Descriptors of a DMA channel: a command that passes the check touches nothing outside of its footprint, and every
// element of its shape once.
#include <cstring>
#include <fuzzer/FuzzedDataProvider.h>

#include "ip/dma/dma_check.h"
#include "ip/dma/dma_footprint.h"
#include "ip/dma/dma_plan.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;
using ip::DmaStep;

constexpr unsigned most_steps = 4096;

void claim_inside(const ip::DmaInterval& interval, std::uint64_t address, std::uint64_t bytes, const char* what) {
    claim(bytes > 0 && address >= interval.first && address <= interval.last && bytes - 1 <= interval.last - address,
          what);
}

struct Walk {
    std::uint8_t opcode;
    dma_body body;
    ip::Bytes burst_bytes;
    ip::Bytes align_bytes;
    ip::DmaFootprint footprint{opcode, body};
    std::uint64_t moved = 0;

    bool in_one_line(std::uint64_t address, std::uint64_t bytes) const {
        return align_bytes == 0 || address / align_bytes == (address + bytes - 1) / align_bytes;
    }
    void take(const DmaStep& step) {
        const std::uint64_t in = step.elements * ip::element_bytes(body.src_format);
        const std::uint64_t out = step.elements * ip::element_bytes(body.dst_format);
        const auto reads = [&](const ip::DmaInterval& interval, std::uint64_t bytes) {
            claim_inside(interval, step.read, bytes, "what is read lies in the footprint");
            claim(in_one_line(step.read, bytes), "a read crosses no boundary");
            claim(bytes <= std::max<ip::Bytes>(burst_bytes, 4), "a read is one burst");
        };
        const auto writes = [&] {
            claim_inside(footprint.destination, step.write, out, "what is written lies in the footprint");
            claim(in_one_line(step.write, out), "a write crosses no boundary");
            claim(out <= std::max<ip::Bytes>(burst_bytes, 4), "a write is one burst");
            moved += step.elements;
        };
        switch (step.kind) {
        case DmaStep::Kind::move:
        case DmaStep::Kind::accumulate:
            reads(footprint.source, in);
            writes();
            break;
        case DmaStep::Kind::fill:
            writes();
            break;
        case DmaStep::Kind::read_indices:
            reads(footprint.index, step.elements * sizeof(std::uint32_t));
            break;
        case DmaStep::Kind::read_block_row:
            reads(footprint.source, in);
            break;
        case DmaStep::Kind::write_block_row:
            writes();
            break;
        case DmaStep::Kind::bad_index:
            break;
        }
        if (step.kind == DmaStep::Kind::read_block_row || step.kind == DmaStep::Kind::write_block_row)
            claim(step.block_row < ip::DmaPlan::block_edge &&
                      step.block_offset + step.elements <= ip::DmaPlan::block_edge,
                  "a block fits into the transposing buffer");
    }
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < sizeof(dma_body)) return 0;
    dma_body body;
    std::memcpy(&body, data, sizeof body);
    FuzzedDataProvider rest(data + sizeof body, size - sizeof body);
    const auto opcode = rest.ConsumeIntegral<std::uint8_t>();
    if (const auto error = ip::dma_check(opcode, body)) {
        claim(error->code == QUEUE_ERROR_OPCODE || error->code == QUEUE_ERROR_VALUE ||
                  error->code == QUEUE_ERROR_ADDRESS,
              "a refusal has a reason");
        claim(error->field < COMMAND_BYTES, "a refusal names a field of the descriptor");
        return 0;
    }
    const ip::Bytes burst_bytes = ip::Bytes{1} << rest.ConsumeIntegralInRange(0, 20);
    const ip::Bytes align_bytes = rest.ConsumeBool() ? ip::Bytes{4} << rest.ConsumeIntegralInRange(0, 16) : 0;
    Walk walk{opcode, body, burst_bytes, align_bytes};
    claim(walk.footprint.destination.first <= walk.footprint.destination.last, "a command writes something");
    claim(walk.footprint.depends_on(walk.footprint), "a command waits for one that writes where it does");
    ip::DmaPlan plan(opcode, body, burst_bytes, align_bytes);
    bool good = true;
    for (unsigned steps = 0; !plan.done(); ++steps) {
        if (steps == most_steps) return 0;
        plan.next_needs_quiet();
        const DmaStep step = plan.next();
        walk.take(step);
        good = step.kind != DmaStep::Kind::bad_index;
        if (step.kind != DmaStep::Kind::read_indices) continue;
        for (std::uint32_t i = 0; i < step.elements; ++i) // mostly good ones, so that rows are moved
            plan.indices()[i] = rest.ConsumeBool() ? rest.ConsumeIntegral<std::uint32_t>() : i % body.index_rows;
    }
    if (good) claim(walk.moved == std::uint64_t{body.rows} * body.cols, "every element is moved once");
    return 0;
}
