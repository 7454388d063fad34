// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/scratchpad_core.h"

#include <algorithm>

namespace gradus::ip {

ScratchpadCore::ScratchpadCore(const ScratchpadParameters& parameters, Clock clock)
    : parameters_(parameters), clock_(clock), free_(parameters.banks) {}

Picoseconds ScratchpadCore::serve(const MemoryRequest& request) {
    const std::uint64_t banks = parameters_.banks;
    const std::uint64_t first = request.offset / parameters_.bank_bytes;
    const std::uint64_t accesses = (request.offset + request.bytes - 1) / parameters_.bank_bytes - first + 1;
    const std::uint64_t rounds = accesses / banks; // accesses that every bank gets
    const std::uint64_t rest = accesses % banks;   // banks that get one more
    const Picoseconds latency = clock_(parameters_.latency);
    accesses_ += accesses;

    if (request.arrival > latest_)
        leave_idle(latest_, request.arrival);
    else if (const auto done = serve_in_idle_time(request.arrival, clock_(rounds + (rest ? 1 : 0))))
        return *done + latency;

    if (rest == 0 && (level_ || request.arrival >= latest_)) {
        latest_ = std::max(request.arrival, latest_) + clock_(rounds);
        level_ = true;
        return latest_ + latency;
    }
    if (level_) std::fill(free_.begin(), free_.end(), latest_);
    level_ = false;
    const std::uint64_t bank = first % banks;
    Picoseconds done = occupy(bank, rest, request.arrival, clock_(rounds + 1));
    if (rounds) done = std::max(done, occupy((bank + rest) % banks, banks - rest, request.arrival, clock_(rounds)));
    latest_ = std::max(latest_, done);
    return done + latency;
}

void ScratchpadCore::leave_idle(Picoseconds begin, Picoseconds end) {
    constexpr std::size_t most = 64;
    if (idle_.size() >= most) idle_.erase(idle_.begin(), idle_.end() - most / 2);
    idle_.push_back({begin, end});
}

std::optional<Picoseconds> ScratchpadCore::serve_in_idle_time(Picoseconds arrival, Picoseconds occupancy) {
    auto idle = std::partition_point(idle_.begin(), idle_.end(), [&](const IdleTime& t) { return t.end <= arrival; });
    for (; idle != idle_.end(); ++idle) {
        const Picoseconds start = std::max(arrival, idle->begin);
        const Picoseconds done = start + occupancy;
        if (done > idle->end) continue;
        const IdleTime before{idle->begin, start};
        idle->begin = done;
        if (before.begin < before.end) idle_.insert(idle, before);
        return done;
    }
    return {};
}

Picoseconds ScratchpadCore::occupy(std::uint64_t first_bank, std::uint64_t banks, Picoseconds arrival,
                                   Picoseconds occupancy) {
    const std::uint64_t before_wrap = std::min<std::uint64_t>(banks, parameters_.banks - first_bank);
    Picoseconds done = 0;
    const auto reserve = [&](std::uint64_t begin, std::uint64_t end) {
        for (std::uint64_t bank = begin; bank < end; ++bank) {
            free_[bank] = std::max(free_[bank], arrival) + occupancy;
            done = std::max(done, free_[bank]);
        }
    };
    reserve(first_bank, first_bank + before_wrap);
    reserve(0, banks - before_wrap);
    return done;
}

double ScratchpadCore::peak_bytes_per_second() const {
    return static_cast<double>(parameters_.banks * parameters_.bank_bytes) * clock_.hertz();
}

} // namespace gradus::ip
