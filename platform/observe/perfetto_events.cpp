// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/perfetto_events.h"

#include <utility>

#include <fmt/compile.h>
#include <nlohmann/json.hpp>

namespace gradus::observe {

std::string json_escaped(const std::string& text) {
    const std::string quoted = nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
}

PerfettoEvents::PerfettoEvents(files::WholeFile file, const TimeWindow& window)
    : file_(std::move(file)), window_(window) {
    last_time_text_.push_back('0');
    file_.append(R"({"displayTimeUnit":"ns","traceEvents":[)");
}

void PerfettoEvents::separate() {
    file_.append(first_ ? "\n" : ",\n");
    first_ = false;
}

// Exact, so without floating point.
void PerfettoEvents::append_time(ip::Picoseconds time) {
    if (time != last_time_) {
        last_time_ = time;
        last_time_text_.clear();
        fmt::format_to(fmt::appender(last_time_text_), FMT_COMPILE("{}.{:06}"), time / 1'000'000, time % 1'000'000);
        std::size_t size = last_time_text_.size();
        while (last_time_text_[size - 1] == '0')
            --size;
        if (last_time_text_[size - 1] == '.') --size;
        last_time_text_.resize(size);
    }
    file_.append(std::string_view(last_time_text_.data(), last_time_text_.size()));
}

void PerfettoEvents::name_process(std::string_view escaped_name) {
    separate();
    file_.append(fmt::format(R"({{"ph":"M","pid":1,"name":"process_name","args":{{"name":"{}"}}}})", escaped_name));
}

void PerfettoEvents::name_track(std::size_t track, std::string_view escaped_name) {
    const std::string event = fmt::format(R"({{"ph":"M","pid":1,"tid":{},"name":"thread_)", track);
    separate();
    file_.append(fmt::format(R"({}name","args":{{"name":"{}"}}}},)", event, escaped_name));
    file_.append(fmt::format("\n{}sort_index\",\"args\":{{\"sort_index\":{}}}}}", event, track));
    for (std::size_t next = begins_.size(); next <= track; ++next) {
        begins_.push_back(fmt::format(R"({{"ph":"B","pid":1,"tid":{},"ts":)", next));
        ends_.push_back(fmt::format("}}}},\n{{\"ph\":\"E\",\"pid\":1,\"tid\":{},\"ts\":", next));
    }
}

void PerfettoEvents::slice(std::size_t track, ip::Picoseconds begin, ip::Picoseconds end, std::string_view text,
                           std::string_view last_arguments) {
    if (!good()) return;
    separate();
    file_.append(begins_[track]);
    append_time(begin);
    file_.append(text);
    file_.append(last_arguments);
    file_.append(ends_[track]);
    append_time(end);
    file_.append("}");
}

void PerfettoEvents::count(CounterTrack& counter, ip::Picoseconds time, std::string_view series) {
    if (counter.series_ == series || time >= window_.end) return;
    if (time > window_.begin) begin_late(counter);
    counter.series_ = series;
    if (time < window_.begin) return;
    counter.begun_ = true;
    write(counter, time);
}

void PerfettoEvents::begin_late(CounterTrack& counter) {
    if (counter.begun_ || counter.series_.empty()) return;
    counter.begun_ = true;
    write(counter, window_.begin);
}

void PerfettoEvents::write(const CounterTrack& counter, ip::Picoseconds time) {
    if (!good()) return;
    ++values_;
    separate();
    file_.append(counter.event_);
    append_time(time);
    file_.append(R"(,"args":{)");
    file_.append(counter.series_);
    file_.append("}}");
}

const files::WholeFile& PerfettoEvents::close(std::uint64_t slices) {
    if (good()) file_.append(fmt::format("\n],\"otherData\":{{\"generator\":\"gradus\",\"slices\":{}}}}}\n", slices));
    file_.keep();
    return file_;
}

} // namespace gradus::observe
