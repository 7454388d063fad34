// SPDX-License-Identifier: Apache-2.0
// Holds the commands of a DRAM channel against the rules of the standards. It shares nothing with the model but the
// parameters: the rules stand in a table (level, previous command, next command, time), and what else a device demands
// (open rows, free buses, refreshes in time) is worked out from the log alone.
#pragma once

#include <string>
#include <vector>

#include "ip/memory/dram_channel_core.h"

namespace gradus::test {

/// Every rule that the log of one channel breaks, in words; empty: none. `end`: refreshes that were due until then must
/// be there, at most one interval (refi) late.
std::vector<std::string> broken_dram_rules(const ip::DramParameters& parameters, std::vector<ip::DramCommand> log,
                                           ip::Cycles end);

} // namespace gradus::test
