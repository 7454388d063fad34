// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/npy_header.h"

#include <charconv>

#include <fmt/format.h>

#include "platform/text/plain.h"

namespace gradus::schedule {
namespace {

constexpr std::uint64_t most_elements = std::uint64_t{1} << 48;

/// The dictionary of a header, a literal of Python.
class Dictionary {
public:
    explicit Dictionary(std::string_view text) : rest_(text) {}

    void read(NpyHeader& header) {
        bool type = false, order = false, shape = false;
        expect('{');
        while (!taken('}')) {
            const std::string key = quoted();
            expect(':');
            if (key == "descr" && !type) {
                header.type = element_type();
                type = true;
            } else if (key == "fortran_order" && !order) {
                header.fortran_order = truth();
                order = true;
            } else if (key == "shape" && !shape) {
                header.shape = tuple();
                shape = true;
            } else {
                fail();
            }
            if (!taken(',')) {
                expect('}');
                break;
            }
        }
        skip_blanks();
        if (!type || !order || !shape || !rest_.empty()) fail();
    }

private:
    [[noreturn]] static void fail() {
        throw NpyError("its header is not what NumPy writes: a dictionary of descr, fortran_order and shape");
    }

    void skip_blanks() {
        const std::size_t first = rest_.find_first_not_of(" \n");
        rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
    }

    bool taken(char sign) {
        skip_blanks();
        if (rest_.empty() || rest_.front() != sign) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char sign) {
        if (!taken(sign)) fail();
    }

    std::string quoted() {
        const char quote = taken('\'') ? '\'' : taken('"') ? '"' : '\0';
        const std::size_t end = rest_.find(quote);
        if (quote == '\0' || end == std::string_view::npos) fail();
        std::string text(rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return text;
    }

    std::string element_type() {
        skip_blanks();
        if (!rest_.empty() && rest_.front() == '[') throw NpyError("its elements are records, not token ids");
        return quoted();
    }

    bool truth() {
        skip_blanks();
        for (const std::string_view word : {"True", "False"})
            if (rest_.substr(0, word.size()) == word) {
                rest_.remove_prefix(word.size());
                return word == "True";
            }
        fail();
    }

    std::vector<std::uint64_t> tuple() {
        std::vector<std::uint64_t> numbers;
        expect('(');
        while (!taken(')')) {
            numbers.push_back(number());
            if (taken(',')) continue;
            expect(')');
            break;
        }
        return numbers;
    }

    std::uint64_t number() {
        skip_blanks();
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc{}) fail();
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    std::string_view rest_;
};

} // namespace

std::uint64_t NpyHeader::elements() const {
    std::uint64_t count = 1;
    for (const std::uint64_t each : shape) {
        if (each != 0 && count > most_elements / each) throw NpyError("its shape has more elements than a file can");
        count *= each;
    }
    return count;
}

NpyHeader parse_npy_header(std::string_view bytes) {
    if (bytes.substr(0, npy_magic.size()) != npy_magic) throw NpyError("it does not begin as a .npy does");
    const auto byte = [&](std::size_t i) {
        if (i >= bytes.size()) throw NpyError("it ends within its header");
        return std::size_t{static_cast<unsigned char>(bytes[i])};
    };
    const std::size_t version = byte(6), length_bytes = version == 1 ? 2 : 4;
    if (version < 1 || version > 3) throw NpyError(fmt::format("its version {} of the format is unknown", version));
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
        length |= byte(8 + i) << (8 * i);
    NpyHeader header;
    header.data_offset = 8 + length_bytes + length;
    if (header.data_offset > longest_npy_header)
        throw NpyError(fmt::format("its header of {} bytes is longer than {}", length, longest_npy_header));
    if (header.data_offset > bytes.size()) throw NpyError("it ends within its header");
    Dictionary(bytes.substr(8 + length_bytes, length)).read(header);
    return header;
}

} // namespace gradus::schedule
