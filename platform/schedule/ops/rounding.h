// SPDX-License-Identifier: Apache-2.0
// How far a chip's arithmetic may be from double precision. A reference computed with Bounded numbers instead of double
// has, beside each value, a bound of what fp32 may make of it: every operation passes on the errors of what it takes,
// multiplied by its condition there, and adds a rounding of its own (running error analysis: Higham, Accuracy and
// Stability of Numerical Algorithms, 2002, section 3.3). A sum of n terms adds n roundings of the sum of their
// magnitudes instead, which holds for every order of adding them up (section 4.2), in tiles or in lanes, too.
//
// What may overflow in fp32, or be divided by what may be zero, has an infinite bound: nothing is said of it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace gradus::schedule {

inline constexpr double fp32_roundoff = 0x1p-24;
inline constexpr double bf16_roundoff = 0x1p-8;
inline constexpr double fp32_largest = 0x1.fffffep127;
/// An absolute error of every rounding: below this the formats have fewer digits.
inline constexpr double fp32_smallest = 0x1p-126;

struct Bounded {
    double value = 0;
    double error = 0; ///< fp32 may have anything from value - error to value + error

    Bounded() = default;
    Bounded(double exact) : value(exact) {}
    /// A result of fp32 arithmetic, whose operands are wrong enough to make it wrong by `error`.
    Bounded(double of, double error) : value(of), error(bound(of, error)) {}

private:
    static double bound(double value, double error) {
        const double sum = error + fp32_roundoff * std::abs(value) + fp32_smallest;
        const bool known = std::abs(value) <= fp32_largest && sum < std::numeric_limits<double>::infinity();
        return known ? sum : std::numeric_limits<double>::infinity();
    }
};

inline Bounded operator-(Bounded a) {
    a.value = -a.value;
    return a;
}
inline Bounded operator+(Bounded a, Bounded b) { return {a.value + b.value, a.error + b.error}; }
inline Bounded operator-(Bounded a, Bounded b) { return {a.value - b.value, a.error + b.error}; }
inline Bounded operator*(Bounded a, Bounded b) {
    return {a.value * b.value, std::abs(a.value) * b.error + std::abs(b.value) * a.error + a.error * b.error};
}
inline Bounded operator/(Bounded a, Bounded b) {
    const double quotient = a.value / b.value, least = std::abs(b.value) - b.error;
    const double error = a.error + std::abs(quotient) * b.error;
    return {quotient, least > 0 ? error / least : std::numeric_limits<double>::infinity()};
}
inline bool operator<(Bounded a, Bounded b) { return a.value < b.value; }
inline bool operator>(Bounded a, Bounded b) { return a.value > b.value; }

inline Bounded sqrt(Bounded a) {
    const double root = std::sqrt(a.value);
    return {root, root - std::sqrt(std::max(a.value - a.error, 0.0))};
}

// The C library's functions are wrong by some units in the last place, of which one is two roundings at most.
inline Bounded exp(Bounded a) {
    const double value = std::exp(a.value);
    return {value, value * (std::expm1(a.error) + 4 * fp32_roundoff)};
}
inline Bounded log(Bounded a) {
    const double value = std::log(a.value), least = a.value - a.error;
    const double condition = least > 0 ? std::log(a.value / least) : std::numeric_limits<double>::infinity();
    return {value, condition + 4 * fp32_roundoff * std::abs(value)};
}
inline Bounded tanh(Bounded a) {
    const double value = std::tanh(a.value), flattest = std::tanh(std::max(std::abs(a.value) - a.error, 0.0));
    return {value, a.error * (1 - flattest * flattest) + 8 * fp32_roundoff * std::abs(value)};
}

/// The normal distribution below x: 0.5 (1 + erf(x / sqrt(2))).
inline double normal_below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }
inline Bounded normal_below(Bounded a) {
    const double value = normal_below(a.value), nearest = std::max(std::abs(a.value) - a.error, 0.0);
    const double argument = a.error + 2 * fp32_roundoff * std::abs(a.value);
    return {value, argument * 0.4 * std::exp(-0.5 * nearest * nearest) + 16 * fp32_roundoff * value};
}

inline double smaller(double a, double b) { return std::min(a, b); }
inline Bounded smaller(Bounded a, Bounded b) {
    Bounded least = std::min(a.value, b.value);
    least.error = std::max(a.error, b.error);
    return least;
}

/// A constant that fp32 has to round.
template <class Number>
Number constant(double value) {
    return value;
}
template <>
inline Bounded constant<Bounded>(double value) {
    return {value, 0};
}

/// Roundings that each of so many exponentials may go through on top, where they are added up block by block, below the
/// largest one so far: a factor for every block after its own, of which each is an exponential.
inline double rescalings(std::size_t terms) {
    constexpr std::size_t most_blocks = 1024;
    return 8.0 * static_cast<double>(std::min(terms, most_blocks));
}

/// A sum of any number of terms, added up in any order.
template <class Number>
class Sum;

template <>
class Sum<double> {
public:
    /// `more` roundings of each term, for what a chip may do to them on the way.
    explicit Sum(double /*more*/ = 0) {}
    void add(double term) { sum_ += term; }
    /// All terms of another one.
    void add(const Sum& part) { sum_ += part.sum_; }
    /// So many products, whose sum and sum of magnitudes are given.
    void add_products(double sum, double /*magnitude*/, std::size_t /*terms*/) { sum_ += sum; }
    /// Multiplies every term.
    void scale(double factor) { sum_ *= factor; }
    double total() const { return sum_; }
    double magnitude() const { return 0; }

private:
    double sum_ = 0;
};

template <>
class Sum<Bounded> {
public:
    explicit Sum(double more = 0) : roundings_(more) {}
    void add(Bounded term) {
        sum_ += term.value;
        error_ += term.error;
        magnitude_ += std::abs(term.value);
        roundings_ += 1;
    }
    void add(const Sum& part) {
        sum_ += part.sum_;
        error_ += part.error_;
        magnitude_ += part.magnitude_;
        roundings_ += part.roundings_;
    }
    void add_products(double sum, double magnitude, std::size_t terms) {
        sum_ += sum;
        magnitude_ += magnitude;
        roundings_ += static_cast<double>(terms + 1);
    }
    void scale(double factor) {
        sum_ *= factor;
        error_ *= std::abs(factor);
        magnitude_ *= std::abs(factor);
        roundings_ += 1;
    }
    Bounded total() const {
        const bool fits = magnitude_ <= fp32_largest; // so does every part of it
        return {sum_,
                fits ? error_ + roundings_ * fp32_roundoff * magnitude_ : std::numeric_limits<double>::infinity()};
    }
    /// The sum of the magnitudes of its terms: no part of it is larger.
    double magnitude() const { return magnitude_; }

private:
    double sum_ = 0, error_ = 0, magnitude_ = 0, roundings_ = 0;
};

} // namespace gradus::schedule
