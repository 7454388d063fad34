// SPDX-License-Identifier: Apache-2.0
// DramAddressMap: tells to which channel, bank, row and column of the DRAM an address belongs.
//
// A text describes the mapping. It names the parts of an address from the most significant to the least, for example
// "row,bank,column,channel,group,column:4". The parts are row, bank, group, pseudo, channel and column. The bytes of a
// burst lie below all of them. A part must be named once if the memory has more than one of the thing, and must not be
// named twice. The column is the exception: it may be cut into pieces. Every piece but one then says how many bursts it
// holds. "column:4" holds four bursts, so the part above it changes every four bursts. The sizes of the parts follow
// from the organisation, and the number of rows follows from the capacity.
//
// Example: a row of 128 bursts, 2 channels, 8 banks, mapping "row,bank,column,channel,column:4". Burst 13 of the
// memory: column:4 takes 13 mod 4 = 1 and leaves 13 / 4 = 3. The channel takes 3 mod 2 = 1 and leaves 3 / 2 = 1. The
// upper part of the column takes this 1, and nothing is left. So burst 13 lies in channel 1, bank 0, row 0,
// column 5 (1 * 4 + 1).
//
// With `bank_hash`, bank and group are exclusive-ored with the lowest bits of the row. Without it, streams whose
// distance is a power of two meet in one bank. With it they mostly do not. Source: Zhang, Zhu and Zhang, A
// permutation-based page interleaving scheme, MICRO 2000.
//
// With `channel_hash`, channel and pseudo channel are exclusive-ored with all bits of the address above them. These
// bits are first folded to the width of the two numbers. The rows of a tile are a power of two apart; without the hash
// they all lie in one channel, with it they spread over all channels. Every controller of several channels does
// something of the kind, but vendors seldom publish their functions. (Pessl et al., DRAMA, USENIX Security 2016, found
// such sums of many bits in all controllers they looked at.) The numbers of channels and of pseudo channels must be
// powers of two.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ip/memory/dram_parameters.h"

namespace gradus::ip {

struct DramPlace {
    unsigned channel = 0;
    unsigned bank = 0; ///< in the channel: (pseudo * groups + group) * banks + bank
    std::uint32_t row = 0;
    std::uint32_t column = 0; ///< in bursts
};

class DramAddressMap {
public:
    /// The parameters must have passed find_misfit().
    explicit DramAddressMap(const DramParameters& parameters);

    /// Returns the place of a burst. `burst` is an address divided by the bytes of a burst.
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

    /// Calls `action` with the place of each burst from `first` to `last`, in this order.
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

    /// Says what is wrong with the mapping of these parameters. An empty text means: nothing.
    static std::string error(const DramParameters& parameters);

private:
    enum Part : unsigned { row, bank, group, pseudo, channel, column, part_count };
    struct Piece {
        Part part = row;
        std::uint64_t size = 0;   ///< how many values it takes; 0 while that is not known
        std::uint64_t weight = 1; ///< what a step of its value adds to the part
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

    std::vector<Piece> pieces_; ///< the least significant first
    /// A table of places for each eight bits of the address, the least significant first. It is empty unless all pieces
    /// are powers of two. If they are, every bit of the address flips bits of its own in the place, with hashes or
    /// without. The place is then the exclusive or of one entry of each table.
    std::vector<Digit> digits_;
    const unsigned groups_;
    const unsigned banks_;
    const unsigned bank_bits_;
    const bool hash_;
    const unsigned channels_, pseudo_channels_;
    const bool channel_hash_;
    std::uint64_t below_ = 1; ///< product of the sizes of all pieces up to the channel's and pseudo channel's
};

} // namespace gradus::ip
