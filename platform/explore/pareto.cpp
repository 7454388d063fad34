// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/pareto.h"

#include <algorithm>
#include <numeric>

namespace gradus::explore {

namespace {

bool dominates(const std::vector<double>& left, const std::vector<double>& right) {
    bool smaller = false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i] > right[i]) return false;
        smaller = smaller || left[i] < right[i];
    }
    return smaller;
}

} // namespace

std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points) {
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t left, std::size_t right) { return points[left] < points[right]; });
    std::vector<std::size_t> front; // nothing later in the order dominates anything earlier
    for (const std::size_t candidate : order)
        if (std::none_of(front.begin(), front.end(),
                         [&](std::size_t each) { return dominates(points[each], points[candidate]); }))
            front.push_back(candidate);
    return front;
}

} // namespace gradus::explore
