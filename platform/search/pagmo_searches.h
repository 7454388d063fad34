// SPDX-License-Identifier: Apache-2.0
// What the module with pagmo has for search.cpp, under names a loader can look up.
#pragma once

#include "platform/search/search.h"

extern "C" {
void gradus_pagmo_compass_search(const std::vector<gradus::search::Interval>& intervals,
                                 const gradus::search::Objective& objective, unsigned evaluations,
                                 std::vector<double>& best);
void gradus_pagmo_nsga2(const gradus::search::Evolution& evolution);
}
