// SPDX-License-Identifier: Apache-2.0
// The random numbers behind initial weights, shuffling and synthetic text, specified to the bit so that any other
// program can draw the same ones:
//
//   state    = seed xor fnv1a64(stream name)
//   next()   = splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014)
//   below(n) = next() mod n
//   normal() = Box-Muller in double: u = ((next() >> 11) + 1) 2^-53, v = (next() >> 11) 2^-53,
//              first sqrt(-2 ln u) cos(2 pi v), then sqrt(-2 ln u) sin(2 pi v)
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace gradus::schedule {

class Random {
public:
    Random(std::uint64_t seed, std::string_view stream) : state_(seed ^ fnv1a(stream)) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    /// 0 to n - 1; n is 1 or more.
    std::uint64_t below(std::uint64_t n) { return next() % n; }

    double normal() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        constexpr double unit = 1.0 / 9007199254740992.0; // 2^-53
        constexpr double two_pi = 6.283185307179586;
        const double u = static_cast<double>((next() >> 11) + 1) * unit;
        const double v = static_cast<double>(next() >> 11) * unit;
        const double radius = std::sqrt(-2.0 * std::log(u));
        spare_ = radius * std::sin(two_pi * v);
        has_spare_ = true;
        return radius * std::cos(two_pi * v);
    }

private:
    static std::uint64_t fnv1a(std::string_view text) {
        std::uint64_t hash = 0xcbf29ce484222325u;
        for (const char character : text)
            hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3u;
        return hash;
    }

    std::uint64_t state_;
    double spare_ = 0;
    bool has_spare_ = false;
};

} // namespace gradus::schedule
