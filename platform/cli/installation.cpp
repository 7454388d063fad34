// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/installation.h"

#include <filesystem>

namespace gradus::cli {

std::string own_scenarios() {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "scenarios").string();
}

} // namespace gradus::cli
