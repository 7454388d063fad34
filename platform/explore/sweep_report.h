// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "platform/explore/database.h"
#include "platform/explore/sweep_file.h"

namespace gradus::explore {

/// sweep.html: trade-offs, parallel coordinates and a table of all points, as one file that needs no other.
std::string sweep_report(const Sweep& sweep, const std::vector<Point>& points);

} // namespace gradus::explore
