// SPDX-License-Identifier: Apache-2.0
// Search by NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE Trans. Evolutionary Computation 6(2), 2002), as pagmo has
// it: crossover 0.95, mutation 1 / number of keys. A gene is the number of a level. Constraints rank as there: a
// feasible point is better than any that is not, and of two that are not the one that exceeds its limits less.
//
// The same seed and the same figures give the same points. That is how a search resumes: it begins anew, and the
// database answers for what has been run.
#pragma once

#include "platform/explore/study.h"

namespace gradus::explore {

void search_by_nsga2(const Sweep& sweep, Study& study);

} // namespace gradus::explore
