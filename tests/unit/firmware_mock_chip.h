// SPDX-License-Identifier: Apache-2.0
// A functional chip under the firmware's hal: memories as byte arrays, queues whose commands are executed in any order
// that their waits allow, chosen by a seed. Time does not exist here.
//
// Two things make a missing wait visible. The order is adversarial: some seeds starve a queue, some let it run ahead.
// And every word remembers who touched it last: two accesses to one word, at least one a write, must be ordered by
// waits (vector clocks over queues, as in Flanagan and Freund, FastTrack, PLDI 2009), whatever order happened to be
// chosen.
//
// platform/planning/hosted_chip.cpp and firmware_mock_hal.cpp put it under the firmware.
#pragma once

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "ip/dma/dma_check.h"
#include "ip/engine/matrix_core.h"
#include "ip/engine/vector_core.h"
#include "ip/numerics/bf16.h"
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

    void make_room(unsigned queue) override;
    std::uint32_t submit(unsigned queue) override;
    void wait(unsigned queue, std::uint32_t count) override;
    void* allocate_sram(std::uint64_t bytes, std::uint64_t alignment);
    std::uint64_t sram_left() const { return sram_.size() * 8 - sram_used_; }

    static MockChip* current;

private:
    struct Word { ///< who touched it last
        std::uint8_t writer_plus_one;
        std::uint32_t written;
        std::array<std::uint32_t, max_queues> read;
    };
    struct Memory {
        std::vector<std::uint64_t> storage; ///< for alignment
        std::unique_ptr<Word, decltype(&std::free)> owned{nullptr, &std::free};
        Word* words = nullptr; ///< zero; pages that nobody touches cost nothing
        std::uint64_t base() const { return reinterpret_cast<std::uint64_t>(storage.data()); }
        std::uint64_t bytes() const { return storage.size() * 8; }
    };
    struct Queue {
        unsigned kind = 0;
        std::vector<command> ring;
        std::vector<Clock> at_submit; ///< what the hart knew, for each command
        std::vector<Clock> after;     ///< what has happened before the end of each retired command
        std::uint32_t submitted = 0;
        unsigned weight = 1;
        std::uint32_t retired() const { return static_cast<std::uint32_t>(after.size()); }
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

inline MockChip* MockChip::current = nullptr;

inline MockChip::MockChip(const MockParameters& parameters) : parameters_(parameters), random_(parameters.seed) {
    current = this;
    for (Memory* memory : {&dram_, &scratchpad_}) {
        const std::uint64_t bytes = memory == &dram_ ? parameters.dram_bytes : parameters.scratchpad_bytes;
        memory->storage.resize(bytes / 8);
        memory->owned.reset(static_cast<Word*>(std::calloc(bytes / 4, sizeof(Word))));
        memory->words = memory->owned.get();
        if (!memory->words) throw std::bad_alloc();
    }
    // Uninitialised scratchpad must not look like zeros.
    for (auto& word : scratchpad_.storage)
        word = 0x7fc000017fc00001u;
    sram_.resize(parameters.sram_bytes / 8);
    info.magic = INFO_MAGIC;
    info.version = INFO_VERSION;
    info.sram_bytes = parameters.sram_bytes;
    info.scratchpad_base = scratchpad_.base();
    info.scratchpad_bytes = scratchpad_.bytes();
    info.dram_base = dram_.base();
    info.dram_bytes = dram_.bytes();
    info.matrix_rows = parameters.array_rows;
    info.matrix_cols = parameters.array_cols;
    info.vector_lanes = 4;
    info.matrix_dataflow = random_() % (INFO_DATAFLOW_DOT + 1);
    info.matrix_overlaps = random_() % 2;
    info.matrix_clock_hz = 1'000'000'000;
    info.matrix_port_bytes = 4u << random_() % 8;
    info.memory_bandwidth = std::uint64_t{1'000'000'000} << random_() % 8;
    info.matrix_formats = INFO_FORMAT_FP32 | (parameters.bf16 ? INFO_FORMAT_BF16 : 0);
    for (unsigned i = 0; i < parameters.channels; ++i)
        add_queue(INFO_QUEUE_DMA);
    add_queue(INFO_QUEUE_MATRIX);
    add_queue(INFO_QUEUE_VECTOR);
    for (unsigned i = 0; i < queues_.size(); ++i)
        queues[i] = {queues_[i].ring.data(), 0, parameters.ring_entries, 0, parameters.ring_entries};
    constexpr std::array<unsigned, 4> eagerness{0, 1, 3, 100};
    eagerness_ = eagerness[random_() % eagerness.size()];
}

inline void MockChip::add_queue(unsigned kind) {
    info.queue[info.queue_count++].kind = kind;
    Queue queue;
    queue.kind = kind;
    queue.ring.resize(parameters_.ring_entries);
    constexpr std::array<unsigned, 3> weights{1, 20, 400};
    queue.weight = weights[random_() % weights.size()];
    queues_.push_back(queue);
}

inline std::uint64_t MockChip::allocate_dram(std::uint64_t bytes) {
    const std::uint64_t address = dram_.base() + dram_used_;
    dram_used_ += (bytes + 63) / 64 * 64;
    if (dram_used_ > dram_.bytes()) throw std::runtime_error("the test needs more DRAM");
    return address;
}

inline void* MockChip::allocate_sram(std::uint64_t bytes, std::uint64_t alignment) {
    sram_used_ = (sram_used_ + alignment - 1) / alignment * alignment;
    if (bytes > sram_.size() * 8 - sram_used_) throw FirmwareFailure(EXIT_MEMORY, "SRAM");
    void* place = reinterpret_cast<std::uint8_t*>(sram_.data()) + sram_used_;
    sram_used_ += bytes;
    return place;
}

inline void MockChip::join(Clock& clock, const Clock& other) {
    for (unsigned i = 0; i < max_queues; ++i)
        clock[i] = std::max(clock[i], other[i]);
}

inline void MockChip::make_room(unsigned number) {
    Queue& queue = queues_.at(number);
    while (queue.submitted - queue.retired() == queue.ring.size())
        if (!run_one()) throw HardwareError("deadlock: the hart waits for room in queue " + std::to_string(number));
    queues[number].limit = queue.retired() + static_cast<std::uint32_t>(queue.ring.size());
}

inline std::uint32_t MockChip::submit(unsigned number) {
    Queue& queue = queues_.at(number);
    if (queue.submitted - queue.retired() == queue.ring.size()) throw HardwareError("a doorbell beyond the ring");
    queue.at_submit.push_back(hart_);
    ++queue.submitted;
    for (unsigned i = eagerness_ ? random_() % (eagerness_ + 1) : 0; i > 0 && run_one(); --i) {}
    return queues[number].submitted = queue.submitted;
}

inline void MockChip::wait(unsigned number, std::uint32_t count) {
    Queue& queue = queues_.at(number);
    if (count > queue.submitted) throw HardwareError("the hart waits for a command that it has not submitted");
    if (queue.retired() < count && !(queue.ring[(count - 1) % queue.ring.size()].header.flags & COMMAND_FLAG_INTERRUPT))
        throw HardwareError("the hart waits for a command that does not interrupt");
    while (queue.retired() < count)
        if (!run_one()) throw HardwareError("deadlock: the hart waits for queue " + std::to_string(number));
    if (count) join(hart_, queue.after[count - 1]);
}

inline bool MockChip::ready(const Queue& queue) const {
    if (queue.retired() == queue.submitted) return false;
    for (const command_wait& wait : queue.ring[queue.retired() % queue.ring.size()].header.waits)
        if (wait.queue_plus_one && queues_.at(wait.queue_plus_one - 1).retired() < wait.count) return false;
    return true;
}

inline bool MockChip::run_one() {
    unsigned total = 0;
    for (const Queue& queue : queues_)
        if (ready(queue)) total += queue.weight;
    if (total == 0) return false;
    unsigned pick = random_() % total;
    for (unsigned i = 0; i < queues_.size(); ++i) {
        if (!ready(queues_[i])) continue;
        if (pick < queues_[i].weight) {
            execute(i);
            return true;
        }
        pick -= queues_[i].weight;
    }
    return false;
}

inline void MockChip::execute(unsigned number) {
    Queue& queue = queues_[number];
    const std::uint32_t index = queue.retired();
    const command command = queue.ring[index % queue.ring.size()];
    now_ = queue.at_submit[index];
    if (index) join(now_, queue.after.back());
    if (!parameters_.ignore_waits)
        for (const command_wait& wait : command.header.waits)
            if (wait.queue_plus_one && wait.count) join(now_, queues_[wait.queue_plus_one - 1].after[wait.count - 1]);
    now_[number] = index + 1;
    executing_ = number;
    if (command.header.reserved0 || command.header.reserved1) throw HardwareError("a reserved field is set");
    if (command.header.opcode != COMMAND_FENCE) run_command(queue.kind, command);
    queue.after.push_back(now_);
    ++executed;
}

inline void MockChip::touch(std::uint64_t address, std::uint64_t bytes, bool write) {
    for (Memory* memory : {&dram_, &scratchpad_}) {
        if (address < memory->base() || address + bytes > memory->base() + memory->bytes()) continue;
        Word& word = memory->words[(address - memory->base()) / 4];
        const char* place = memory == &dram_ ? "DRAM" : "the scratchpad";
        const auto race = [&](const char* what, unsigned other) {
            throw HardwareError(std::string("race in ") + place + ": queue " + std::to_string(executing_) + what +
                                std::to_string(other) + ", nothing orders the two");
        };
        if (word.writer_plus_one && now_[word.writer_plus_one - 1u] < word.written)
            race(write ? " writes what was written by queue " : " reads what was written by queue ",
                 word.writer_plus_one - 1u);
        if (!write) {
            word.read[executing_] = now_[executing_];
            return;
        }
        for (unsigned i = 0; i < max_queues; ++i)
            if (word.read[i] > now_[i]) race(" writes what was read by queue ", i);
        word.read = {};
        word.writer_plus_one = static_cast<std::uint8_t>(executing_ + 1);
        word.written = now_[executing_];
        return;
    }
    const auto sram = reinterpret_cast<std::uint64_t>(sram_.data());
    if (address < sram || address + bytes > sram + sram_.size() * 8) throw HardwareError("an access to no memory");
}

inline float MockChip::load(std::uint64_t address, std::uint8_t format) {
    touch(address, format == FORMAT_BF16 ? 2 : 4, false);
    if (format == FORMAT_BF16) return ip::from_bf16(*reinterpret_cast<std::uint16_t*>(address));
    return *reinterpret_cast<float*>(address);
}

inline std::uint32_t MockChip::load_index(std::uint64_t address, std::uint32_t limit) {
    touch(address, 4, false);
    const std::uint32_t index = *reinterpret_cast<std::uint32_t*>(address);
    if (index >= limit) throw HardwareError("an index is out of range");
    return index;
}

inline void MockChip::store(std::uint64_t address, float value, std::uint8_t format) {
    touch(address, format == FORMAT_BF16 ? 2 : 4, true);
    if (format == FORMAT_BF16)
        *reinterpret_cast<std::uint16_t*>(address) = ip::to_bf16(value);
    else
        *reinterpret_cast<float*>(address) = value;
}

} // namespace gradus::test

#include "tests/unit/firmware_mock_units.h" // the rest of MockChip
