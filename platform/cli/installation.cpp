// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/installation.h"

#include <filesystem>

namespace gradus::cli {

namespace {

std::filesystem::path own_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

} // namespace

std::string own_firmware() { return (own_folder() / "firmware" / "train.elf").string(); }

std::string own_scenarios() { return (own_folder() / "scenarios").string(); }

} // namespace gradus::cli
