// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/check.h"

namespace gradus::validate {

std::vector<Reference> check_everything(const Places& places) {
    return {check_systolic_arrays(places), check_rtl_arrays(places), check_dram(places), check_losses(places),
            check_lean_engine(places)};
}

} // namespace gradus::validate
