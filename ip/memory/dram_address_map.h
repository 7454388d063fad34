// SPDX-License-Identifier: Apache-2.0
// Which channel, bank, row and column an address of the DRAM belongs to.
//
// The mapping is a text that names the parts of an address from the most significant to the least, such as
// "row,bank,column,channel,group,column:4". Parts are row, bank, group, pseudo, channel and column; below them lie the
// bytes of a burst. A part that counts more than one thing must occur once. The columns of a row, in bursts, may be
// divided: every piece but one says how many bursts it holds, so that above "column:4" something changes every four
// bursts. Sizes follow from the organisation, and the number of rows from the capacity.
//
// With `bank_hash`, bank and group are exclusive-ored with the lowest bits of the row: streams whose distance is a
// power of two, which would meet in one bank, then mostly do not (Zhang, Zhu and Zhang: A permutation-based page
// interleaving scheme, MICRO 2000).
//
// With `channel_hash`, channel and pseudo channel are exclusive-ored with all bits of the address above them, folded to
// their width: the rows of a tile, a power of two apart, then lie in all channels instead of one. Every controller of
// several channels does something of the kind; the functions are seldom published (Pessl et al.: DRAMA, USENIX Security
// 2016, found such sums of many bits in all they looked at). Both numbers must be powers of two.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ip/memory/dram_parameters.h"

namespace gradus::ip {

struct DramPlace {
    unsigned channel = 0;
    unsigned bank = 0; ///< within the channel, numbered through over pseudo channels and groups
    std::uint32_t row = 0;
    std::uint32_t column = 0; ///< in bursts
};

class DramAddressMap {
public:
    /// The parameters must have passed find_misfit().
    explicit DramAddressMap(const DramParameters& parameters);

    /// `burst`: address divided by the bytes of a burst.
    DramPlace operator()(std::uint64_t burst) const {
        if (digits_.empty()) return divided(burst);
        DramPlace place;
        for (const Digit& digit : digits_) {
            const DramPlace& part = digit[burst % digit.size()];
            burst >>= digit_bits;
            place.channel ^= part.channel;
            place.bank ^= part.bank;
            place.row ^= part.row;
            place.column ^= part.column;
        }
        return place;
    }

    /// Calls `action` with the places of the bursts from `first` to `last`.
    template <class Action>
    void for_each(std::uint64_t first, std::uint64_t last, Action&& action) const {
        constexpr std::uint64_t low = (1u << digit_bits) - 1;
        DramPlace above;
        for (std::uint64_t burst = first; burst <= last; ++burst) {
            if (digits_.empty()) {
                action(divided(burst));
                continue;
            }
            if (burst == first || (burst & low) == 0) above = (*this)(burst & ~low);
            const DramPlace& part = digits_.front()[burst & low];
            action(DramPlace{above.channel ^ part.channel, above.bank ^ part.bank, above.row ^ part.row,
                             above.column ^ part.column});
        }
    }

    /// What is wrong with the mapping of these parameters; empty: nothing.
    static std::string error(const DramParameters& parameters);

private:
    enum Part : unsigned { row, bank, group, pseudo, channel, column, part_count };
    struct Piece {
        Part part = row;
        std::uint64_t size = 0;   ///< values it takes; 0 while it is not known
        std::uint64_t weight = 1; ///< of these values in the part
        bool power_of_two = false;
        unsigned shift = 0;
    };

    static constexpr unsigned digit_bits = 8;
    using Digit = std::array<DramPlace, 1u << digit_bits>;

    DramPlace divided(std::uint64_t burst) const;

    static std::uint64_t size_of(Part part, const DramParameters& parameters);
    static std::string parse(const DramParameters& parameters, std::vector<Piece>& pieces);
    std::uint64_t folded_above_channels(std::uint64_t burst) const;
    static std::string parse_piece(const std::string& word, Piece& piece);
    static std::string divide_columns(std::vector<Piece>& pieces, std::uint64_t columns);

    std::vector<Piece> pieces_; ///< from the least significant
    /// If all pieces are powers of two, every bit of the address flips bits of its own, with hashes or without: by
    /// digits of eight bits, from the least significant.
    std::vector<Digit> digits_;
    const unsigned groups_;
    const unsigned banks_;
    const unsigned bank_bits_;
    const bool hash_;
    const unsigned channels_, pseudo_channels_;
    const bool channel_hash_;
    std::uint64_t below_ = 1; ///< bursts up to the highest of channel and pseudo channel
};

} // namespace gradus::ip
