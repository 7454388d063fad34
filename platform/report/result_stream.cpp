// SPDX-License-Identifier: Apache-2.0
#include "platform/report/result_stream.h"

namespace gradus::report {

ResultStream::Buffer::int_type ResultStream::Buffer::underflow() {
    piece_ = text_.next();
    setg(piece_.data(), piece_.data(), piece_.data() + piece_.size());
    return piece_.empty() ? traits_type::eof() : traits_type::to_int_type(piece_.front());
}

} // namespace gradus::report
