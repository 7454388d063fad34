// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/firmware_mock_chip.h"

#include <algorithm>
#include <new>

#include "ip/numerics/bf16.h"

namespace gradus::test {

MockChip* MockChip::current = nullptr;

MockChip::MockChip(const MockParameters& parameters) : parameters_(parameters), random_(parameters.seed) {
    current = this;
    for (Memory* memory : {&dram_, &scratchpad_}) {
        const std::uint64_t bytes = memory == &dram_ ? parameters.dram_bytes : parameters.scratchpad_bytes;
        memory->storage.resize(bytes / 8);
        memory->owned.reset(static_cast<Element*>(std::calloc(bytes / 2, sizeof(Element))));
        memory->elements = memory->owned.get();
        if (!memory->elements) throw std::bad_alloc();
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
    info.vector_features = random_() % 2 ? INFO_VECTOR_COLUMNS : 0;
}

void MockChip::add_queue(unsigned kind) {
    info.queue[info.queue_count++].kind = kind;
    Queue queue;
    queue.kind = kind;
    queue.ring.resize(parameters_.ring_entries);
    constexpr std::array<unsigned, 3> weights{1, 20, 400};
    queue.weight = weights[random_() % weights.size()];
    queues_.push_back(queue);
}

std::uint64_t MockChip::allocate_dram(std::uint64_t bytes) {
    const std::uint64_t address = dram_.base() + dram_used_;
    dram_used_ += (bytes + 63) / 64 * 64;
    if (dram_used_ > dram_.bytes()) throw std::runtime_error("the test needs more DRAM");
    return address;
}

void* MockChip::allocate_sram(std::uint64_t bytes, std::uint64_t alignment) {
    sram_used_ = (sram_used_ + alignment - 1) / alignment * alignment;
    if (bytes > sram_.size() * 8 - sram_used_) throw FirmwareFailure(EXIT_MEMORY, "SRAM");
    void* place = reinterpret_cast<std::uint8_t*>(sram_.data()) + sram_used_;
    sram_used_ += bytes;
    return place;
}

void MockChip::join(Clock& clock, const Clock& other) {
    for (unsigned i = 0; i < max_queues; ++i)
        clock[i] = std::max(clock[i], other[i]);
}

void MockChip::make_room(unsigned number) {
    Queue& queue = queues_.at(number);
    while (queue.submitted - queue.retired() == queue.ring.size())
        if (!run_one()) throw HardwareError("deadlock: the hart waits for room in queue " + std::to_string(number));
    queues[number].limit = queue.fence() + static_cast<std::uint32_t>(queue.ring.size());
}

std::uint32_t MockChip::submit(unsigned number) {
    Queue& queue = queues_.at(number);
    if (queue.submitted - queue.retired() == queue.ring.size()) throw HardwareError("a doorbell beyond the ring");
    queue.at_submit.push_back(hart_);
    ++queue.submitted;
    ++submitted_one_by_one;
    for (unsigned i = eagerness_ ? random_() % (eagerness_ + 1) : 0; i > 0 && run_one(); --i) {}
    return queues[number].submitted = queue.submitted - queue.before;
}

void MockChip::wait(unsigned number, std::uint32_t count) {
    Queue& queue = queues_.at(number);
    count += queue.before;
    if (count > queue.submitted) throw HardwareError("the hart waits for a command that it has not submitted");
    const std::uint32_t last = count - queue.before - 1;
    if (queue.retired() < count && !(queue.ring[last % queue.ring.size()].header.flags & COMMAND_FLAG_INTERRUPT))
        throw HardwareError("the hart waits for a command that does not interrupt");
    while (queue.retired() < count)
        if (!run_one()) throw HardwareError("deadlock: the hart waits for queue " + std::to_string(number));
    if (count) join(hart_, queue.after[count - 1]);
}

void MockChip::rewind(unsigned number) {
    Queue& queue = queues_.at(number);
    if (queue.retired() != queue.submitted) throw HardwareError("a queue is rewound while commands are in it");
    queue.before = queue.submitted;
    queues[number].submitted = 0;
    queues[number].limit = queues[number].entries;
}

void MockChip::run(unsigned number, std::uint32_t count) {
    Queue& queue = queues_.at(number);
    const std::uint32_t submitted = queue.submitted - queue.before;
    if (count > queue.ring.size() || count < submitted) throw HardwareError("a doorbell beyond the ring, or back");
    queue.at_submit.insert(queue.at_submit.end(), count - submitted, hart_);
    queue.submitted += count - submitted;
    queues[number].submitted = count;
    for (unsigned i = eagerness_ ? random_() % (eagerness_ + 1) : 0; i > 0 && run_one(); --i) {}
}

bool MockChip::ready(const Queue& queue) const {
    if (queue.retired() == queue.submitted) return false;
    for (const command_wait& wait : queue.next().header.waits)
        if (wait.queue_plus_one && queues_.at(wait.queue_plus_one - 1).fence() < wait.count) return false;
    return true;
}

bool MockChip::run_one() {
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

void MockChip::execute(unsigned number) {
    Queue& queue = queues_[number];
    const std::uint32_t index = queue.retired();
    const command command = queue.next();
    now_ = queue.at_submit[index];
    if (index) join(now_, queue.after.back());
    if (!parameters_.ignore_waits)
        for (const command_wait& wait : command.header.waits)
            if (wait.queue_plus_one && wait.count) {
                const Queue& other = queues_[wait.queue_plus_one - 1];
                join(now_, other.after[other.before + wait.count - 1]);
            }
    now_[number] = index + 1;
    executing_ = number;
    if (command.header.reserved0 || command.header.reserved1) throw HardwareError("a reserved field is set");
    if (command.header.opcode != COMMAND_FENCE) run_command(queue.kind, command);
    queue.after.push_back(now_);
    ++executed;
}

void MockChip::touch(std::uint64_t address, std::uint64_t bytes, bool write) {
    for (Memory* memory : {&dram_, &scratchpad_}) {
        if (address < memory->base() || address + bytes > memory->base() + memory->bytes()) continue;
        Element* const first = memory->elements + (address - memory->base()) / 2;
        for (Element* element = first; element != first + bytes / 2; ++element)
            touch(*element, memory == &dram_ ? "DRAM" : "the scratchpad", write);
        return;
    }
    const auto sram = reinterpret_cast<std::uint64_t>(sram_.data());
    if (address < sram || address + bytes > sram + sram_.size() * 8) throw HardwareError("an access to no memory");
}

void MockChip::touch(Element& element, const char* place, bool write) {
    const auto race = [&](const char* what, unsigned other) {
        throw HardwareError(std::string("race in ") + place + ": queue " + std::to_string(executing_) + what +
                            std::to_string(other) + ", nothing orders the two");
    };
    if (element.writer_plus_one && now_[element.writer_plus_one - 1u] < element.written)
        race(write ? " writes what was written by queue " : " reads what was written by queue ",
             element.writer_plus_one - 1u);
    if (!write) {
        element.read[executing_] = now_[executing_];
        return;
    }
    for (unsigned i = 0; i < max_queues; ++i)
        if (element.read[i] > now_[i]) race(" writes what was read by queue ", i);
    element.read = {};
    element.writer_plus_one = static_cast<std::uint8_t>(executing_ + 1);
    element.written = now_[executing_];
}

float MockChip::load(std::uint64_t address, std::uint8_t format) {
    touch(address, format == FORMAT_BF16 ? 2 : 4, false);
    if (format == FORMAT_BF16) return ip::from_bf16(*reinterpret_cast<std::uint16_t*>(address));
    return *reinterpret_cast<float*>(address);
}

std::uint32_t MockChip::load_index(std::uint64_t address, std::uint32_t limit) {
    touch(address, 4, false);
    const std::uint32_t index = *reinterpret_cast<std::uint32_t*>(address);
    if (index >= limit) throw HardwareError("an index is out of range");
    return index;
}

void MockChip::store(std::uint64_t address, float value, std::uint8_t format) {
    touch(address, format == FORMAT_BF16 ? 2 : 4, true);
    if (format == FORMAT_BF16)
        *reinterpret_cast<std::uint16_t*>(address) = ip::to_bf16(value);
    else
        *reinterpret_cast<float*>(address) = value;
}

} // namespace gradus::test
