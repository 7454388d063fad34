// SPDX-License-Identifier: Apache-2.0
#include "platform/replay/trace_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "platform/text/lines.h"

namespace gradus::replay {

namespace {

constexpr double latest_ps = 1e15; // a thousand seconds

} // namespace

TraceReader::TraceReader(std::istream& in, std::string name, TraceSettings settings)
    : bytes_(in), name_(std::move(name)), settings_(settings) {}

std::string TraceReader::place() const { return fmt::format("{}:{}: ", name_, number_); }

void TraceReader::fail(const std::string& message) const { throw TraceError(place() + message); }

std::optional<TraceRequest> TraceReader::next() {
    if (written_back_) return std::exchange(written_back_, std::nullopt);
    while (read_line()) {
        const std::string_view text = text::without_blanks(std::string_view(line_).substr(0, line_.find('#')));
        if (text.empty()) continue;
        try {
            if (!settings_.format) settings_.format = recognised_format(text);
            return request_of(parse_line(text, *settings_.format));
        } catch (const LineError& error) {
            fail(error.what());
        }
    }
    return std::nullopt;
}

int TraceReader::get() {
    try {
        return bytes_.get();
    } catch (const BytesError& error) {
        throw TraceError(number_ > 1 ? place() + error.what() : fmt::format("{}: {}", name_, error.what()));
    }
}

// Not std::getline: a line without end must not fill the memory. Lines end as those of text::Lines.
bool TraceReader::read_line() {
    line_.clear();
    ++number_;
    int character = get();
    if (character == TraceBytes::end) {
        --number_; // the last request stays the place
        return false;
    }
    for (; character != TraceBytes::end && character != '\n' && character != '\r'; character = get()) {
        if (line_.size() == longest_line) fail(fmt::format("the line is longer than {} characters", longest_line));
        line_ += static_cast<char>(character);
    }
    if (character == '\r' && bytes_.peek() == '\n') bytes_.get();
    return true;
}

TraceRequest TraceReader::request_of(const TraceLine& line) {
    TraceRequest request{time_of(line), line.write, line.address, line.bytes.value_or(settings_.request_bytes)};
    if (request.bytes == 0 || request.bytes > most_bytes)
        fail(fmt::format("{} bytes: a request has 1 to {}", request.bytes, most_bytes));
    locate(request);
    if (line.write_back) {
        written_back_ = {request.at, true, *line.write_back, request.bytes};
        locate(*written_back_);
    }
    return request;
}

std::optional<ip::Picoseconds> TraceReader::time_of(const TraceLine& line) {
    std::optional<ip::Picoseconds> at = line.at;
    if (line.cycle) {
        const std::uint64_t since = *settings_.format == TraceFormat::dramsys_relative ? last_cycle_ : 0;
        const double time = (static_cast<double>(since) + static_cast<double>(*line.cycle)) * settings_.cycle_ps;
        if (time > latest_ps) fail(fmt::format("cycle {} is later than a thousand seconds", *line.cycle));
        last_cycle_ = since + *line.cycle;
        at = static_cast<ip::Picoseconds>(std::llround(time));
    }
    if (timed_ && *timed_ != at.has_value())
        fail(at ? "a request with a time, after requests without" : "a request without a time, after requests with");
    timed_ = at.has_value();
    if (!at) return at;
    if (*at < last_)
        fail(fmt::format("'{}' is before the request that precedes it: a trace goes forward in time{}",
                         line.cycle ? fmt::format("{}", *line.cycle)
                                    : fmt::format("{}", static_cast<double>(*at) / 1000),
                         *settings_.format == TraceFormat::dramsys
                             ? "; with cycles since the request before, it is --format dramsys-relative"
                             : ""));
    last_ = *at;
    return at;
}

/// From an address of the trace to one of the DRAM.
void TraceReader::locate(TraceRequest& request) const {
    if (request.address < settings_.base)
        fail(fmt::format("{:#x} lies below --trace-base {:#x}", request.address, settings_.base));
    std::uint64_t address = request.address - settings_.base;
    if (info_of(*settings_.format).no_bytes) address -= address % settings_.aligned_to;
    const ip::Bytes capacity = settings_.capacity;
    if (settings_.wrap) address = std::min(address % capacity, capacity - std::min(request.bytes, capacity));
    if (address >= capacity || request.bytes > capacity - address)
        fail(fmt::format(
            "{} bytes at {:#x} reach beyond the DRAM's {:#x} bytes; --wrap takes addresses modulo its size, "
            "--trace-base ADDRESS says where it begins",
            request.bytes, address, capacity));
    request.address = address;
}

} // namespace gradus::replay
