// SPDX-License-Identifier: Apache-2.0
// Traces, latencies and windows of a replay.
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "platform/replay/report.h"
#include "tests/support/dram_standards.h"

namespace gradus::replay::dram_replay_test {
namespace {

using ::testing::HasSubstr;

TraceSettings settings_of(ip::Bytes capacity) {
    TraceSettings settings;
    settings.capacity = capacity;
    settings.aligned_to = 32;
    return settings;
}

std::vector<TraceRequest> read_all(const std::string& text, const TraceSettings& settings = settings_of(0x10000)) {
    std::istringstream in(text);
    TraceReader reader(in, "t.trace", settings);
    std::vector<TraceRequest> requests;
    while (const auto request = reader.next())
        requests.push_back(*request);
    return requests;
}

std::string refused(const std::string& text, const TraceSettings& settings = settings_of(0x10000)) {
    try {
        read_all(text, settings);
    } catch (const TraceError& error) {
        return error.what();
    }
    ADD_FAILURE() << "nothing was refused in " << text;
    return "";
}

TEST(TraceReader, ReadsRequestsWithAndWithoutTimes) {
    const auto timed = read_all("# a trace\n\n12.5 R 0x100 64 # first\r\n12.505 w 256\t32");
    ASSERT_EQ(timed.size(), 2u);
    EXPECT_EQ(timed[0].at, 12'500u);
    EXPECT_FALSE(timed[0].write);
    EXPECT_EQ(timed[0].address, 0x100u);
    EXPECT_EQ(timed[0].bytes, 64u);
    EXPECT_EQ(timed[1].at, 12'505u);
    EXPECT_TRUE(timed[1].write);
    const auto untimed = read_all("R 0 1\nW 0xffff 1\n");
    ASSERT_EQ(untimed.size(), 2u);
    EXPECT_FALSE(untimed[0].at);
    EXPECT_THAT(read_all("# nothing\n"), testing::IsEmpty());
}

TEST(TraceReader, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(refused("R 0 64\nR 0\n"), "t.trace:2: 'R 0' is no request: [ns] R|W address bytes");
    EXPECT_THAT(refused("1 R 0 64 7"), HasSubstr("t.trace:1: more than a time"));
    EXPECT_THAT(refused("1 R 0 64\nR 0 64"), HasSubstr("t.trace:2: a request without a time"));
    EXPECT_THAT(refused("R 0 64\n1 R 0 64"), HasSubstr("t.trace:2: a request with a time"));
    EXPECT_THAT(refused("2 R 0 64\n1.999 R 0 64"), HasSubstr("t.trace:2: '1.999' is before"));
    EXPECT_THAT(refused("R 0 64\nX 0 64"), HasSubstr("t.trace:2: 'X' is neither R nor W"));
    EXPECT_THAT(refused("R 0 0"), HasSubstr("0 bytes: a request has 1 to 65536"));
    EXPECT_THAT(refused("R 0 65537"), HasSubstr("a request has 1 to 65536"));
    EXPECT_THAT(refused("R 0xfff0 17"), HasSubstr("17 bytes at 0xfff0 reach beyond the DRAM's 0x10000 bytes"));
    EXPECT_THAT(refused("R 0xffffffffffffffff 2"), HasSubstr("reach beyond"));
    EXPECT_THAT(refused("R 0x10000000000000000 2"), HasSubstr("is no address"));
    EXPECT_THAT(refused("R -1 2"), HasSubstr("'-1' is no address"));
    EXPECT_THAT(refused("R 0x 2"), HasSubstr("'0x' is no address"));
    EXPECT_THAT(refused("R 0 ten"), HasSubstr("'ten' is no number of bytes"));
    for (const char* time : {"1.2345", "-1", "1e3", ".5", "1.2.3", "x"})
        EXPECT_THAT(refused(std::string(time) + " R 0 64"), HasSubstr("is no time in ns")) << time;
    EXPECT_THAT(refused("99999999999999999999999 R 0 64"), HasSubstr("is no time"));
    EXPECT_THAT(refused("9999999999999 R 0 64"), HasSubstr("is later than"));
    EXPECT_THAT(refused(std::string(5000, 'R')), HasSubstr("t.trace:1: the line is longer than 4096 characters"));
    EXPECT_THAT(refused(std::string("R \0 64", 6)), HasSubstr("t.trace:1: "));
}

TEST(TraceReader, NeverCrashesOnNoise) {
    constexpr unsigned seed = 7;
    std::mt19937 random(seed);
    const std::string letters = "RWLDST: 0123456789x.#()\n\t-\r\xff\xfe\x1f\x8b";
    for (unsigned i = 0; i < 3000; ++i) {
        std::string text;
        for (unsigned k = random() % 40; k > 0; --k)
            text += letters[random() % letters.size()];
        try {
            read_all(text);
        } catch (const TraceError& error) {
            EXPECT_THAT(error.what(), testing::StartsWith("t.trace:")) << "seed " << seed;
        }
    }
}

/// "R 0x20 64 @5" for each.
std::vector<std::string> shown(const std::vector<TraceRequest>& requests) {
    std::vector<std::string> lines;
    for (const TraceRequest& each : requests) {
        std::ostringstream line;
        line << (each.write ? "W " : "R ") << std::hex << each.address << std::dec << " " << each.bytes;
        if (each.at) line << " @" << *each.at;
        lines.push_back(line.str());
    }
    return lines;
}

TEST(TraceFormats, AreRecognisedByTheirFirstRequest) {
    using testing::ElementsAre;
    EXPECT_THAT(shown(read_all("# x\n0x1000 R\n4096\tw\n0X1020 READ\n")),
                ElementsAre("R 1000 64", "W 1000 64", "R 1020 64"));
    EXPECT_THAT(shown(read_all("LD 0x1000\nST 64\nld 0x40\n")), ElementsAre("R 1000 64", "W 40 64", "R 40 64"));
    EXPECT_THAT(shown(read_all("3 4096\n1 8192 64\n2 0x80 W\n0 96 R\n")),
                ElementsAre("R 1000 64", "R 2000 64", "W 40 64", "W 80 64", "R 60 64"));
    EXPECT_THAT(shown(read_all("0x1000 READ  5\n0x40 WRITE 6\n0x80 P_MEM_WR 7\n0x80 IFETCH 7\n0x20 BOFF 8\n")),
                ElementsAre("R 1000 64 @5000", "W 40 64 @6000", "W 80 64 @7000", "R 80 64 @7000", "W 20 64 @8000"));
    EXPECT_THAT(shown(read_all("1000 R 0\n")), ElementsAre("R 1000 64 @0")) << "hexadecimal, as DRAMSim reads it";
    EXPECT_THAT(shown(read_all("0:\tread\t0x400\n7: write 0x20 0xffffffff\n9: (32) write 80\n9: (16) read 0x0 0xff\n")),
                ElementsAre("R 400 64 @0", "W 20 4 @7000", "W 80 32 @9000", "R 0 16 @9000"));
    EXPECT_THAT(shown(read_all("31 read 0x40\n")), ElementsAre("R 40 64 @31000"));
}

TEST(TraceFormats, TakeClockBytesBaseAndWrapFromTheSettings) {
    using testing::ElementsAre;
    TraceSettings settings = settings_of(0x10000);
    settings.cycle_ps = 1e6 / 1200;
    settings.request_bytes = 128;
    settings.base = 0x80000000;
    EXPECT_THAT(shown(read_all("0x80000047 READ 1\n0x80000040 READ 3\n", settings)),
                ElementsAre("R 40 128 @833", "R 40 128 @2500"));
    EXPECT_THAT(refused("0x40 READ 1\n", settings), HasSubstr("t.trace:1: 0x40 lies below --trace-base 0x80000000"));
    settings.base = 0;
    EXPECT_THAT(refused("0x80000040 READ 1\n", settings), HasSubstr("reach beyond the DRAM's 0x10000 bytes; --wrap"));
    settings.wrap = true;
    EXPECT_THAT(shown(read_all("0x80000040 READ 1\n0xffffffffffffffff READ 1\n", settings)),
                ElementsAre("R 40 128 @833", "R ff80 128 @833"));
    EXPECT_THAT(shown(read_all("R 0x20004 8\n", settings)), ElementsAre("R 4 8"))
        << "our own addresses stay as they are";
    settings.format = TraceFormat::dramsys_relative;
    settings.cycle_ps = 1000;
    EXPECT_THAT(shown(read_all("5: read 0x0\n2: read 0x0\n0: read 0x0\n", settings)),
                ElementsAre("R 0 128 @5000", "R 0 128 @7000", "R 0 128 @7000"));
}

TEST(TraceFormats, ALineThatFitsNoneIsRefusedWithWhatWasExpected) {
    for (const char* line :
         {"hello", "address,op,cycle", "0x1000", "0x1000,R,5", "12.5 R 0x10", "X 0 64", "0x10 read 5 6",
          "\x7f"
          "ELF",
          "I  0400d7d4,8"})
        EXPECT_THAT(refused(std::string("\n") + line),
                    testing::AllOf(HasSubstr("t.trace:2: '"), HasSubstr("address R|W"),
                                   HasSubstr("cycle: [(bytes)] read|write address")))
            << line;
    EXPECT_THAT(refused("R 0,1,2,100,32"), HasSubstr("t.trace:1: '0,1,2,100,32' are places in a memory"));
    EXPECT_THAT(refused("0x0 R\n0x40 READ 7"), HasSubstr("t.trace:2: '0x40 READ 7' is no request: address R|W"));
    EXPECT_THAT(refused("0x0 R\n4cbd56c0 W"), HasSubstr("'4cbd56c0' is no address; a hexadecimal one begins with 0x"));
    EXPECT_THAT(refused("0x0 READ 5\n0x0 FLUSH 6"), HasSubstr("t.trace:2: 'FLUSH' is neither a read nor a write"));
    EXPECT_THAT(refused("0x0 READ 5\n0x0 READ -6"), HasSubstr("'-6' is no number of cycles"));
    EXPECT_THAT(refused("0x0 READ 5\n0x0 READ 4"), HasSubstr("t.trace:2: '4' is before the request that precedes it"));
    EXPECT_THAT(refused("5: read 0x0\n4: read 0x0"), HasSubstr("it is --format dramsys-relative"));
    EXPECT_THAT(refused("5: read 0x0\n18446744073709551615: read 0x0"), HasSubstr("later than a thousand seconds"));
    EXPECT_THAT(refused("5: (0) read 0x0"), HasSubstr("0 bytes: a request has 1 to 65536"));
    EXPECT_THAT(refused("5: (x) read 0x0"), HasSubstr("'x' is no number of bytes"));
    EXPECT_THAT(refused("5: write 0x0 0xzz"), HasSubstr("'0xzz' are no data in hexadecimal"));
}

std::string gzipped(const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string packed(text.size() + 1000, '\0');
    std::string input = text;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

TEST(TraceReader, ReadsGzipAlsoOfSeveralMembersAndPadded) {
    std::string text;
    for (unsigned i = 0; i < 20'000; ++i)
        text += "0x" + std::to_string(i % 1000) + "0 R\n";
    const auto plain = shown(read_all(text));
    EXPECT_EQ(plain.size(), 20'000u);
    EXPECT_EQ(shown(read_all(gzipped(text))), plain);
    EXPECT_EQ(shown(read_all(gzipped(text.substr(0, 50'003)) + gzipped(text.substr(50'003)) + std::string(512, '\0'))),
              plain);
    const std::string packed = gzipped(text);
    EXPECT_THAT(refused(packed.substr(0, packed.size() / 2)), HasSubstr("ends within its gzip data"));
    std::string damaged = packed;
    for (std::size_t i = packed.size() / 2; i < packed.size() / 2 + 32; ++i)
        damaged[i] = static_cast<char>(~damaged[i]);
    EXPECT_THAT(refused(damaged), testing::StartsWith("t.trace:"));
    EXPECT_THAT(read_all(gzipped("")), testing::IsEmpty());
}

TEST(TraceReader, SkipsAMarkAndTakesEveryEndOfLine) {
    using testing::ElementsAre;
    EXPECT_THAT(shown(read_all("\xEF\xBB\xBFR 0 64\r\nW 64 64\r\n")), ElementsAre("R 0 64", "W 40 64"));
    EXPECT_THAT(shown(read_all(gzipped("\xEF\xBB\xBFR 0 64\r\n"))), ElementsAre("R 0 64"));
    EXPECT_THAT(refused("R 0 64\r\rX"), HasSubstr("t.trace:3: "));
    EXPECT_EQ(refused(std::string("\xFF\xFER\0 \0", 6)), "t.trace: is in UTF-16; save it as UTF-8");
    EXPECT_THAT(read_all("\xEF\xBB\xBF"), testing::IsEmpty());
}

TEST(TraceReader, NamesTheProgramThatUnpacksOtherArchives) {
    EXPECT_THAT(refused(std::string("\xFD"
                                    "7zXZ\0...",
                                    9)),
                HasSubstr("t.trace: is compressed by xz: unpack it and pass it on, xz -dc FILE |"));
    EXPECT_THAT(refused("\x28\xB5\x2F\xFD..."), HasSubstr("compressed by zstd"));
    EXPECT_THAT(refused("BZh91AY"), HasSubstr("compressed by bzip2"));
    EXPECT_THAT(refused("PK\x03\x04...."), HasSubstr("compressed by zip"));
}

TEST(LatencyHistogram, QuantilesAreAtMostOneHundredTwentyEighthAboveTheTrueOnes) {
    constexpr unsigned seed = 3;
    std::mt19937_64 random(seed);
    LatencyHistogram histogram;
    std::vector<ip::Picoseconds> all;
    for (unsigned i = 0; i < 20'000; ++i) {
        all.push_back(random() >> (random() % 60));
        histogram.add(all.back());
    }
    std::sort(all.begin(), all.end());
    for (const double share : {0.0001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const ip::Picoseconds exact = all[static_cast<std::size_t>(std::ceil(share * 20'000)) - 1];
        EXPECT_GE(histogram.quantile(share), exact) << "seed " << seed;
        EXPECT_LE(histogram.quantile(share) - exact, exact / 128 + 1) << "seed " << seed;
    }
    EXPECT_EQ(histogram.quantile(1), all.back());
    EXPECT_EQ(histogram.max(), all.back());
    EXPECT_EQ(histogram.count(), 20'000u);
}

TEST(Windows, DoubleTheirLengthWhenThereAreTooMany) {
    Windows windows(std::nullopt);
    for (ip::Picoseconds time = 0; time < 1'000'000; time += 500)
        ++windows.at(time).reads;
    EXPECT_LE(windows.all().size(), Windows::most_automatic);
    EXPECT_EQ(windows.length(), 16'000u); // 1 ns, doubled until 64 of them hold a microsecond
    std::uint64_t reads = 0;
    for (const Window& each : windows.all())
        reads += each.reads;
    EXPECT_EQ(reads, 2000u);
    EXPECT_EQ(windows.all()[3].reads, 32u);

    Windows fixed(ip::Picoseconds{1000});
    fixed.at(99'999'999);
    EXPECT_EQ(fixed.all().size(), 100'000u);
    EXPECT_THROW(fixed.at(100'000'000), WindowError);
}

Result play(const ip::DramParameters& dram, const std::string& trace) {
    std::istringstream in(trace);
    TraceReader reader(in, "t.trace", settings_of(dram.bytes));
    Player player(dram, std::nullopt);
    while (const auto request = reader.next())
        player.play(*request);
    return player.finish();
}

TEST(Replay, LatenciesAreThoseOfTheStandard) {
    const ip::DramParameters dram = test::dram_standard("ddr4-2400");
    const ip::DramTiming& timing = dram.timing;
    // A miss, a hit, and a conflict, each on its own: rows of a bank are 8 KiB times 16 banks apart.
    const Result result = play(dram, "0 R 0 64\n1000 R 256 64\n2000 R 0x20000 64\n");
    const auto latency = [&](ip::Cycles before_read) {
        return (before_read + timing.rl + timing.burst) * timing.period;
    };
    EXPECT_EQ(result.rows.hits, 1u);
    EXPECT_EQ(result.rows.misses, 1u);
    EXPECT_EQ(result.rows.conflicts, 1u);
    EXPECT_EQ(result.reads.count(), 3u);
    // Requests that arrive between two edges of the clock wait for the next.
    EXPECT_NEAR(static_cast<double>(result.reads.max()), static_cast<double>(latency(timing.rp + timing.rcd_read)),
                833);
    EXPECT_NEAR(static_cast<double>(result.reads.quantile(0.01)), static_cast<double>(latency(0)), 833 + 180);
    EXPECT_EQ(result.total.bytes_read, 192u);
}

TEST(Replay, WithoutTimesAStreamRunsAtTheSpeedOfTheController) {
    std::string trace;
    for (unsigned i = 0; i < 4000; ++i)
        trace += "R " + std::to_string(i * 64) + " 64\n";
    const Result result = play(test::dram_standard("ddr4-2400"), trace);
    const double rate = 4000 * 64 / (static_cast<double>(result.time) * 1e-12);
    EXPECT_GT(rate / result.peak_bytes_per_second, 0.9);
    EXPECT_EQ(result.total.reads, 4000u);
    EXPECT_EQ(result.total.hits, result.rows.hits);
    EXPECT_EQ(result.total.misses, result.rows.misses);
    EXPECT_EQ(result.total.conflicts, result.rows.conflicts);
}

TEST(Replay, AnOverloadedDramHoldsUpWhatFollows) {
    // A request every nanosecond is more than the channel can do: the latency of the last is most of the run.
    std::string trace;
    for (unsigned i = 0; i < 2000; ++i)
        trace += std::to_string(i) + " R " + std::to_string(i * 64) + " 64\n";
    const Result result = play(test::dram_standard("ddr4-2400"), trace);
    EXPECT_GT(result.reads.max(), 4'000'000u);
    EXPECT_LT(result.reads.quantile(0.01), 200'000u);
}

TEST(Replay, AGapOfManySecondsTakesNoTime) {
    for (const char* refresh : {"all_bank", "per_bank"}) {
        const auto dram = test::dram_standard("hbm2-2000", {std::string("chip.dram.refresh=") + refresh});
        const Result result = play(dram, "0 R 0 64\n900000000000 R 0 64\n");
        EXPECT_EQ(result.reads.count(), 2u);
        EXPECT_GT(result.rows.refreshes, 1'000'000u);
    }
}

TEST(Replay, TheReportShowsRowsLatenciesAndWindows) {
    const Result result = play(test::dram_standard("ddr4-2400"), "0 R 0 64\n1000 W 64 64\n2000 R 0x20000 64\n");
    const std::string text = as_text(result, {});
    for (const char* part : {"2 reads", "1 writes", "hits", "conflicts", "p50", "p99.9", "max", "every", "bandwidth"})
        EXPECT_THAT(text, HasSubstr(part));
    const auto json = nlohmann::json::parse(as_json(result, {}));
    EXPECT_EQ(json.at("schema"), "gradus.replay/1");
    EXPECT_EQ(json.at("read_latency").at("count"), 2);
    EXPECT_EQ(json.at("windows").size(), result.windows.size());
}

} // namespace
} // namespace gradus::replay::dram_replay_test
