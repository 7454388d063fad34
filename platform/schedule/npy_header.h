// SPDX-License-Identifier: Apache-2.0
// What stands at the beginning of a .npy, NumPy's format of an array (numpy.lib.format: versions 1.0, 2.0 and 3.0).
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::schedule {

/// To be read after the name of the file and ": ".
class NpyError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

inline constexpr std::string_view npy_magic{"\x93NUMPY", 6};
/// A header that is longer is refused; NumPy's own take 128 bytes.
inline constexpr std::size_t longest_npy_header = 65'536;

struct NpyHeader {
    std::string type; ///< of elements: "<u2"
    bool fortran_order = false;
    std::vector<std::uint64_t> shape;
    std::size_t data_offset = 0;

    std::uint64_t elements() const; ///< throws NpyError for more than 2^48
};

/// From the first bytes of a file, all of it or longest_npy_header of them. Throws NpyError.
NpyHeader parse_npy_header(std::string_view bytes);

} // namespace gradus::schedule
