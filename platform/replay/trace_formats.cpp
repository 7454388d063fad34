// SPDX-License-Identifier: Apache-2.0
#include "platform/replay/trace_formats.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "platform/report/human.h"
#include "platform/text/lines.h"

namespace gradus::replay {

namespace {

using Words = std::vector<std::string_view>;

constexpr ip::Picoseconds picoseconds_per_ns = 1000;
constexpr std::uint64_t latest_ns = 1'000'000'000'000; // a thousand seconds

std::string shown(std::string_view word) { return report::plain(word, 40); }

Words words_of(std::string_view line) {
    Words words;
    constexpr std::size_t most = 7; // more than any format has
    for (line = text::without_blanks(line); !line.empty() && words.size() < most; line = text::without_blanks(line)) {
        words.push_back(line.substr(0, line.find_first_of(text::blanks)));
        line.remove_prefix(words.back().size());
    }
    return words;
}

bool equals(std::string_view word, std::string_view capitals) {
    return word.size() == capitals.size() && std::equal(word.begin(), word.end(), capitals.begin(), [](char a, char b) {
               return a == b || (a >= 'a' && a <= 'z' && a - 'a' + 'A' == b);
           });
}

template <std::size_t Count>
bool is_one_of(std::string_view word, const std::array<std::string_view, Count>& capitals) {
    return std::any_of(capitals.begin(), capitals.end(), [&](std::string_view each) { return equals(word, each); });
}

/// True for a write, false for a read, nothing for another word. DRAMSim2 reads for P_LOCK_WR, too.
std::optional<bool> operation(std::string_view word) {
    constexpr std::array<std::string_view, 8> reads{"R",        "READ",    "RD",        "IFETCH",
                                                    "P_MEM_RD", "P_FETCH", "P_LOCK_RD", "P_LOCK_WR"};
    constexpr std::array<std::string_view, 5> writes{"W", "WRITE", "WR", "P_MEM_WR", "BOFF"};
    if (is_one_of(word, reads)) return false;
    if (is_one_of(word, writes)) return true;
    return std::nullopt;
}

bool is_read_or_write(std::string_view word) { return equals(word, "R") || equals(word, "W"); }
bool is_load_or_store(std::string_view word) { return equals(word, "LD") || equals(word, "ST"); }
bool is_hexadecimal(std::string_view word) {
    return word.size() > 2 && (word.substr(0, 2) == "0x" || word.substr(0, 2) == "0X");
}

bool is_number(std::string_view word) {
    const std::string_view digits = is_hexadecimal(word) ? word.substr(2) : word;
    return !digits.empty() && digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

[[noreturn]] void fail_unlike(std::string_view line, TraceFormat format) {
    throw LineError(fmt::format("'{}' is no request: {}", shown(line), info_of(format).line));
}

bool write_of(std::string_view word) {
    if (const auto write = operation(word)) return *write;
    throw LineError(fmt::format("'{}' is neither a read nor a write: {}", shown(word),
                                "R, W, READ, WRITE, or P_MEM_RD and its like"));
}

std::uint64_t parse_digits(std::string_view word, std::string_view digits, int base, const char* what) {
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
    if (error == std::errc{} && stop == end) return value;
    const bool without_prefix = base == 10 && is_number(word);
    throw LineError(fmt::format(
        "'{}' is no {}{}", shown(word), what,
        error != std::errc::result_out_of_range && without_prefix ? "; a hexadecimal one begins with 0x" : ""));
}

/// Of programs that read addresses as hexadecimal, with 0x or without.
std::uint64_t parse_hexadecimal(std::string_view word, const char* what) {
    return parse_digits(word, is_hexadecimal(word) ? word.substr(2) : word, 16, what);
}

std::uint64_t parse_cycle(std::string_view word) { return parse_digits(word, word, 10, "number of cycles"); }

ip::Picoseconds parse_time(std::string_view word) {
    const std::size_t point = std::min(word.find('.'), word.size());
    const std::string_view fraction = word.substr(std::min(point + 1, word.size()));
    const bool plain = word.find_first_not_of("0123456789.") == std::string_view::npos;
    if (!plain || point == 0 || fraction.size() > 3 || fraction.find('.') != std::string_view::npos)
        throw LineError(fmt::format("'{}' is no time in ns, with at most three decimals", shown(word)));
    const std::uint64_t ns = parse_number(word.substr(0, point), "time");
    if (ns > latest_ns) throw LineError(fmt::format("'{}' is later than {} ns", shown(word), latest_ns));
    ip::Picoseconds at = ns * picoseconds_per_ns, unit = picoseconds_per_ns / 10;
    for (const char digit : fraction) {
        at += static_cast<ip::Picoseconds>(digit - '0') * unit;
        unit /= 10;
    }
    return at;
}

TraceLine parse_gradus(std::string_view line, const Words& words) {
    if (words.size() > 4) throw LineError("more than a time, R or W, an address and a number of bytes");
    if (words.size() < 3) fail_unlike(line, TraceFormat::gradus);
    TraceLine parsed;
    const std::string_view* word = words.data();
    if (words.size() == 4) parsed.at = parse_time(*word++);
    if (!is_read_or_write(*word)) throw LineError(fmt::format("'{}' is neither R nor W", shown(*word)));
    parsed.write = equals(*word, "W");
    parsed.address = parse_number(*++word, "address");
    parsed.bytes = parse_number(*++word, "number of bytes");
    return parsed;
}

TraceLine parse_ramulator(std::string_view line, const Words& words) {
    if (words.size() != 2) fail_unlike(line, TraceFormat::ramulator);
    TraceLine parsed;
    parsed.address = parse_number(words[0], "address");
    parsed.write = write_of(words[1]);
    return parsed;
}

TraceLine parse_load_store(std::string_view line, const Words& words) {
    if (words.size() != 2 || !is_load_or_store(words[0])) fail_unlike(line, TraceFormat::load_store);
    TraceLine parsed;
    parsed.write = equals(words[0], "ST");
    parsed.address = parse_number(words[1], "address");
    return parsed;
}

/// The instructions between requests are those of a core that is not modelled here.
TraceLine parse_cpu(std::string_view line, const Words& words) {
    if (words.size() != 2 && words.size() != 3) fail_unlike(line, TraceFormat::cpu);
    parse_number(words[0], "number of instructions");
    TraceLine parsed;
    parsed.address = parse_number(words[1], "address");
    if (words.size() == 3 && is_read_or_write(words[2]))
        parsed.write = equals(words[2], "W");
    else if (words.size() == 3)
        parsed.write_back = parse_number(words[2], "address");
    return parsed;
}

TraceLine parse_dramsim(std::string_view line, const Words& words) {
    if (words.size() != 3) fail_unlike(line, TraceFormat::dramsim);
    TraceLine parsed;
    parsed.address = parse_hexadecimal(words[0], "address");
    parsed.write = write_of(words[1]);
    parsed.cycle = parse_cycle(words[2]);
    return parsed;
}

/// Bytes of data in hexadecimal.
std::uint64_t bytes_of(std::string_view data) {
    if (!is_number(data)) throw LineError(fmt::format("'{}' are no data in hexadecimal", shown(data)));
    return ((is_hexadecimal(data) ? data.size() - 2 : data.size()) + 1) / 2;
}

TraceLine parse_dramsys(std::string_view line, const Words& words) {
    const std::size_t size = words.size();
    const std::size_t operation = size > 1 && words[1].front() == '(' ? 2 : 1;
    if (size < operation + 2 || size > operation + 3) fail_unlike(line, TraceFormat::dramsys);
    TraceLine parsed;
    parsed.cycle = parse_cycle(words[0].substr(0, words[0].find(':')));
    parsed.write = write_of(words[operation]);
    parsed.address = parse_hexadecimal(words[operation + 1], "address");
    if (size == operation + 3) parsed.bytes = bytes_of(words[operation + 2]);
    if (operation == 2) parsed.bytes = parse_number(words[1].substr(1, words[1].find(')') - 1), "number of bytes");
    return parsed;
}

} // namespace

const std::vector<TraceFormatInfo>& trace_formats() {
    static const std::vector<TraceFormatInfo> formats{
        {TraceFormat::gradus, "gradus", "[ns] R|W address bytes", false, false},
        {TraceFormat::ramulator, "ramulator", "address R|W", false, true},
        {TraceFormat::load_store, "ramulator-ldst", "LD|ST address", false, true},
        {TraceFormat::cpu, "ramulator-cpu", "instructions address [address written back]", false, true},
        {TraceFormat::dramsim, "dramsim", "address READ|WRITE cycle", true, true},
        {TraceFormat::dramsys, "dramsys", "cycle: [(bytes)] read|write address [data]", true, true},
        {TraceFormat::dramsys_relative, "dramsys-relative", "cycles: [(bytes)] read|write address [data]", true, true}};
    return formats;
}

const TraceFormatInfo& info_of(TraceFormat format) {
    return *std::find_if(trace_formats().begin(), trace_formats().end(),
                         [&](const TraceFormatInfo& each) { return each.format == format; });
}

TraceFormat recognised_format(std::string_view line) {
    const Words words = words_of(line);
    const std::size_t size = words.size();
    const auto number = [&](std::size_t i) { return is_number(words[i]); };
    if (size == 2 && is_read_or_write(words[0]) && words[1].find(',') != std::string_view::npos)
        throw LineError(fmt::format(
            "'{}' are places in a memory of another organisation; an address in bytes is needed", shown(words[1])));
    if (size >= 3 && words[0].back() == ':') return TraceFormat::dramsys;
    if (size == 2 && is_load_or_store(words[0])) return TraceFormat::load_store;
    if (size >= 2 && is_read_or_write(words[0])) return TraceFormat::gradus;
    if (size >= 4 && is_read_or_write(words[1])) return TraceFormat::gradus;
    if (size == 2 && number(0) && operation(words[1])) return TraceFormat::ramulator;
    if (size == 2 && number(0) && number(1)) return TraceFormat::cpu;
    if (size == 3 && number(0) && number(1) && (number(2) || is_read_or_write(words[2]))) return TraceFormat::cpu;
    if (size == 3 && number(0) && operation(words[1]))
        return is_hexadecimal(words[2]) && !is_hexadecimal(words[0]) ? TraceFormat::dramsys : TraceFormat::dramsim;
    std::string known;
    for (const TraceFormatInfo& each : trace_formats())
        if (each.format != TraceFormat::dramsys_relative)
            known += fmt::format("{}'{}' ({})", known.empty() ? "" : ", ", each.line, each.name);
    throw LineError(fmt::format("'{}' is no request of a known format: {}", shown(line), known));
}

TraceLine parse_line(std::string_view line, TraceFormat format) {
    line = text::without_blanks(line);
    const Words words = words_of(line);
    switch (format) {
    case TraceFormat::gradus:
        return parse_gradus(line, words);
    case TraceFormat::ramulator:
        return parse_ramulator(line, words);
    case TraceFormat::load_store:
        return parse_load_store(line, words);
    case TraceFormat::cpu:
        return parse_cpu(line, words);
    case TraceFormat::dramsim:
        return parse_dramsim(line, words);
    case TraceFormat::dramsys:
    case TraceFormat::dramsys_relative:
        break;
    }
    return parse_dramsys(line, words);
}

std::uint64_t parse_number(std::string_view word, const char* what) {
    if (is_hexadecimal(word)) return parse_hexadecimal(word, what);
    return parse_digits(word, word, 10, what);
}

} // namespace gradus::replay
