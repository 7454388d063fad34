// SPDX-License-Identifier: Apache-2.0
// The finished steps of a run, in order, in bounded memory: the latest lie in a buffer, those before in a file without
// a name, which is gone when the log is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "platform/observe/step_record.h"

namespace gradus::observe {

class StepLog {
public:
    static constexpr std::size_t default_buffer_bytes = 1u << 20;

    /// The file is made in `folder` when the buffer is full for the first time; in the system's folder for temporary
    /// files if `folder` is empty.
    explicit StepLog(std::string folder, std::size_t buffer_bytes = default_buffer_bytes);
    StepLog() : StepLog(std::string()) {}
    StepLog(std::initializer_list<StepRecord> records);
    StepLog(StepLog&& other) noexcept;
    StepLog& operator=(StepLog&& other) noexcept;
    StepLog(const StepLog&) = delete;
    StepLog& operator=(const StepLog&) = delete;
    ~StepLog();

    /// All records have as many units as the first one, or std::logic_error. Throws std::runtime_error, with the folder
    /// and the reason, when the file cannot be made or written.
    void push_back(const StepRecord& record);

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// Throws std::out_of_range; std::runtime_error when the file cannot be read.
    StepRecord operator[](std::size_t index) const;
    StepRecord front() const { return (*this)[0]; }
    StepRecord back() const { return (*this)[size_ - 1]; }

    /// Reads record by record.
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = StepRecord;
        using difference_type = std::ptrdiff_t;
        using pointer = const StepRecord*;
        using reference = StepRecord;

        Iterator(const StepLog& log, std::size_t index) : log_(&log), index_(index) {}
        StepRecord operator*() const { return (*log_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        bool operator==(const Iterator& other) const { return index_ == other.index_; }
        bool operator!=(const Iterator& other) const { return index_ != other.index_; }

    private:
        const StepLog* log_;
        std::size_t index_;
    };
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, size_}; }

private:
    void spill();
    std::size_t record_bytes() const;

    std::string folder_;
    std::size_t buffer_bytes_;
    std::size_t units_ = 0; ///< of each record: in `units`, in `path`
    std::size_t path_units_ = 0;
    std::size_t size_ = 0;
    std::vector<std::byte> buffer_;
    std::size_t in_file_ = 0; ///< records
    int file_ = -1;
};

} // namespace gradus::observe
