// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_common_core
// Register writes to a command queue in any order, while commands retire: no command is lost, taken back or
// overwritten, and every descriptor is fetched from the ring. Then the bytes of the input as headers of descriptors.
#include <cstring>
#include <fuzzer/FuzzedDataProvider.h>

#include "ip/common/command_check.h"
#include "ip/common/command_ring.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;

constexpr unsigned most_operations = 256;
constexpr unsigned queues = 7;

struct Board {
    ip::CommandRing ring;
    std::uint32_t retired = 0;

    std::uint32_t waiting() const { return ring.submitted() - retired; }

    void claim_ring() const {
        claim(waiting() <= ring.entries(), "no more commands wait than the ring holds");
        const std::uint64_t bytes = std::uint64_t{ring.entries()} * COMMAND_BYTES;
        claim(ring.base() % COMMAND_BYTES == 0, "descriptors are aligned");
        claim(bytes == 0 || ring.base() + (bytes - 1) >= ring.base(), "the ring lies in the address space");
        for (const std::uint32_t ahead : {0u, 1u, waiting() / 2, waiting() - 1}) {
            if (ahead >= waiting()) continue;
            const std::uint64_t address = ring.address(retired + ahead);
            claim(address >= ring.base() && address - ring.base() <= bytes - COMMAND_BYTES,
                  "a descriptor is fetched from the ring");
            claim(ahead == 0 || address != ring.address(retired), "no two commands share a descriptor");
        }
    }
};

void operate(FuzzedDataProvider& input) {
    // Counts wrap, so they begin anywhere.
    const auto before_all = input.ConsumeIntegral<std::uint32_t>();
    Board board{ip::CommandRing(before_all), before_all};
    for (unsigned i = 0; i < most_operations && input.remaining_bytes() > 0; ++i) {
        const Board before = board;
        bool taken = true;
        switch (input.ConsumeIntegralInRange(0, 5)) {
        case 0: {
            const auto base = input.ConsumeBool() ? ~std::uint64_t{0} << input.ConsumeIntegralInRange(7, 20)
                                                  : input.ConsumeIntegral<std::uint64_t>();
            taken = board.ring.set_base(base, board.retired);
            break;
        }
        case 1:
            taken = board.ring.set_entries(std::uint64_t{1} << input.ConsumeIntegralInRange(0, 40), board.retired);
            break;
        case 2:
            taken = board.ring.submit(board.retired + input.ConsumeIntegral<std::uint16_t>(), board.retired);
            break;
        case 3:
            taken = board.ring.submit(input.ConsumeIntegral<std::uint32_t>(), board.retired);
            break;
        case 4:
            taken = board.ring.rewind(board.retired);
            if (taken) board.retired = 0;
            claim(taken == (before.waiting() == 0), "a ring starts again only when it is idle");
            break;
        default:
            if (board.waiting() > 0) ++board.retired;
            break;
        }
        board.claim_ring();
        const bool moved = board.ring.base() != before.ring.base() || board.ring.entries() != before.ring.entries();
        claim(!moved || before.waiting() == 0, "a ring does not move while commands are in it");
        claim(taken || (!moved && board.ring.submitted() == before.ring.submitted()),
              "what is refused changes nothing");
        claim(board.retired != before.retired || board.waiting() >= before.waiting(), "no command is taken back");
    }
}

void check(const std::uint8_t* data) {
    command_header header;
    std::memcpy(&header, data, sizeof header);
    if (const auto error = ip::check_header(header)) {
        claim(error->code == QUEUE_ERROR_VALUE && error->field < offsetof(command_header, waits),
              "a refusal names a field before the waits");
        return;
    }
    claim(header.reserved0 == 0 && header.reserved1 == 0 &&
              (header.op < COMMAND_MAX_OPS || header.op == COMMAND_NO_OP) && header.flags <= COMMAND_FLAG_INTERRUPT,
          "a good header has known flags and nothing else");
    for (unsigned i = 0; i < COMMAND_WAITS; ++i)
        claim(ip::check_wait(header, i, queues).has_value() == (header.waits[i].queue_plus_one > queues),
              "a wait is for a queue that is there");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (std::size_t at = 0; at + sizeof(command_header) <= size; at += sizeof(command_header))
        check(data + at);
    FuzzedDataProvider input(data, size);
    operate(input);
    return 0;
}
