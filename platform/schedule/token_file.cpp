// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/token_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/scenario/texts.h"
#include "platform/schedule/npy_header.h"
#include "platform/schedule/schedule.h"
#include "platform/schedule/text_file.h"
#include "platform/text/plain.h"

namespace gradus::schedule {
namespace {

struct LlmcFormat {
    std::int32_t magic;
    std::int32_t version;
    unsigned element_bytes;
};
constexpr std::array llmc_formats = {LlmcFormat{20240520, 1, 2}, LlmcFormat{20240801, 7, 4}};
constexpr std::uint64_t llmc_header_bytes = 256 * 4;

std::int32_t word(std::string_view bytes, std::size_t index) {
    std::int32_t value = 0;
    if (bytes.size() >= 4 * index + 4) std::memcpy(&value, bytes.data() + 4 * index, sizeof value);
    return value;
}

const LlmcFormat* llmc_format(std::string_view head) {
    const auto* const found = std::find_if(llmc_formats.begin(), llmc_formats.end(),
                                           [&](const LlmcFormat& each) { return each.magic == word(head, 0); });
    return found == llmc_formats.end() ? nullptr : found;
}

bool is_named(std::string_view path, std::string_view ending) {
    return path.size() >= ending.size() && path.substr(path.size() - ending.size()) == ending;
}

/// Of an element as it lies in a file, its sign extended.
std::uint64_t element(const char* bytes, unsigned size, bool is_signed) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, size);
    const unsigned shift = 64 - 8 * size;
    if (!is_signed || shift == 0) return value;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value << shift) >> shift);
}

} // namespace

std::shared_ptr<const TokenFile> TokenFile::open(const std::string& path) {
    const std::shared_ptr<TokenFile> file(new TokenFile(path, open_text(path, scenario::largest_text(path))));
    return file->recognise() ? file : nullptr;
}

TokenFile::~TokenFile() { ::close(descriptor_); }

void TokenFile::fail(const std::string& why) const {
    throw ScheduleError(fmt::format("training text {}: {}", text::shown(path_, 1000), why));
}

bool TokenFile::recognise() {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail(std::strerror(errno));
    const auto bytes = static_cast<std::uint64_t>(status.st_size);
    const std::string head = bytes_at(0, longest_npy_header);
    if (std::string_view(head).substr(0, npy_magic.size()) == npy_magic || is_named(path_, ".npy"))
        layout_ = layout_of_npy(head, bytes);
    else if (llmc_format(head) || is_named(path_, ".bin"))
        layout_ = layout_of_bin(head, bytes);
    else
        return false;
    if (layout_.size == 0) fail("it holds no tokens");
    return true;
}

TokenFile::Layout TokenFile::layout_of_npy(const std::string& head, std::uint64_t bytes) const {
    try {
        const NpyHeader header = parse_npy_header(head);
        Layout layout{header.data_offset, 0, false, header.elements()};
        constexpr std::array known = {"|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8"};
        if (std::find(known.begin(), known.end(), header.type) == known.end())
            fail(fmt::format("its elements are of type {}, and token ids are whole numbers, little endian: <u2, <u4, "
                             "<i4, <i8 ...",
                             text::shown(header.type)));
        if (header.fortran_order && header.shape.size() > 1) fail("it is in the order of Fortran, not of C");
        layout.is_signed = header.type[1] == 'i';
        layout.element_bytes = static_cast<unsigned>(header.type[2] - '0');
        const std::uint64_t data = bytes - std::min(bytes, layout.offset);
        if (data != layout.size * layout.element_bytes)
            fail(fmt::format("its header says {} tokens of {} bytes, and {} bytes follow", layout.size,
                             layout.element_bytes, data));
        return layout;
    } catch (const NpyError& error) {
        fail(error.what());
    }
}

TokenFile::Layout TokenFile::layout_of_bin(const std::string& head, std::uint64_t bytes) const {
    const LlmcFormat* const format = llmc_format(head);
    if (!format) {
        if (bytes % 2 != 0) fail(fmt::format("its {} bytes are no whole number of 16-bit tokens", bytes));
        return {0, 2, false, bytes / 2};
    }
    if (head.size() < llmc_header_bytes) fail("it ends within its header");
    if (word(head, 1) != format->version)
        fail(fmt::format("version {} of magic number {} is unknown: it is {}", word(head, 1), format->magic,
                         format->version));
    if (word(head, 2) < 0) fail(fmt::format("its header says {} tokens", word(head, 2)));
    const auto size = static_cast<std::uint64_t>(word(head, 2));
    const std::uint64_t data = bytes - llmc_header_bytes;
    if (data != size * format->element_bytes)
        fail(fmt::format("its header says {} tokens of {} bytes, and {} bytes follow", size, format->element_bytes,
                         data));
    return {llmc_header_bytes, format->element_bytes, false, size};
}

std::string TokenFile::bytes_at(std::uint64_t offset, std::size_t most) const {
    std::string bytes(most, '\0');
    std::size_t there = 0;
    while (there < most) {
        const ssize_t count =
            ::pread(descriptor_, bytes.data() + there, most - there, static_cast<off_t>(offset + there));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(std::strerror(errno));
        if (count == 0) break;
        there += static_cast<std::size_t>(count);
    }
    bytes.resize(there);
    return bytes;
}

void TokenFile::read(std::uint64_t first, std::size_t count, std::uint32_t* tokens) const {
    const unsigned size = layout_.element_bytes;
    const std::string bytes = bytes_at(layout_.offset + first * size, count * size);
    if (bytes.size() != count * size) fail("it has become shorter since the run began");
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t value = element(bytes.data() + i * size, size, layout_.is_signed);
        if (value >= 0xffffffffu)
            fail(layout_.is_signed && value >> 63 != 0
                     ? fmt::format("token {} is {}, and ids are 0 or more", first + i, static_cast<std::int64_t>(value))
                     : fmt::format("token {} is {}, beyond any vocabulary", first + i, value));
        tokens[i] = static_cast<std::uint32_t>(value);
    }
}

} // namespace gradus::schedule
