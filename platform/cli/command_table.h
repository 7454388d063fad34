// SPDX-License-Identifier: Apache-2.0
// What `gradus schedule --commands` prints: the commands of a step, queue by queue number, in the order of submission.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ip/common/command.h"
#include "platform/observe/recorder.h"
#include "platform/report/layout.h"
#include "platform/schedule/schedule.h"

namespace gradus::cli {

class CommandTable {
public:
    /// Queue i is unit i.
    CommandTable(std::vector<observe::UnitInfo> units, const std::vector<schedule::Op>& ops);

    /// Command `number` of a queue, from 0 on.
    void add(unsigned queue, std::uint32_t number, const command& descriptor);

    /// With how many each queue gets, and what they take as a list in memory.
    std::string text(std::size_t width) const;

private:
    std::vector<observe::UnitInfo> units_;
    const std::vector<schedule::Op>& ops_;
    report::Table table_;
    std::vector<std::uint64_t> count_; ///< by queue
};

} // namespace gradus::cli
