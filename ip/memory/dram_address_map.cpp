// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram_address_map.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace gradus::ip {

namespace {

constexpr std::array<const char*, 6> names{"row", "bank", "group", "pseudo", "channel", "column"};

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> all(1);
    for (const char each : text) {
        if (each == ',')
            all.emplace_back();
        else if (each != ' ')
            all.back() += each;
    }
    return all;
}

unsigned log2(std::uint64_t power) {
    unsigned exponent = 0;
    while (power >>= 1)
        ++exponent;
    return exponent;
}

} // namespace

DramAddressMap::DramAddressMap(const DramParameters& parameters)
    : groups_(parameters.organisation.groups), banks_(parameters.organisation.banks), bank_bits_(log2(banks_)),
      hash_(parameters.bank_hash), channels_(parameters.channels),
      pseudo_channels_(parameters.organisation.pseudo_channels),
      channel_hash_(parameters.channel_hash && channels_ * pseudo_channels_ > 1) {
    parse(parameters, pieces_);
    std::reverse(pieces_.begin(), pieces_.end());
    for (Piece& piece : pieces_) {
        piece.power_of_two = (piece.size & (piece.size - 1)) == 0;
        piece.shift = log2(piece.size);
    }
    std::uint64_t bursts = 1;
    for (const Piece& piece : pieces_) {
        bursts *= piece.size;
        if (piece.part == channel || piece.part == pseudo) below_ = bursts;
    }
    unsigned bits = 0;
    for (const Piece& piece : pieces_) {
        if (!piece.power_of_two) return;
        bits += piece.shift;
    }
    std::vector<Digit> digits(bits / digit_bits + 1);
    for (std::size_t i = 0; i < digits.size(); ++i)
        for (std::uint64_t value = 0; value < digits[i].size(); ++value)
            digits[i][value] = divided(value << (i * digit_bits));
    digits_ = std::move(digits);
}

std::uint64_t DramAddressMap::folded_above_channels(std::uint64_t burst) const {
    const unsigned width = log2(std::uint64_t{channels_} * pseudo_channels_);
    std::uint64_t folded = 0;
    for (std::uint64_t above = burst / below_; above; above >>= width)
        folded ^= above;
    return folded;
}

DramPlace DramAddressMap::divided(std::uint64_t burst) const {
    const std::uint64_t folded = channel_hash_ ? folded_above_channels(burst) : 0;
    std::array<std::uint64_t, part_count> values{};
    for (const Piece& piece : pieces_) {
        if (piece.power_of_two) {
            values[piece.part] += (burst & (piece.size - 1)) * piece.weight;
            burst >>= piece.shift;
        } else {
            values[piece.part] += burst % piece.size * piece.weight;
            burst /= piece.size;
        }
    }
    if (hash_) {
        values[bank] ^= values[row] & (banks_ - 1);
        values[group] ^= (values[row] >> bank_bits_) & (groups_ - 1);
    }
    values[pseudo] ^= folded & (pseudo_channels_ - 1);
    values[channel] ^= folded / pseudo_channels_ & (channels_ - 1);
    const std::uint64_t flat_bank = (values[pseudo] * groups_ + values[group]) * banks_ + values[bank];
    return {static_cast<unsigned>(values[channel]), static_cast<unsigned>(flat_bank),
            static_cast<std::uint32_t>(values[row]), static_cast<std::uint32_t>(values[column])};
}

std::string DramAddressMap::error(const DramParameters& parameters) {
    std::vector<Piece> pieces;
    return parse(parameters, pieces);
}

std::uint64_t DramAddressMap::size_of(Part part, const DramParameters& parameters) {
    const DramOrganisation& organisation = parameters.organisation;
    switch (part) {
    case row:
        return dram_rows(parameters);
    case bank:
        return organisation.banks;
    case group:
        return organisation.groups;
    case pseudo:
        return organisation.pseudo_channels;
    case channel:
        return parameters.channels;
    default:
        return organisation.row_bytes / organisation.burst_bytes;
    }
}

std::string DramAddressMap::parse(const DramParameters& parameters, std::vector<Piece>& pieces) {
    std::array<unsigned, part_count> count{};
    for (const std::string& word : words(parameters.mapping)) {
        Piece piece;
        if (std::string error = parse_piece(word, piece); !error.empty()) return error;
        if (++count[piece.part] > 1 && piece.part != column) return std::string(names[piece.part]) + " occurs twice";
        if (piece.part != column) piece.size = size_of(piece.part, parameters);
        pieces.push_back(piece);
    }
    for (unsigned part = 0; part < part_count; ++part) {
        const std::uint64_t size = size_of(static_cast<Part>(part), parameters);
        if (count[part] == 0 && size > 1)
            return std::string(names[part]) + " is missing, of which there are " + std::to_string(size);
    }
    return count[column] ? divide_columns(pieces, size_of(column, parameters)) : "";
}

std::string DramAddressMap::parse_piece(const std::string& word, Piece& piece) {
    const std::size_t colon = word.find(':');
    const std::string name = word.substr(0, colon);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return "'" + word.substr(0, 20) + "' is no part of an address: row, bank, group, pseudo, channel or column";
    piece.part = static_cast<Part>(found - names.begin());
    if (colon == std::string::npos) return "";
    if (piece.part != column) return "only column is divided by a number of bursts";
    const std::string digits = word.substr(colon + 1);
    if (!digits.empty() && digits.size() < 7 && digits.find_first_not_of("0123456789") == std::string::npos)
        piece.size = std::strtoull(digits.c_str(), nullptr, 10);
    return piece.size > 0 ? "" : "'" + word.substr(0, 20) + "' does not say how many bursts it holds, such as column:4";
}

std::string DramAddressMap::divide_columns(std::vector<Piece>& pieces, std::uint64_t columns) {
    std::uint64_t given = 1;
    Piece* rest = nullptr;
    for (Piece& piece : pieces) {
        if (piece.part != column) continue;
        if (piece.size == 0 && rest) return "column occurs twice without a number of bursts";
        if (piece.size == 0)
            rest = &piece;
        else if ((given *= piece.size) > columns)
            break;
    }
    if (rest && given <= columns) rest->size = columns / given;
    if (given * (rest ? rest->size : 1) != columns)
        return "its columns do not make up the " + std::to_string(columns) + " bursts of a row";
    std::uint64_t weight = 1;
    for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
        if (piece->part != column) continue;
        piece->weight = weight;
        weight *= piece->size;
    }
    return "";
}

} // namespace gradus::ip
