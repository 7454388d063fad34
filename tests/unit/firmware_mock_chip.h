// SPDX-License-Identifier: Apache-2.0
// A functional chip under the firmware's hal: memories as byte arrays, queues whose commands are executed in any order
// that their waits allow, chosen by a seed. Time does not exist here.
//
// Two things make a missing wait visible. The order is adversarial: some seeds starve a queue, some let it run ahead.
// And every two bytes remember who touched them last: two accesses to them, at least one a write, must be ordered by
// waits (vector clocks over queues, as in Flanagan and Freund, FastTrack, PLDI 2009), whatever order happened to be
// chosen.
//
// platform/planning/hosted_chip.cpp and firmware_mock_hal.cpp put it under the firmware. What its units do stands in
// firmware_mock_units.cpp.
#pragma once

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_core.h" // before the firmware, whose command_wait() hides the struct
#include "ip/peripherals/info_block.h"
#include "platform/planning/hosted_chip.h"

extern "C" {
#include "firmware/hal/exit_codes.h"
#include "firmware/hal/mailbox.h"
#include "firmware/hal/queue.h"
}

namespace gradus::test {

using planning::FirmwareFailure;

/// What the firmware must never do: a race, a bad descriptor, a deadlock.
struct HardwareError : std::logic_error {
    using std::logic_error::logic_error;
};

struct MockParameters {
    std::uint64_t scratchpad_bytes = 16384;
    std::uint64_t dram_bytes = 1 << 20;
    std::uint64_t sram_bytes = 1 << 16;
    unsigned array_rows = 4;
    unsigned array_cols = 4;
    unsigned channels = 2;
    unsigned ring_entries = 8;
    bool bf16 = true;
    unsigned seed = 1;
    bool ignore_waits = false; ///< waits hold, but do not count as an order: every hazard must then be found as a race
};

struct Message {
    unsigned kind;
    std::uint64_t argument0, argument1;
};

class MockChip : public planning::HostedChip {
public:
    static constexpr unsigned max_queues = 10;
    using Clock = std::array<std::uint32_t, max_queues>;

    explicit MockChip(const MockParameters& parameters);
    ~MockChip() override { current = nullptr; }

    /// Zeroed DRAM, 64-byte aligned; the address is also the host's.
    std::uint64_t allocate_dram(std::uint64_t bytes);

    std::vector<Message> messages;
    unsigned executed = 0;
    unsigned submitted_one_by_one = 0;

    void make_room(unsigned queue) override;
    std::uint32_t submit(unsigned queue) override;
    void wait(unsigned queue, std::uint32_t count) override;
    void rewind(unsigned queue) override;
    void run(unsigned queue, std::uint32_t count) override;
    void* allocate_sram(std::uint64_t bytes, std::uint64_t alignment);
    std::uint64_t sram_left() const { return sram_.size() * 8 - sram_used_; }

    static MockChip* current;

private:
    struct Element { ///< two bytes: who touched them last
        std::uint8_t writer_plus_one;
        std::uint32_t written;
        std::array<std::uint32_t, max_queues> read;
    };
    struct Memory {
        std::vector<std::uint64_t> storage; ///< for alignment
        std::unique_ptr<Element, decltype(&std::free)> owned{nullptr, &std::free};
        Element* elements = nullptr; ///< zero; pages that nobody touches cost nothing
        std::uint64_t base() const { return reinterpret_cast<std::uint64_t>(storage.data()); }
        std::uint64_t bytes() const { return storage.size() * 8; }
    };
    struct Queue {
        unsigned kind = 0;
        std::vector<command> ring;
        std::vector<Clock> at_submit; ///< what the hart knew, for each command
        std::vector<Clock> after;     ///< what has happened before the end of each retired command
        std::uint32_t submitted = 0;  ///< in all, as retired()
        std::uint32_t before = 0;     ///< retired before it was last rewound: waits and the ring count from there
        unsigned weight = 1;
        std::uint32_t retired() const { return static_cast<std::uint32_t>(after.size()); }
        std::uint32_t fence() const { return retired() - before; }
        const command& next() const { return ring[fence() % ring.size()]; }
    };

    void add_queue(unsigned kind);
    static void join(Clock& clock, const Clock& other);
    bool ready(const Queue& queue) const;
    bool run_one();
    void execute(unsigned number);
    void run_command(unsigned kind, const command& command);
    void run_dma(std::uint8_t opcode, const dma_body& body);
    void run_matrix(std::uint8_t opcode, const matrix_body& body);
    void run_vector(std::uint8_t opcode, const vector_body& body);

    void touch(std::uint64_t address, std::uint64_t bytes, bool write);
    void touch(Element& element, const char* place, bool write);
    float load(std::uint64_t address, std::uint8_t format = FORMAT_FP32);
    std::uint32_t load_index(std::uint64_t address, std::uint32_t limit);
    void store(std::uint64_t address, float value, std::uint8_t format = FORMAT_FP32);

    MockParameters parameters_;
    std::mt19937 random_;
    Memory dram_, scratchpad_;
    std::vector<std::uint64_t> sram_;
    std::uint64_t sram_used_ = 0, dram_used_ = 0;
    std::vector<Queue> queues_;
    Clock hart_{};
    unsigned eagerness_ = 0; ///< commands executed behind the hart's back at each submission, at most
    unsigned executing_ = 0;
    Clock now_{};
};

/// One element of an elementwise opcode of the vector unit.
double vector_element(std::uint8_t opcode, double a, double b, double s0, double s1);

} // namespace gradus::test
