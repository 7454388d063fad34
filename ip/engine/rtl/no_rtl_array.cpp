// SPDX-License-Identifier: Apache-2.0
// A build without Verilator.
#include <stdexcept>

#include "ip/engine/rtl/rtl_array.h"

namespace gradus::ip {

std::unique_ptr<MatrixArray> make_rtl_array(const MatrixParameters&) {
    throw std::invalid_argument(
        "chip.engine.matrix.model = \"rtl\": this build has no RTL, because CMake found no Verilator "
        "(Debian package verilator); install it and configure again, or set it to \"timing\"");
}

} // namespace gradus::ip
