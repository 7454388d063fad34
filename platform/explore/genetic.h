// SPDX-License-Identifier: Apache-2.0
// Search by NSGA-II. Constraints rank as by Deb et al.: a feasible point is better than any that is not, and of two
// that are not the one that exceeds its limits less.
//
// The same seed and the same figures give the same points. That is how a search resumes: it begins anew, and the
// database answers for what has been run.
#pragma once

#include "platform/explore/study.h"

namespace gradus::explore {

void search_by_nsga2(const Sweep& sweep, Study& study);

} // namespace gradus::explore
