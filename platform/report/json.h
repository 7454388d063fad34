// SPDX-License-Identifier: Apache-2.0
// result.json, documented field by field in doc/result.md. Deterministic but for the object `host`.
#pragma once

#include <string>

#include "platform/observe/result.h"
#include "platform/report/json_text.h"
#include "platform/schedule/schedule.h"

namespace gradus::report {

/// The text piece by piece: however many steps there are, one of them is in memory.
class ResultText {
public:
    /// Both must outlive it.
    ResultText(const observe::Result& result, const schedule::Schedule& schedule);
    ResultText(const ResultText&) = delete;
    ResultText& operator=(const ResultText&) = delete;

    /// The next piece; empty at the end.
    std::string next();

private:
    void put_head();
    void put_tail();

    const observe::Result& result_;
    const schedule::Schedule& schedule_;
    std::string piece_;
    ObjectText json_;
    std::size_t number_ = 0; ///< of the next piece: what stands before the steps, each of them, what follows
};

/// All pieces, one after the other.
void write_json(const observe::Result& result, const schedule::Schedule& schedule, const TextSink& sink);

/// All of it.
std::string to_json(const observe::Result& result, const schedule::Schedule& schedule);

} // namespace gradus::report
