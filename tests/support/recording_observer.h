// SPDX-License-Identifier: Apache-2.0
// An observer that keeps everything it hears.
#pragma once

#include <vector>

#include "ip/common/observer.h"

namespace gradus::test {

class RecordingObserver : public ip::Observer {
public:
    struct Retired {
        ip::UnitId unit;
        std::uint8_t opcode;
        ip::Tag tag;
        ip::CommandWork work;
    };
    struct Halted {
        ip::UnitId unit;
        std::uint32_t error, index, field;
    };

    void span(ip::UnitId unit, const ip::Span& span) override { spans.push_back({unit, span}); }
    void retired(ip::UnitId unit, std::uint8_t opcode, const ip::Tag& tag, const ip::CommandWork& work) override {
        commands.push_back({unit, opcode, tag, work});
    }
    void halted(ip::UnitId unit, std::uint32_t error, std::uint32_t index, std::uint32_t field) override {
        halts.push_back({unit, error, index, field});
    }

    /// Time that a unit spent in an activity.
    ip::Picoseconds total(ip::UnitId unit, ip::Activity activity) const {
        ip::Picoseconds sum = 0;
        for (const auto& [who, span] : spans)
            if (who == unit && span.activity == activity) sum += span.end - span.begin;
        return sum;
    }

    std::vector<std::pair<ip::UnitId, ip::Span>> spans;
    std::vector<Retired> commands;
    std::vector<Halted> halts;
};

} // namespace gradus::test
