// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/trace_file.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace gradus::observe {

TraceFile::TraceFile(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
    if (!file_) throw std::runtime_error(fmt::format("cannot write the trace {}: {}", path_, std::strerror(errno)));
    // The buffer here is the only one: what fwrite() has taken has met the device.
    std::setvbuf(file_, nullptr, _IONBF, 0);
}

void TraceFile::flush() {
    if (file_ && !error_) {
        if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_) == buffer_.size())
            bytes_ += buffer_.size();
        else
            fail(errno);
    }
    buffer_.clear();
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
