// SPDX-License-Identifier: Apache-2.0
// The bytes of a trace, one after the other, without being held as a whole: decompressed if they begin as gzip (RFC
// 1952) does, and without a byte-order mark.
#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::replay {

/// Bytes that are no text. The message is to be read after the name of the file and ": ".
class BytesError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class TraceBytes {
public:
    static constexpr int end = -1;

    /// `in` may be a pipe.
    explicit TraceBytes(std::istream& in);
    ~TraceBytes();
    TraceBytes(const TraceBytes&) = delete;
    TraceBytes& operator=(const TraceBytes&) = delete;

    /// The next byte, or `end`. Throws BytesError for damaged gzip, for what other programs have compressed, and for
    /// UTF-16.
    int peek() { return at_ < text_.size() || fill() ? static_cast<unsigned char>(text_[at_]) : end; }
    int get() {
        const int byte = peek();
        if (byte != end) ++at_;
        return byte;
    }

private:
    class Inflater;
    bool fill();
    void begin();
    bool more_text();
    bool more_input();

    std::istream& in_;
    std::vector<char> block_;
    std::string_view input_; ///< of block_, what nobody has taken
    std::unique_ptr<Inflater> inflater_;
    std::string text_;
    std::size_t at_ = 0;
    bool begun_ = false;
};

} // namespace gradus::replay
