// SPDX-License-Identifier: Apache-2.0
// links: gradus_replay_player
// Traces of memory requests, as `gradus replay` reads and plays them: requests lie in the DRAM and in order, written
// out again they read the same, and none is lost on its way through the controller.
#include <sstream>
#include <vector>

#include "platform/replay/player.h"
#include "platform/replay/trace_reader.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;
using replay::TraceRequest;

constexpr std::size_t most_requests = 2000;
constexpr std::size_t most_played = 100;

std::vector<TraceRequest> read(const std::string& text, const replay::TraceSettings& settings) {
    std::istringstream in(text);
    replay::TraceReader reader(in, "input", settings);
    std::vector<TraceRequest> requests;
    while (const auto request = reader.next()) {
        if (requests.size() == most_requests) break;
        requests.push_back(*request);
    }
    return requests;
}

void claim_request(const TraceRequest& request, const TraceRequest* previous, ip::Bytes capacity) {
    claim(request.bytes >= 1 && request.bytes <= replay::TraceReader::most_bytes, "a request moves something");
    claim(request.address < capacity && request.bytes <= capacity - request.address, "a request lies in the DRAM");
    if (!previous) return;
    claim(request.at.has_value() == previous->at.has_value(), "all requests have a time or none");
    claim(!request.at || *request.at >= *previous->at, "requests are in order");
}

std::string written(const std::vector<TraceRequest>& requests) {
    std::string text;
    for (const TraceRequest& request : requests) {
        char line[128];
        if (request.at)
            std::snprintf(line, sizeof line, "%llu.%03llu ", static_cast<unsigned long long>(*request.at / 1000),
                          static_cast<unsigned long long>(*request.at % 1000));
        else
            line[0] = '\0';
        text += line;
        std::snprintf(line, sizeof line, "%c 0x%llx %llu\n", request.write ? 'W' : 'R',
                      static_cast<unsigned long long>(request.address), static_cast<unsigned long long>(request.bytes));
        text += line;
    }
    return text;
}

void play(const std::vector<TraceRequest>& requests, const ip::DramParameters& dram,
          std::optional<ip::Picoseconds> window) {
    replay::Player player(dram, window);
    replay::Window total;
    for (std::size_t i = 0; i < std::min(requests.size(), most_played); ++i) {
        player.play(requests[i]);
        (requests[i].write ? total.writes : total.reads) += 1;
        (requests[i].write ? total.bytes_written : total.bytes_read) += requests[i].bytes;
    }
    const replay::Result result = player.finish();
    claim(result.total.reads == total.reads && result.total.writes == total.writes, "every request is answered");
    claim(result.total.bytes_read == total.bytes_read && result.total.bytes_written == total.bytes_written,
          "every byte is accounted for");
    replay::Window sum;
    for (const replay::Window& each : result.windows)
        sum.add(each);
    claim(sum.reads == total.reads && sum.bytes_written == total.bytes_written && sum.hits == result.total.hits,
          "windows add up");
    claim(result.reads.count() == total.reads && result.writes.count() == total.writes, "every latency is counted");
    claim(result.reads.quantile(0.5) <= result.reads.quantile(1) && result.time >= result.reads.max(),
          "no request takes longer than the trace");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ip::DramParameters dram;
    replay::TraceSettings settings;
    settings.capacity = dram.bytes;
    settings.aligned_to = 64;
    settings.wrap = data[0] & 8;
    if (const unsigned choice = data[0] & 7) settings.format = replay::trace_formats().at(choice - 1).format;
    const std::string text(fuzz::text_of(data + 1, size - 1));
    const auto requests = fuzz::read_or_refuse<replay::TraceError>([&] { return read(text, settings); });
    if (!requests || requests->empty()) return 0;
    for (std::size_t i = 0; i < requests->size(); ++i)
        claim_request((*requests)[i], i ? &(*requests)[i - 1] : nullptr, dram.bytes);
    settings.format = replay::TraceFormat::gradus;
    const std::vector<TraceRequest> again = read(written(*requests), settings);
    claim(again.size() == requests->size(), "a trace can be written out");
    for (std::size_t i = 0; i < again.size(); ++i)
        claim(again[i].at == (*requests)[i].at && again[i].write == (*requests)[i].write &&
                  again[i].address == (*requests)[i].address && again[i].bytes == (*requests)[i].bytes,
              "a trace that was written out reads the same");
    play(*requests, dram, std::nullopt);
    fuzz::read_or_refuse<replay::WindowError>([&] {
        play(*requests, dram, 1'000'000);
        return true;
    });
    return 0;
}
