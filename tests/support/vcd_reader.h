// SPDX-License-Identifier: Apache-2.0
// A small reader of value change dumps, written from the standard (IEEE 1364-2005, 18.2) and not from the writer.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gradus::test {

struct VcdFile {
    struct Signal {
        unsigned bits = 0;
        std::vector<std::pair<std::uint64_t, std::string>> changes;
    };

    std::string error; ///< what is wrong with it
    std::string timescale;
    std::map<std::string, std::string> codes; ///< by full name, without the range
    std::map<std::string, Signal> signals;    ///< by code
    std::uint64_t last_time = 0;

    /// "time:value", as written.
    std::vector<std::string> values(const std::string& name) const {
        std::vector<std::string> all;
        const auto code = codes.find(name);
        if (code == codes.end()) return all;
        for (const auto& [time, value] : signals.at(code->second).changes)
            all.push_back(std::to_string(time) + ":" + value);
        return all;
    }
    /// How long a signal had a value.
    std::uint64_t time_at(const std::string& name, const std::string& value) const {
        std::uint64_t sum = 0;
        const auto& changes = signals.at(codes.at(name)).changes;
        for (std::size_t i = 0; i < changes.size(); ++i)
            if (changes[i].second == value)
                sum += (i + 1 < changes.size() ? changes[i + 1].first : last_time) - changes[i].first;
        return sum;
    }
};

class VcdParser {
public:
    explicit VcdParser(const std::string& path) : in_(path) {}

    VcdFile parse() {
        while (file_.error.empty() && next() && word_ != "$enddefinitions")
            declaration();
        if (file_.error.empty() && word_ != "$enddefinitions") fail("no end of the definitions");
        if (file_.error.empty()) skip();
        if (!scopes_.empty()) fail("a scope is open");
        while (file_.error.empty() && next())
            change();
        if (file_.error.empty() && !timed_) fail("no time");
        return file_;
    }

private:
    bool next() { return static_cast<bool>(in_ >> word_); }
    void fail(const std::string& what) {
        if (file_.error.empty()) file_.error = what + " at '" + word_ + "'";
    }
    std::vector<std::string> until_end() {
        std::vector<std::string> words;
        while (next() && word_ != "$end")
            words.push_back(word_);
        if (word_ != "$end") fail("a command without $end");
        return words;
    }
    void skip() { until_end(); }

    void declaration() {
        const std::string command = word_;
        const std::vector<std::string> words = until_end();
        if (command == "$scope" && words.size() == 2) {
            scopes_.push_back(words[1]);
        } else if (command == "$upscope" && !scopes_.empty()) {
            scopes_.pop_back();
        } else if (command == "$timescale") {
            for (const std::string& word : words)
                file_.timescale += word;
        } else if (command == "$var" && (words.size() == 4 || words.size() == 5)) {
            const auto bits = static_cast<unsigned>(std::atoi(words[1].c_str()));
            std::string name;
            for (const std::string& scope : scopes_)
                name += scope + ".";
            if (bits == 0 || !file_.codes.emplace(name + words[3], words[2]).second) fail("a bad variable");
            if (words.size() == 5 && words[4] != "[" + std::to_string(bits - 1) + ":0]") fail("a bad range");
            if (!file_.signals.emplace(words[2], VcdFile::Signal{bits, {}}).second) fail("a code is used twice");
        } else if (command != "$version" && command != "$date" && command != "$comment") {
            fail("no declaration");
        }
    }

    void change() {
        const char first = word_[0];
        if (first == '#') {
            const std::uint64_t time = std::strtoull(word_.c_str() + 1, nullptr, 10);
            if (timed_ && time <= file_.last_time) fail("time stands still or goes back");
            timed_ = true;
            file_.last_time = time;
        } else if (word_ == "$dumpvars" || (word_ == "$end" && dumping_)) {
            dumping_ = !dumping_;
        } else if (first == 'b') {
            const std::string value = word_.substr(1);
            if (next()) set(word_, value, true);
        } else if (first == '0' || first == '1' || first == 'x') {
            set(word_.substr(1), word_.substr(0, 1), false);
        } else {
            fail("no change of a value");
        }
    }

    void set(const std::string& code, const std::string& value, bool vector) {
        const auto signal = file_.signals.find(code);
        if (signal == file_.signals.end()) return fail("an unknown code");
        auto& [bits, changes] = signal->second;
        if (!timed_) return fail("a value before the first time");
        if ((bits > 1) != vector || value.empty() || value.size() > bits) return fail("a value of another width");
        if (value.find_first_not_of("01x") != std::string::npos) return fail("no value");
        if (changes.empty() != dumping_) return fail("a first value outside of $dumpvars, or a second one inside");
        if (!changes.empty() && changes.back().second == value) return fail("a change to the same value");
        changes.emplace_back(file_.last_time, value);
    }

    std::ifstream in_;
    VcdFile file_;
    std::string word_;
    std::vector<std::string> scopes_;
    bool timed_ = false, dumping_ = false;
};

inline VcdFile read_vcd(const std::string& path) { return VcdParser(path).parse(); }

} // namespace gradus::test
