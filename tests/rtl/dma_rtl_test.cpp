// SPDX-License-Identifier: Apache-2.0
// The DMA's plan of a two-dimensional copy against RTL of its address generator: burst by burst, a burst a cycle.
#include <Vdma_bursts.h>
#include <gtest/gtest.h>
#include <random>

#include "ip/dma/dma_check.h"
#include "ip/dma/dma_plan.h"

namespace gradus::ip::dma_rtl_test {
namespace {

class Generator {
public:
    Generator(const dma_body& body, Bytes burst_bytes) {
        const Bytes src_element = element_bytes(body.src_format), dst_element = element_bytes(body.dst_format);
        rtl_.src = body.src;
        rtl_.dst = body.dst;
        rtl_.rows = body.rows;
        rtl_.cols = body.cols;
        rtl_.src_pitch = body.src_pitch;
        rtl_.dst_pitch = body.dst_pitch;
        rtl_.src_element = static_cast<std::uint8_t>(src_element);
        rtl_.dst_element = static_cast<std::uint8_t>(dst_element);
        rtl_.burst_elements = static_cast<std::uint32_t>(burst_bytes / std::max(src_element, dst_element));
        rtl_.start = 1;
        cycle();
        rtl_.start = 0;
    }

    bool valid() const { return rtl_.valid; }
    DmaStep burst() const {
        DmaStep step;
        step.read = rtl_.read_address;
        step.write = rtl_.write_address;
        step.elements = rtl_.elements;
        return step;
    }
    /// The channel takes the burst, or is busy.
    void cycle(bool ready = true) {
        rtl_.ready = ready;
        for (const int clk : {0, 1}) {
            rtl_.clk = clk;
            rtl_.eval();
        }
    }

private:
    Vdma_bursts rtl_;
};

dma_body random_copy(std::mt19937_64& random) {
    const auto up_to = [&](std::uint64_t limit) { return static_cast<std::uint32_t>(1 + random() % limit); };
    dma_body body{};
    body.src_format = random() % 2, body.dst_format = random() % 2;
    const Bytes src_element = element_bytes(body.src_format), dst_element = element_bytes(body.dst_format);
    body.src = (random() & 0xffffffffffull) * 4;
    body.dst = (random() & 0xffffffffffull) * 4;
    body.rows = up_to(40);
    body.cols = up_to(random() % 4 ? 100 : 2000);
    const auto pitch = [&](Bytes element) {
        return static_cast<std::uint32_t>((body.cols + (random() % 2 ? random() % 9 : 0)) * element);
    };
    body.src_pitch = pitch(src_element);
    body.dst_pitch = pitch(dst_element);
    return body;
}

TEST(DmaRtl, TheAddressGeneratorIssuesThePlansBurstsOneACycle) {
    const unsigned seed = 256;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    unsigned merged = 0;
    for (int round = 0; round < 300; ++round) {
        const dma_body body = random_copy(random);
        const Bytes burst_bytes = Bytes{16} << random() % 9;
        SCOPED_TRACE(testing::Message() << body.rows << " x " << body.cols << ", bursts of " << burst_bytes);
        ASSERT_FALSE(dma_check(DMA_COPY, body));
        DmaPlan plan(DMA_COPY, body, burst_bytes);
        Generator rtl(body, burst_bytes);
        std::uint32_t bursts = 0;
        while (!plan.done()) {
            ASSERT_TRUE(rtl.valid());
            const DmaStep expected = plan.next(), burst = rtl.burst();
            ASSERT_EQ(expected.kind, DmaStep::Kind::move);
            ASSERT_EQ(burst.read, expected.read);
            ASSERT_EQ(burst.write, expected.write);
            ASSERT_EQ(burst.elements, expected.elements);
            if (random() % 4 == 0) rtl.cycle(false);
            rtl.cycle();
            ++bursts;
        }
        EXPECT_FALSE(rtl.valid()) << "nothing is left over";
        merged += bursts < body.rows;
    }
    EXPECT_GT(merged, 20u) << "gapless rows travel together";
}

} // namespace
} // namespace gradus::ip::dma_rtl_test
