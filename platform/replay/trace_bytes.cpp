// SPDX-License-Identifier: Apache-2.0
#include "platform/replay/trace_bytes.h"

#include <array>

#include <fmt/format.h>
#include <zlib.h>

#include "platform/text/encoding.h"

namespace gradus::replay {

namespace {

constexpr std::size_t block_bytes = 1U << 14U;
constexpr std::string_view gzip_magic = "\x1f\x8b";

/// What other programs begin their files with.
void refuse_other_archives(std::string_view begin) {
    struct Archive {
        std::string_view magic, name, unpack;
    };
    using namespace std::string_view_literals;
    constexpr std::array<Archive, 5> archives{{{"\xFD\x37zXZ\0"sv, "xz", "xz -dc"},
                                               {"\x28\xB5\x2F\xFD"sv, "zstd", "zstd -dc"},
                                               {"BZh"sv, "bzip2", "bzip2 -dc"},
                                               {"PK\x03\x04"sv, "zip", "unzip -p"},
                                               {"\x37z\xBC\xAF\x27\x1C"sv, "7-Zip", "7z x -so"}}};
    for (const Archive& each : archives)
        if (begin.substr(0, each.magic.size()) == each.magic)
            throw BytesError(fmt::format("is compressed by {}: unpack it and pass it on, {} FILE | gradus replay ... -",
                                         each.name, each.unpack));
}

} // namespace

/// A gzip file: members one after the other.
class TraceBytes::Inflater {
public:
    Inflater() {
        constexpr int gzip = 15 + 16;
        if (inflateInit2(&stream_, gzip) != Z_OK) throw BytesError("cannot be decompressed: zlib does not start");
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    bool within_member() const { return within_; }

    /// Takes from `input` and appends to `text`.
    void inflate_some(std::string_view& input, std::string& text) {
        if (!within_) {
            inflateReset(&stream_);
            within_ = true;
        }
        std::array<char, block_bytes> out;
        // zlib does not write to its input.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
        stream_.avail_in = static_cast<uInt>(input.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(out.size());
        const int status = inflate(&stream_, Z_NO_FLUSH);
        text.append(out.data(), out.size() - stream_.avail_out);
        input.remove_prefix(input.size() - stream_.avail_in);
        if (status == Z_STREAM_END)
            within_ = false;
        else if (status != Z_OK && status != Z_BUF_ERROR)
            throw BytesError("its gzip data are damaged");
    }

private:
    z_stream stream_{};
    bool within_ = true;
};

TraceBytes::TraceBytes(std::istream& in) : in_(in), block_(block_bytes) {}
TraceBytes::~TraceBytes() = default;

bool TraceBytes::more_input() {
    if (!input_.empty()) return true;
    const std::streamsize count = in_.rdbuf()->sgetn(block_.data(), static_cast<std::streamsize>(block_.size()));
    input_ = {block_.data(), static_cast<std::size_t>(count)};
    return count > 0;
}

/// Some more behind what text_ has; false at the end.
bool TraceBytes::more_text() {
    const std::size_t before = text_.size();
    while (text_.size() == before) {
        if (!more_input()) {
            if (inflater_ && inflater_->within_member()) throw BytesError("ends within its gzip data");
            return false;
        }
        if (!inflater_) {
            text_ += input_;
            input_ = {};
            break;
        }
        // What follows the last member is padding.
        if (!inflater_->within_member() && input_[0] != gzip_magic[0]) return false;
        inflater_->inflate_some(input_, text_);
    }
    return true;
}

void TraceBytes::begin() {
    begun_ = true;
    more_input();
    if (input_.substr(0, gzip_magic.size()) == gzip_magic) inflater_ = std::make_unique<Inflater>();
    refuse_other_archives(input_);
    constexpr std::size_t longest_mark = 4;
    while (text_.size() < longest_mark && more_text()) {}
    try {
        at_ = text_.size() - text::without_mark(text_).size();
    } catch (const text::EncodingError& error) {
        throw BytesError(error.what());
    }
}

bool TraceBytes::fill() {
    if (!begun_) {
        begin();
        if (at_ < text_.size()) return true;
    }
    text_.clear();
    at_ = 0;
    return more_text();
}

} // namespace gradus::replay
