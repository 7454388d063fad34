// SPDX-License-Identifier: Apache-2.0
// Figures for people: four significant digits and the unit that suits them. The pages write them in the same digits
// (html/page/format.js); tests/support/written_figures.csv holds both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ip/common/units.h"
#include "platform/text/plain.h"

namespace gradus::report {

std::string human_time(ip::Picoseconds time); ///< "1.234 ms", "0 s"
std::string human_seconds(double seconds);    ///< of the host: "250.0 ms", "2.5 s", "1 min 05 s", "3 h 12 min"
std::string human_bytes(double bytes);        ///< decimal, for traffic: "8.400 MB"
std::string human_capacity(ip::Bytes bytes);  ///< binary, for memories: "64 KiB", "1.5 MiB"
std::string human_count(double count);        ///< "4192", "12.90 k", "1.234 M"
std::string human_rate(double per_second, const char* unit); ///< "12.90 k tokens/s"; unit "B": "3.200 GB/s"
std::string human_percent(double share);                     ///< 0.312: "31.2 %"; what would round to nothing: "<0.1 %"
std::string human_energy(double joules);                     ///< "1.234 mJ"
std::string human_power(double watts);                       ///< "12.34 W"
/// "2.4012" with four `decimals`; from 1000 on "1.234e+38", at most ten columns; "nan", "inf", "-inf".
std::string human_loss(double loss, int decimals = 4);

/// Columns that UTF-8 text takes in a terminal, escape sequences not counted, one a code point.
std::size_t columns(std::string_view text);
using text::plain;
/// Filled up with blanks to `width` columns, on the right or on the left.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);
/// A bar of `width` columns, filled to `share` of it in steps of an eighth of a column.
std::string bar(double share, std::size_t width);

} // namespace gradus::report
