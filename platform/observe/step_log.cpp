// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/step_log.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace gradus::observe {

namespace {

/// What of a record has the same size in every run.
struct Fixed {
    std::uint32_t step;
    float loss;
    ip::Picoseconds begin;
    ip::Picoseconds end;
    WorkByKind work;
};
static_assert(std::is_trivially_copyable_v<Fixed> && std::is_trivially_copyable_v<Usage>);

template <class T>
void put(std::vector<std::byte>& to, const T* from, std::size_t count) {
    const auto* bytes = reinterpret_cast<const std::byte*>(from);
    to.insert(to.end(), bytes, bytes + count * sizeof(T));
}

template <class T>
void take(const std::byte*& from, T* to, std::size_t count) {
    if (count) std::memcpy(to, from, count * sizeof(T)); // an empty vector may have no data
    from += count * sizeof(T);
}

[[noreturn]] void fail(const char* what, const std::string& folder, int error) {
    throw std::runtime_error(
        fmt::format("cannot {} the steps of the run in {}: {}", what, folder, std::strerror(error)));
}

/// A file in `folder` that nobody else sees.
int open_nameless(const std::string& folder) {
    std::string path = (std::filesystem::path(folder) / "gradus-steps-XXXXXX").string();
    const int file = ::mkstemp(path.data());
    if (file < 0) fail("keep", folder, errno);
    ::unlink(path.c_str());
    return file;
}

} // namespace

StepLog::StepLog(std::string folder, std::size_t buffer_bytes)
    : folder_(std::move(folder)), buffer_bytes_(buffer_bytes) {
    if (folder_.empty()) folder_ = std::filesystem::temp_directory_path().string();
}

StepLog::StepLog(std::initializer_list<StepRecord> records) : StepLog() {
    for (const StepRecord& record : records)
        push_back(record);
}

StepLog::StepLog(StepLog&& other) noexcept
    : folder_(std::move(other.folder_)), buffer_bytes_(other.buffer_bytes_), units_(other.units_),
      path_units_(other.path_units_), size_(std::exchange(other.size_, 0)), buffer_(std::exchange(other.buffer_, {})),
      in_file_(std::exchange(other.in_file_, 0)), file_(std::exchange(other.file_, -1)) {}

StepLog& StepLog::operator=(StepLog&& other) noexcept {
    StepLog moved(std::move(other));
    std::swap(folder_, moved.folder_);
    std::swap(buffer_bytes_, moved.buffer_bytes_);
    std::swap(units_, moved.units_);
    std::swap(path_units_, moved.path_units_);
    std::swap(size_, moved.size_);
    std::swap(buffer_, moved.buffer_);
    std::swap(in_file_, moved.in_file_);
    std::swap(file_, moved.file_);
    return *this;
}

StepLog::~StepLog() {
    if (file_ >= 0) ::close(file_);
}

std::size_t StepLog::record_bytes() const {
    return sizeof(Fixed) + units_ * sizeof(Usage) + path_units_ * sizeof(ip::Picoseconds);
}

void StepLog::push_back(const StepRecord& record) {
    if (empty()) {
        units_ = record.units.size();
        path_units_ = record.path.size();
    } else if (record.units.size() != units_ || record.path.size() != path_units_) {
        throw std::logic_error(
            fmt::format("step {} has {} units, the one before {}", record.step, record.units.size(), units_));
    }
    if (buffer_.size() + record_bytes() > buffer_bytes_ && !buffer_.empty()) spill();
    const Fixed fixed{record.step, record.loss, record.begin, record.end, record.work};
    put(buffer_, &fixed, 1);
    put(buffer_, record.units.data(), units_);
    put(buffer_, record.path.data(), path_units_);
    ++size_;
}

void StepLog::spill() {
    if (file_ < 0) file_ = open_nameless(folder_);
    for (std::size_t done = 0; done < buffer_.size();) {
        const auto offset = static_cast<off_t>(in_file_ * record_bytes() + done);
        const ssize_t count = ::pwrite(file_, buffer_.data() + done, buffer_.size() - done, offset);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("keep", folder_, errno);
        done += static_cast<std::size_t>(count);
    }
    in_file_ = size_;
    buffer_.clear();
}

StepRecord StepLog::operator[](std::size_t index) const {
    if (index >= size_) throw std::out_of_range(fmt::format("step {} of {}", index, size_));
    std::vector<std::byte> read;
    const std::byte* from = buffer_.data() + (index - std::min(index, in_file_)) * record_bytes();
    if (index < in_file_) {
        read.resize(record_bytes());
        for (std::size_t done = 0; done < read.size();) {
            const auto offset = static_cast<off_t>(index * record_bytes() + done);
            const ssize_t count = ::pread(file_, read.data() + done, read.size() - done, offset);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) fail("read", folder_, count < 0 ? errno : EIO);
            done += static_cast<std::size_t>(count);
        }
        from = read.data();
    }
    Fixed fixed;
    take(from, &fixed, 1);
    StepRecord record{fixed.step,
                      fixed.begin,
                      fixed.end,
                      fixed.loss,
                      std::vector<Usage>(units_),
                      fixed.work,
                      std::vector<ip::Picoseconds>(path_units_)};
    take(from, record.units.data(), units_);
    take(from, record.path.data(), path_units_);
    return record;
}

} // namespace gradus::observe
