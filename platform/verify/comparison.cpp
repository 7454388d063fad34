// SPDX-License-Identifier: Apache-2.0
#include "platform/verify/comparison.h"

#include <cmath>
#include <cstring>
#include <future>
#include <limits>
#include <stdexcept>

#include "ip/numerics/bf16.h"

namespace gradus::verify {

namespace {

using schedule::Bounded;

/// Of the reference's bound.
constexpr double allowed = 2;
/// Elements below which a second thread costs more than it saves.
constexpr std::uint64_t worth_a_thread = 1u << 16;

template <class Word>
Word word_at(const std::uint8_t* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

double element_at(const std::uint8_t* from, unsigned format) {
    if (format == FORMAT_BF16) return static_cast<double>(ip::from_bf16(word_at<std::uint16_t>(from)));
    return static_cast<double>(word_at<float>(from));
}

class ComparingMemory : public schedule::ReferenceMemory<Bounded> {
public:
    ComparingMemory(const TensorMemory& before, const Results& results, const std::vector<std::uint8_t>& image,
                    std::uint64_t image_base)
        : before_(before), results_(results), image_(image), image_base_(image_base) {}

    Comparison comparison() const {
        Comparison comparison = comparison_;
        comparison.from_finite = !read_infinite_;
        return comparison;
    }

private:
    double load(std::uint64_t address, unsigned format) const override {
        const double value = element_at(place(address), format);
        if (!std::isfinite(value)) read_infinite_.store(true, std::memory_order_relaxed);
        return value;
    }
    std::uint32_t load_index(std::uint64_t address) const override { return word_at<std::uint32_t>(place(address)); }

    void store(std::uint64_t address, unsigned format, Bounded truth, double parts) override {
        const double value = element_at(results_.at(address), format);
        double bound = allowed * truth.error;
        if (format == FORMAT_BF16) {
            const unsigned writes = results_.writes(address);
            bound +=
                schedule::bf16_roundoff * (std::abs(truth.value) + truth.error + (writes > 1 ? writes - 1 : 0) * parts);
        }
        if (!std::isfinite(value)) note_infinite(address);
        // A truth that is no number has no bound either.
        const bool is_bounded = bound < std::numeric_limits<double>::infinity() && std::isfinite(truth.value);
        const double distance = std::abs(value - truth.value);
        if (!is_bounded || distance == 0) return;
        if (!std::isfinite(value) && std::abs(truth.value) + bound > schedule::fp32_largest) return; // it overflowed
        const double ratio = distance < std::numeric_limits<double>::infinity()
                                 ? distance / std::max(bound, std::numeric_limits<double>::min())
                                 : std::numeric_limits<double>::infinity();
        if (ratio >= worst_.load(std::memory_order_relaxed) || ratio > 1)
            note({address, value, truth.value, bound, ratio});
    }

    void spread(std::uint64_t count, std::uint64_t cost, const Work& work) override {
        if (count < 2 || count * cost < worth_a_thread) return work(0, count);
        const std::uint64_t half = count / 2;
        auto other = std::async(std::launch::async, [&] { work(half, count); });
        work(0, half);
        other.get();
    }

    const std::uint8_t* place(std::uint64_t address) const {
        if (before_.contains(address, 2)) return before_.at(address);
        if (address < image_base_ || address - image_base_ + 4 > image_.size())
            throw std::out_of_range("neither in a tensor nor in the image");
        return image_.data() + (address - image_base_);
    }

    /// Of two that are equally far off the one that comes first in memory, whatever the order of threads.
    void note(const Deviation& deviation) {
        const std::lock_guard lock(mutex_);
        if (deviation.ratio > 1) ++comparison_.beyond;
        Deviation& worst = comparison_.worst;
        if (deviation.ratio < worst.ratio || (deviation.ratio == worst.ratio && deviation.address > worst.address))
            return;
        worst = deviation;
        worst_.store(deviation.ratio, std::memory_order_relaxed);
    }

    void note_infinite(std::uint64_t address) {
        const std::lock_guard lock(mutex_);
        if (comparison_.not_finite++ == 0 || address < comparison_.first_not_finite)
            comparison_.first_not_finite = address;
    }

    const TensorMemory& before_;
    const Results& results_;
    const std::vector<std::uint8_t>& image_;
    const std::uint64_t image_base_;
    mutable std::atomic<bool> read_infinite_{false};
    std::atomic<double> worst_{0};
    std::mutex mutex_;
    Comparison comparison_;
};

} // namespace

Comparison compare(const schedule::Op& op, const image_update& update, const TensorMemory& before,
                   const Results& results, const std::vector<std::uint8_t>& image, std::uint64_t image_base) {
    ComparingMemory memory(before, results, image, image_base);
    schedule::execute<Bounded>(op.image, op.operands.data(), update, memory);
    return memory.comparison();
}

} // namespace gradus::verify
