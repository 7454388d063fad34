// SPDX-License-Identifier: Apache-2.0
// Files of token ids, which may be much larger than memory: what is asked for is read, nothing else.
//
//   .bin  uint16 one after the other, as nanoGPT writes them
//         the same behind llm.c's header of 256 int32: magic 20240520, version 1, count; or uint32 behind magic
//         20240801, version 7 (llm.c, dev/data/data_common.py)
//   .npy  whole numbers of any width, in the order of C
//
// All little endian. What has a magic number is recognised by it, the first kind by its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace gradus::schedule {

class TokenFile {
public:
    /// Null for any other file, which is text. ScheduleError: unreadable, damaged, of another type.
    static std::shared_ptr<const TokenFile> open(const std::string& path);

    ~TokenFile();
    TokenFile(const TokenFile&) = delete;
    TokenFile& operator=(const TokenFile&) = delete;

    std::uint64_t size() const { return layout_.size; } ///< tokens
    /// `count` tokens from number `first` on, which are there. ScheduleError: no ids, or the file is shorter meanwhile.
    void read(std::uint64_t first, std::size_t count, std::uint32_t* tokens) const;

private:
    struct Layout {
        std::uint64_t offset = 0;
        unsigned element_bytes = 2;
        bool is_signed = false;
        std::uint64_t size = 0;
    };

    TokenFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
    /// False when it is none.
    bool recognise();
    Layout layout_of_npy(const std::string& head, std::uint64_t bytes) const;
    Layout layout_of_bin(const std::string& head, std::uint64_t bytes) const;
    /// As many as there are, `most` at most.
    std::string bytes_at(std::uint64_t offset, std::size_t most) const;
    [[noreturn]] void fail(const std::string& why) const;

    std::string path_;
    int descriptor_;
    Layout layout_;
};

} // namespace gradus::schedule
