// SPDX-License-Identifier: Apache-2.0
#include "platform/replay/trace_reader.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "platform/report/human.h"

namespace gradus::replay {

namespace {

constexpr ip::Picoseconds picoseconds_per_ns = 1000;
constexpr std::uint64_t latest_ns = 1'000'000'000'000; // a thousand seconds

std::string shown(std::string_view word) { return report::plain(word, 40); }

} // namespace

TraceReader::TraceReader(std::istream& in, std::string name, ip::Bytes capacity)
    : in_(in), name_(std::move(name)), capacity_(capacity) {}

std::string TraceReader::place() const { return fmt::format("{}:{}: ", name_, number_); }

void TraceReader::fail(const std::string& message) const { throw TraceError(place() + message); }

std::optional<TraceRequest> TraceReader::next() {
    while (read_line()) {
        const std::string_view text = std::string_view(line_).substr(0, line_.find('#'));
        if (text.find_first_not_of(" \t\r") != std::string_view::npos) return parse(text);
    }
    return std::nullopt;
}

// Not std::getline: a line without end must not fill the memory.
bool TraceReader::read_line() {
    line_.clear();
    std::streambuf& buffer = *in_.rdbuf();
    constexpr int end = std::char_traits<char>::eof();
    int character = buffer.sbumpc();
    if (character == end) return false;
    ++number_;
    for (; character != end && character != '\n'; character = buffer.sbumpc()) {
        if (line_.size() == longest_line) fail(fmt::format("the line is longer than {} characters", longest_line));
        line_ += static_cast<char>(character);
    }
    return true;
}

TraceRequest TraceReader::parse(std::string_view text) {
    std::array<std::string_view, 4> words;
    std::size_t count = 0;
    constexpr const char* blanks = " \t\r";
    for (std::size_t begin = text.find_first_not_of(blanks); begin != std::string_view::npos;) {
        const std::size_t end = text.find_first_of(blanks, begin);
        if (count == words.size()) fail("more than a time, R or W, an address and a number of bytes");
        words[count++] = text.substr(begin, end == std::string_view::npos ? end : end - begin);
        begin = text.find_first_not_of(blanks, std::min(end, text.size()));
    }
    if (count < 3) fail(fmt::format("'{}' is no request: [ns] R|W address bytes", shown(text)));
    const bool timed = count == 4;
    if (timed_ && *timed_ != timed)
        fail(timed ? "a request with a time, after requests without" : "a request without a time, after requests with");
    timed_ = timed;

    TraceRequest request;
    const std::string_view* word = words.data();
    if (timed) request.at = parse_time(*word++);
    if (*word != "R" && *word != "W" && *word != "r" && *word != "w")
        fail(fmt::format("'{}' is neither R nor W", shown(*word)));
    request.write = *word == "W" || *word == "w";
    request.address = parse_number(*++word, "address");
    request.bytes = parse_number(*++word, "number of bytes");
    if (request.bytes == 0 || request.bytes > most_bytes)
        fail(fmt::format("{} bytes: a request has 1 to {}", request.bytes, most_bytes));
    if (request.address >= capacity_ || request.bytes > capacity_ - request.address)
        fail(fmt::format("{} bytes at {:#x} reach beyond the DRAM's {:#x} bytes", request.bytes, request.address,
                         capacity_));
    return request;
}

ip::Picoseconds TraceReader::parse_time(std::string_view word) {
    const std::size_t point = std::min(word.find('.'), word.size());
    const std::string_view fraction = word.substr(std::min(point + 1, word.size()));
    const bool plain = word.find_first_not_of("0123456789.") == std::string_view::npos;
    if (!plain || point == 0 || fraction.size() > 3 || fraction.find('.') != std::string_view::npos)
        fail(fmt::format("'{}' is no time in ns, with at most three decimals", shown(word)));
    const std::uint64_t ns = parse_number(word.substr(0, point), "time");
    if (ns > latest_ns) fail(fmt::format("'{}' is later than {} ns", shown(word), latest_ns));
    ip::Picoseconds at = ns * picoseconds_per_ns, unit = picoseconds_per_ns / 10;
    for (const char digit : fraction) {
        at += static_cast<ip::Picoseconds>(digit - '0') * unit;
        unit /= 10;
    }
    if (at < last_) fail(fmt::format("'{}' is before the request that precedes it", shown(word)));
    return last_ = at;
}

std::uint64_t TraceReader::parse_number(std::string_view word, const char* what) const {
    const bool hex = word.size() > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    const std::string_view digits = hex ? word.substr(2) : word;
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
    if (error != std::errc{} || stop != end) fail(fmt::format("'{}' is no {}", shown(word), what));
    return value;
}

} // namespace gradus::replay
