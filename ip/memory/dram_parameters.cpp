// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram_parameters.h"

#include <algorithm>

#include "ip/memory/dram_address_map.h"

namespace gradus::ip {

namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }
bool power_of_two(std::uint64_t value) { return (value & (value - 1)) == 0; }

std::optional<DramMisfit> find_misfit(const DramOrganisation& organisation) {
    constexpr unsigned most_banks = 64; // one bit each
    if (organisation.row_bytes < organisation.burst_bytes)
        return DramMisfit{"organisation.row_bytes",
                          "is less than a burst, organisation.burst_bytes = " + number(organisation.burst_bytes)};
    if (std::uint64_t{organisation.pseudo_channels} * organisation.groups * organisation.banks > most_banks)
        return DramMisfit{"organisation.banks", "times organisation.groups times organisation.pseudo_channels is more "
                                                "than the " +
                                                    number(most_banks) + " banks that a channel can have"};
    return std::nullopt;
}

std::optional<DramMisfit> find_misfit(const DramTiming& timing) {
    if (timing.ccd_s < timing.burst)
        return DramMisfit{"timing.ccd_s", "is less than timing.burst = " + number(timing.burst) +
                                              ": two bursts would meet on the data bus"};
    if (timing.ccd_l < timing.ccd_s)
        return DramMisfit{"timing.ccd_l", "is less than timing.ccd_s = " + number(timing.ccd_s)};
    if (timing.ccd_l_write < timing.ccd_s)
        return DramMisfit{"timing.ccd_l_write", "is less than timing.ccd_s = " + number(timing.ccd_s)};
    if (timing.rrd_l < timing.rrd_s)
        return DramMisfit{"timing.rrd_l", "is less than timing.rrd_s = " + number(timing.rrd_s)};
    const Cycles others = std::max(timing.column_slots + timing.sync_slots, timing.precharge_slots);
    if (timing.aad > 0 && timing.aad < timing.act_slots + others)
        return DramMisfit{"timing.aad", "leaves no slot for the second half of ACT: it must be 0 or at least " +
                                            number(timing.act_slots + others)};
    return std::nullopt;
}

// Between two refreshes a row must be of some use, or a request might never be served.
std::optional<DramMisfit> find_misfit_of_refresh(const DramParameters& parameters) {
    const DramTiming& timing = parameters.timing;
    const DramRefresh refresh = parameters.policy.refresh;
    if (refresh == DramRefresh::off) return std::nullopt;
    const Cycles use = timing.rcd_read + timing.rcd_write + timing.wl + timing.burst + timing.wr + timing.rp_all +
                       timing.rc + timing.rtw + timing.wtr_l;
    const Cycles blocked = (refresh == DramRefresh::all_bank ? timing.rfc : timing.rfc_bank) + use;
    const Cycles needed = std::max(blocked, use * dram_refreshes(parameters.organisation, refresh));
    if (timing.refi > needed) return std::nullopt;
    return DramMisfit{"timing.refi",
                      "must exceed " + number(needed) + ": between two refreshes there is no time to use a row" +
                          (refresh == DramRefresh::per_bank ? "; refresh per bank does not suit this memory" : "")};
}

std::optional<DramMisfit> find_misfit(const DramPolicy& policy) {
    if (policy.write_high >= policy.write_queue)
        return DramMisfit{"write_high",
                          "is never exceeded by the writes in a queue of write_queue = " + number(policy.write_queue)};
    if (policy.write_low > policy.write_high)
        return DramMisfit{"write_low", "is more than write_high = " + number(policy.write_high)};
    return std::nullopt;
}

std::optional<DramMisfit> find_misfit_of_capacity(const DramParameters& parameters) {
    const Bytes stripe = dram_row_stripe(parameters);
    if (parameters.bytes % stripe != 0)
        return DramMisfit{"bytes", "is not a multiple of one row in every bank, " + number(stripe) + " bytes"};
    if (dram_rows(parameters) > (std::uint64_t{1} << 31))
        return DramMisfit{"bytes", "makes more than 2^31 rows in a bank"};
    return std::nullopt;
}

} // namespace

unsigned dram_refreshes(const DramOrganisation& organisation, DramRefresh refresh) {
    switch (refresh) {
    case DramRefresh::per_bank:
        return organisation.groups * organisation.banks;
    case DramRefresh::same_bank:
        return organisation.banks;
    case DramRefresh::off:
        return 0;
    default:
        return 1;
    }
}

Bytes dram_row_stripe(const DramParameters& parameters) {
    return parameters.organisation.row_bytes * parameters.organisation.banks_per_channel() * parameters.channels;
}

std::uint64_t dram_rows(const DramParameters& parameters) { return parameters.bytes / dram_row_stripe(parameters); }

std::optional<DramMisfit> find_misfit(const DramParameters& parameters) {
    if (auto misfit = find_misfit(parameters.organisation)) return misfit;
    if (auto misfit = find_misfit(parameters.timing)) return misfit;
    if (auto misfit = find_misfit_of_refresh(parameters)) return misfit;
    if (auto misfit = find_misfit(parameters.policy)) return misfit;
    if (auto misfit = find_misfit_of_capacity(parameters)) return misfit;
    if (parameters.channel_hash && !power_of_two(parameters.channels * parameters.organisation.pseudo_channels))
        return DramMisfit{"channel_hash", "needs a power of two of channels and pseudo channels"};
    const std::string error = DramAddressMap::error(parameters);
    if (!error.empty()) return DramMisfit{"mapping", "does not fit: " + error};
    return std::nullopt;
}

double peak_bandwidth(const DramParameters& parameters) {
    const double bursts_per_second = 1e12 / static_cast<double>(parameters.timing.burst * parameters.timing.period);
    return parameters.channels * parameters.organisation.pseudo_channels * bursts_per_second *
           static_cast<double>(parameters.organisation.burst_bytes);
}

} // namespace gradus::ip
