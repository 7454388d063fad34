// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/trace_file.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace gradus::observe {

TraceFile::TraceFile(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
    if (!file_) throw std::runtime_error(fmt::format("cannot write the trace {}: {}", path_, std::strerror(errno)));
    // The buffer here is the only one: what fwrite() has taken has met the device.
    std::setvbuf(file_, nullptr, _IONBF, 0);
}

void TraceFile::append_rest(std::string_view text) {
    while (!text.empty()) {
        if (used_ == buffer_bytes) flush();
        const std::size_t piece = std::min(text.size(), buffer_bytes - used_);
        std::memcpy(buffer_.get() + used_, text.data(), piece);
        used_ += piece;
        text.remove_prefix(piece);
    }
}

void TraceFile::flush() {
    if (file_ && !error_) {
        if (std::fwrite(buffer_.get(), 1, used_, file_) == used_)
            bytes_ += used_;
        else
            fail(errno);
    }
    used_ = 0;
}

void TraceFile::fail(int error_number) {
    error_ = fmt::format("cannot write the trace {}: {}", path_, std::strerror(error_number));
}

void TraceFile::close() {
    if (!file_) return;
    flush();
    if (std::fclose(file_) != 0 && !error_) fail(errno);
    file_ = nullptr;
}

} // namespace gradus::observe
