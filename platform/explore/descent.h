// SPDX-License-Identifier: Apache-2.0
// Search for the best of one objective under constraints: the cheapest chip that is fast enough. Of a Latin hypercube
// of starting points the best is followed to the best of its neighbours, each one level away in one key, until none is
// better. A search by NSGA-II spreads its points along a whole front, of which such a question wants one end.
//
// Points that keep the constraints rank by the objective; behind them come those that do not, by how far they are
// beyond; then those without figures. Of equal objectives the one with more room within its constraints is better: a
// clock that costs nothing is raised, until the speed that it gives pays for a smaller unit.
//
// The same seed and the same figures give the same points, so a search resumes as one by NSGA-II does.
#pragma once

#include "platform/explore/study.h"

namespace gradus::explore {

void search_by_descent(const Sweep& sweep, Study& study, report::Progress& progress);

} // namespace gradus::explore
