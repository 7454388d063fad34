// SPDX-License-Identifier: Apache-2.0
#include "platform/search/search.h"

#include <stdexcept>

#include <dlfcn.h>
#include <fmt/format.h>

#include "platform/search/pagmo_searches.h"

namespace gradus::search {

namespace {

/// A function of the module, by the name and type it has there.
template <typename Function>
Function* from_module(const char* name) {
    static void* const module = dlopen("libgradus_pagmo.so", RTLD_NOW); // found beside the program, by its run path
    void* const symbol = module ? dlsym(module, name) : nullptr;
    if (!symbol) throw std::runtime_error(fmt::format("searches need a file beside the program: {}", dlerror()));
    return reinterpret_cast<Function*>(symbol);
}

} // namespace

std::vector<double> compass_search(const std::vector<Interval>& intervals, const Objective& objective,
                                   unsigned evaluations) {
    std::vector<double> best;
    from_module<decltype(gradus_pagmo_compass_search)>("gradus_pagmo_compass_search")(intervals, objective, evaluations,
                                                                                      best);
    return best;
}

void nsga2(const Evolution& evolution) { from_module<decltype(gradus_pagmo_nsga2)>("gradus_pagmo_nsga2")(evolution); }

} // namespace gradus::search
