// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/text_file.h"

#include <new>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "platform/scenario/read_file.h"
#include "platform/schedule/schedule.h"

namespace gradus::schedule {
namespace {

std::string gzip_message(gzFile file) {
    int code = 0;
    const char* message = gzerror(file, &code);
    return code == Z_ERRNO || message == nullptr || *message == '\0' ? "cannot be read" : message;
}

} // namespace

int open_text(const std::string& path, std::uint64_t most_bytes) {
    try {
        return scenario::open_file(path, most_bytes);
    } catch (const scenario::FileError& error) {
        throw ScheduleError(fmt::format("training text: {}", error.what()));
    }
}

/// zlib reads what is not gzip as it is.
std::string read_text(const std::string& path) {
    gzFile file = gzdopen(open_text(path, text_limit_bytes), "rb");
    if (file == nullptr) throw std::bad_alloc();
    std::string content;
    std::string problem;
    std::vector<char> buffer(1u << 16);
    for (;;) {
        const int count = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
        if (count < 0) problem = gzip_message(file);
        if (count <= 0) break;
        content.append(buffer.data(), static_cast<std::size_t>(count));
        if (content.size() > text_limit_bytes) {
            problem = fmt::format("holds more than {} MiB of text; as tokens, in a .bin or .npy, it may",
                                  text_limit_bytes >> 20);
            break;
        }
    }
    const int closed = gzclose_r(file); // tells when the file ended within a gzip stream
    if (problem.empty() && closed == Z_BUF_ERROR) problem = "ends within its gzip stream";
    if (!problem.empty()) throw ScheduleError(fmt::format("training text {}: {}", path, problem));
    return content;
}

} // namespace gradus::schedule
