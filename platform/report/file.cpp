// SPDX-License-Identifier: Apache-2.0
#include "platform/report/file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace gradus::report {

namespace {

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
    throw std::runtime_error(fmt::format("cannot write {}: {}", path, reason));
}

// 0, or the errno of what failed.
int write_all(const std::string& path, std::string_view content) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (!file) return errno;
    int error = 0;
    if (std::fwrite(content.data(), 1, content.size(), file) != content.size()) error = errno;
    if (std::fclose(file) != 0 && !error) error = errno;
    return error;
}

} // namespace

void write_file(const std::string& path, std::string_view content) {
    std::error_code ignored;
    // A link stays a link, and what it points to is replaced.
    const std::filesystem::path resolved = std::filesystem::canonical(path, ignored);
    const std::string target = resolved.empty() ? path : resolved.string();
    if (std::filesystem::exists(target, ignored) && !std::filesystem::is_regular_file(target, ignored)) {
        if (const int error = write_all(target, content)) fail(path, std::strerror(error));
        return;
    }
    const std::string temporary = fmt::format("{}.{}.tmp", target, ::getpid());
    int error = write_all(temporary, content);
    if (!error && std::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
    if (!error) return;
    std::remove(temporary.c_str());
    fail(path, std::strerror(error));
}

} // namespace gradus::report
