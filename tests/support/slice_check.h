// SPDX-License-Identifier: Apache-2.0
// Reads a file of Chrome JSON trace events as it comes, without keeping it, and holds that it is JSON and that on every
// track slices follow each other: each begin has its end, none lies inside another, and time never goes back.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace gradus::test {

struct SliceCheck {
    std::string error; ///< of the first slice, or character, that is wrong
    std::uint64_t slices = 0;
    double first = 0; ///< microseconds, of all events that have a time
    double last = 0;
};

class SliceReader : public nlohmann::json_sax<nlohmann::json> {
public:
    SliceCheck check;

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t value) override { return number(static_cast<double>(value)); }
    bool number_unsigned(number_unsigned_t value) override { return number(static_cast<double>(value)); }
    bool number_float(number_float_t value, const string_t&) override { return number(value); }
    bool string(string_t& value) override {
        if (depth_ == event_depth && key_ == "ph") kind_ = value;
        return true;
    }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override {
        if (++depth_ == event_depth) kind_.clear();
        return true;
    }
    bool key(string_t& name) override {
        if (depth_ <= event_depth) key_ = name;
        return true;
    }
    bool end_object() override { return depth_-- != event_depth || event(); }
    bool start_array(std::size_t) override {
        ++depth_;
        return true;
    }
    bool end_array() override {
        --depth_;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
        check.error = error.what();
        return false;
    }
    void finish() {
        for (const auto& [track, state] : tracks_)
            if (check.error.empty() && state.open) fail(track, "a slice never ends");
    }

private:
    static constexpr int event_depth = 3; // the whole, traceEvents, an event
    struct Track {
        double time = 0;
        bool open = false;
    };

    bool number(double value) {
        if (depth_ != event_depth) return true;
        if (key_ == "tid") track_ = static_cast<int>(value);
        if (key_ == "ts") time_ = value;
        return true;
    }
    bool event() {
        if (kind_ == "M") return true;
        if (check.first == 0 || time_ < check.first) check.first = time_;
        check.last = std::max(check.last, time_);
        if (kind_ != "B" && kind_ != "E") return true;
        Track& track = tracks_[track_];
        if (time_ < std::exchange(track.time, time_)) return fail(track_, "time goes backwards");
        const bool begins = kind_ == "B";
        if (track.open == begins) return fail(track_, begins ? "a slice inside another" : "an end without a begin");
        track.open = begins;
        check.slices += begins;
        return true;
    }
    bool fail(int track, const std::string& what) {
        check.error = what + " on track " + std::to_string(track) + " at " + std::to_string(time_);
        return false;
    }

    int depth_ = 0;
    std::string key_, kind_;
    int track_ = 0;
    double time_ = 0;
    std::map<int, Track> tracks_;
};

inline SliceCheck check_slices(const std::string& path) {
    std::ifstream file(path);
    SliceReader reader;
    if (nlohmann::json::sax_parse(file, &reader)) reader.finish();
    return reader.check;
}

} // namespace gradus::test
