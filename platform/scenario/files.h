// SPDX-License-Identifier: Apache-2.0
// For whoever loads many scenarios out of the same files.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "platform/scenario/parameters.h"

namespace gradus::scenario {

/// Scenario files, each read when it is first needed and never again: all scenarios see them as they were then, even if
/// somebody edits them meanwhile.
class Files {
public:
    Files();
    ~Files();
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    /// As load() in load.h.
    Scenario load(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});
    ChipParameters load_chip(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

    /// From now on `file`, spelled like this, holds `text`, whatever is on the disk. Throws ScenarioError.
    void put(const std::filesystem::path& file, const std::string& text);

    struct Tables;

private:
    std::unique_ptr<Tables> tables_;
};

} // namespace gradus::scenario
