// SPDX-License-Identifier: Apache-2.0
// A result.json as a stream, which is made while it is read.
#pragma once

#include <istream>
#include <streambuf>
#include <string>

#include "platform/report/json.h"

namespace gradus::report {

class ResultStream : public std::istream {
public:
    /// Both must outlive it.
    ResultStream(const observe::Result& result, const schedule::Schedule& schedule)
        : std::istream(nullptr), buffer_(result, schedule) {
        rdbuf(&buffer_);
    }

private:
    class Buffer : public std::streambuf {
    public:
        Buffer(const observe::Result& result, const schedule::Schedule& schedule) : text_(result, schedule) {}

    private:
        int_type underflow() override;

        ResultText text_;
        std::string piece_;
    };

    Buffer buffer_;
};

} // namespace gradus::report
