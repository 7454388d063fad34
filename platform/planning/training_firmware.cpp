// SPDX-License-Identifier: Apache-2.0
#include "platform/planning/training_firmware.h"

#include <filesystem>
#include <system_error>

namespace gradus::planning {

std::string training_firmware() {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "firmware" / "train.elf").string();
}

bool is_training_firmware(const std::string& path) {
    std::error_code not_there;
    return std::filesystem::equivalent(path, training_firmware(), not_there);
}

} // namespace gradus::planning
