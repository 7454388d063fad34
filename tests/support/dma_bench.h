// SPDX-License-Identifier: Apache-2.0
// A DMA channel between two memories: a ring and the indices in "control" (the hart's memory), tensors in "main".
// Addresses of main begin at 0, those of control at dma_control_base; a fabric without limits lies between.
#pragma once

#include <cstring>
#include <string>

#include "ip/dma/dma_channel.h"
#include "ip/interconnect/data_fabric.h"
#include "tests/support/command_ring.h"
#include "tests/support/initiator.h"
#include "tests/support/recording_observer.h"
#include "tests/support/stub_memory.h"

namespace gradus::test {

inline constexpr std::uint64_t dma_control_base = 0x1000'0000;
inline constexpr ip::Bytes dma_main_bytes = 1 << 20;
inline constexpr ip::Bytes dma_control_bytes = 1 << 16;
/// Where the ring lies in control; tests use what is below.
inline constexpr std::uint64_t dma_ring_offset = 0x8000;
inline constexpr ip::Clock dma_clock{1000};

struct DmaBench {
    /// Both memories answer after `latency`; decoding a descriptor takes no time.
    explicit DmaBench(const ip::DmaParameters& parameters, bool tensor_data = true, ip::Picoseconds latency = 10'000,
                      const std::string& name = "bench")
        : main((name + "_main").c_str(), dma_main_bytes, latency),
          control((name + "_control").c_str(), dma_control_bytes, latency),
          fabric((name + "_fabric").c_str(), ip::FabricParameters{1 << 20, 0}, ip::Clock{1}),
          channel((name + "_dma").c_str(), 0, parameters, {2, 0}, dma_clock, fences, observer,
                  {{0, dma_main_bytes / 2},
                   {dma_main_bytes / 2, dma_main_bytes / 2},
                   {dma_control_base, dma_control_bytes}},
                  tensor_data),
          ring(control.data() + dma_ring_offset, dma_control_base + dma_ring_offset, 128) {
        fabric.out.bind(main.socket);
        fabric.map({0, dma_main_bytes});
        fabric.out.bind(control.socket);
        fabric.map({dma_control_base, dma_control_bytes});
        channel.data.bind(fabric.in);
        channel.queue.fetch.bind(fabric.in);
        channel.queue.interrupt.bind(interrupt);
    }

    /// Runs what is in the ring and returns how long the queue was busy with it.
    ip::Picoseconds run() {
        Initiator cpu("cpu", [this](Initiator& self) {
            ring.set_up(self);
            ring.ring_doorbell(self);
        });
        cpu.socket.bind(channel.queue.registers);
        sc_core::sc_start();
        return channel.queue.state().busy;
    }

    ip::FenceBoard fences{1};
    RecordingObserver observer;
    StubMemory main;
    StubMemory control;
    ip::DataFabric fabric;
    ip::DmaChannel channel;
    sc_core::sc_signal<bool> interrupt;
    CommandRing ring;
};

} // namespace gradus::test
