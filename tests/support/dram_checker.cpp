// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dram_checker.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>

namespace gradus::test {

namespace {

using ip::Cycles;
using ip::DramCommand;
using Kind = ip::DramCommand::Kind;

enum Command : unsigned { act, act2, rd, wr, pre, pre_all, ref, ref_bank, command_count };
constexpr std::array<const char*, command_count> names{"ACT", "ACT-2", "RD", "WR", "PRE", "PREA", "REF", "REFB"};

enum class Level { bank, group, pseudo };

struct Rule {
    const char* name;
    Level level;
    Command previous;
    Command next;
    Cycles time; ///< as the standards count: from the last slot of `previous` to the last slot of `next`
};

std::vector<Rule> rules_of(const ip::DramTiming& t) {
    const Cycles written = t.wl + t.burst;
    return {
        {"tRCD", Level::bank, act, rd, t.rcd_read},
        {"tRCD", Level::bank, act, wr, t.rcd_write},
        {"tRAS", Level::bank, act, pre, t.ras},
        {"tRAS", Level::bank, act, pre_all, t.ras},
        {"tRC", Level::bank, act, act, t.rc},
        {"tRC", Level::bank, act, ref, t.rc},
        {"tRC", Level::bank, act, ref_bank, t.rc},
        {"tRTP", Level::bank, rd, pre, t.rtp},
        {"tRTP", Level::bank, rd, pre_all, t.rtp},
        {"tWR", Level::bank, wr, pre, written + t.wr},
        {"tWR", Level::bank, wr, pre_all, written + t.wr},
        {"tRP", Level::bank, pre, act, t.rp},
        {"tRP", Level::bank, pre, ref, t.rp},
        {"tRP", Level::bank, pre, ref_bank, t.rp},
        {"tRPab", Level::bank, pre_all, act, t.rp_all},
        {"tRPab", Level::bank, pre_all, ref, t.rp_all},
        {"tRFC", Level::bank, ref, act, t.rfc},
        {"tRFC", Level::bank, ref, ref, t.rfc},
        {"tRFCpb", Level::bank, ref_bank, act, t.rfc_bank},
        {"tRFCpb", Level::bank, ref_bank, ref_bank, t.rfc_bank},
        {"tRRD_L", Level::group, act, act, t.rrd_l},
        {"tCCD_L", Level::group, rd, rd, t.ccd_l},
        {"tCCD_L_WR", Level::group, wr, wr, t.ccd_l_write},
        {"tWTR_L", Level::group, wr, rd, written + t.wtr_l},
        {"tRRD_S", Level::pseudo, act, act, t.rrd_s},
        {"tRRD_S", Level::pseudo, act, ref_bank, t.rrd_s},
        {"tRRD_S", Level::pseudo, ref_bank, act, t.rrd_s},
        {"tCCD_S", Level::pseudo, rd, rd, t.ccd_s},
        {"tCCD_S", Level::pseudo, wr, wr, t.ccd_s},
        {"tRTW", Level::pseudo, rd, wr, t.rtw},
        {"tWTR_S", Level::pseudo, wr, rd, written + t.wtr_s},
    };
}

class Checker {
public:
    explicit Checker(const ip::DramParameters& parameters)
        : parameters_(parameters), timing_(parameters.timing), organisation_(parameters.organisation),
          rules_(rules_of(timing_)), banks_(organisation_.banks_per_channel()),
          groups_(organisation_.pseudo_channels * organisation_.groups), pseudos_(organisation_.pseudo_channels) {}

    std::vector<std::string> check(std::vector<DramCommand> log, Cycles end) {
        // A precharge that closes a row by itself is logged when it is decided.
        std::stable_sort(log.begin(), log.end(),
                         [](const DramCommand& a, const DramCommand& b) { return a.at < b.at; });
        for (const DramCommand& command : log)
            next(command);
        for (const Pseudo& pseudo : pseudos_)
            if (const auto due = refresh_due(pseudo); due && *due + timing_.refi < end)
                complain("refresh " + std::to_string(pseudo.refreshes) + " is missing", end);
        return broken_;
    }

private:
    /// The last command of each kind in a bank, a group, a pseudo channel.
    using Last = std::array<std::optional<Cycles>, command_count>;
    struct Bank {
        Last last;
        std::optional<std::uint32_t> row;
        std::optional<Cycles> first_half; ///< of an ACT whose second has not come
        std::uint64_t refreshes = 0;
    };
    struct Pseudo {
        Last last;
        std::deque<Cycles> activates;
        Cycles data_end = 0;
        Cycles clock_until = 0;
        std::uint64_t refreshes = 0;
    };

    unsigned group_of(unsigned bank) const { return bank / organisation_.banks; }
    unsigned pseudo_of(unsigned bank) const { return group_of(bank) / organisation_.groups; }

    Command command_of(const DramCommand& command) const {
        const bool all = parameters_.policy.refresh == ip::DramRefresh::all_bank;
        switch (command.kind) {
        case Kind::activate:
            return act;
        case Kind::activate_second:
            return act2;
        case Kind::read:
            return rd;
        case Kind::write:
            return wr;
        case Kind::precharge: // of several banks at once: before a refresh
            return all && (command.banks & (command.banks - 1)) ? pre_all : pre;
        default:
            return all ? ref : ref_bank;
        }
    }

    Cycles slots(Command command) const {
        if (command == act || command == act2) return timing_.act_slots;
        return command == rd || command == wr ? timing_.column_slots : timing_.precharge_slots;
    }

    void complain(const std::string& what, Cycles at) { broken_.push_back(what + " at " + std::to_string(at)); }

    void next(const DramCommand& logged) {
        const Command command = command_of(logged);
        check_bus(logged, command);
        std::vector<unsigned> banks;
        for (unsigned bank = 0; bank < banks_.size(); ++bank)
            if (logged.banks >> bank & 1) banks.push_back(bank);
        if (banks.empty()) return complain(std::string(names[command]) + " for no bank", logged.at);
        for (const unsigned bank : banks) {
            check_rules(command, bank, logged.at);
            check_state(logged, command, bank);
        }
        Pseudo& pseudo = pseudos_[pseudo_of(banks.front())];
        if (command == act) check_window(pseudo, logged.at);
        if (command == rd || command == wr) check_data(pseudo, command, logged.at);
        if (command == ref || command == ref_bank) check_refresh(pseudo, banks, logged.at);
        for (const unsigned bank : banks)
            for (Last* last : {&banks_[bank].last, &groups_[group_of(bank)], &pseudos_[pseudo_of(bank)].last})
                (*last)[command] = logged.at;
    }

    void check_rules(Command command, unsigned bank, Cycles at) {
        for (const Rule& rule : rules_) {
            if (rule.next != command) continue;
            const Last& last = rule.level == Level::bank    ? banks_[bank].last
                               : rule.level == Level::group ? groups_[group_of(bank)]
                                                            : pseudos_[pseudo_of(bank)].last;
            if (!last[rule.previous]) continue;
            if (at + slots(command) < *last[rule.previous] + slots(rule.previous) + rule.time)
                complain(std::string(rule.name) + " from " + names[rule.previous] + " to " + names[command] +
                             " of bank " + std::to_string(bank),
                         at);
        }
    }

    void check_window(Pseudo& pseudo, Cycles at) {
        pseudo.activates.push_back(at);
        if (pseudo.activates.size() <= 4) return;
        if (at < pseudo.activates.front() + timing_.faw) complain("tFAW: a fifth ACT", at);
        pseudo.activates.pop_front();
    }

    void check_state(const DramCommand& logged, Command command, unsigned number) {
        Bank& bank = banks_[number];
        const std::string of = std::string(names[command]) + " of bank " + std::to_string(number);
        switch (command) {
        case act:
            if (bank.row) complain(of + " with a row open", logged.at);
            for (const Bank& other : banks_)
                if (other.first_half) complain(of + " between the halves of another", logged.at);
            bank.row = logged.row;
            if (timing_.aad > 0) bank.first_half = logged.at;
            return;
        case act2:
            if (!bank.first_half || bank.row != logged.row)
                complain(of + " without a first half", logged.at);
            else if (logged.at > *bank.first_half + timing_.aad)
                complain("tAAD: " + of, logged.at);
            bank.first_half.reset();
            return;
        case rd:
        case wr:
            if (!bank.row || bank.first_half)
                complain(of + " without an open row", logged.at);
            else if (*bank.row != logged.row)
                complain(of + " in another row than the open one", logged.at);
            return;
        case pre:
        case pre_all:
            if (!bank.row || bank.first_half) complain(of + " without an open row", logged.at);
            bank.row.reset();
            return;
        default:
            if (bank.row) complain(of + " with a row open", logged.at);
            ++bank.refreshes;
        }
    }

    void check_bus(const DramCommand& logged, Command command) {
        if (logged.automatic) return;
        const bool column = command == rd || command == wr;
        Cycles& free = bus_free_[column && organisation_.column_bus];
        Cycles first = logged.at;
        if (column) { // the data clock is started again in the slots before
            for (unsigned bank = 0; bank < banks_.size(); ++bank)
                if ((logged.banks >> bank & 1) && first >= pseudos_[pseudo_of(bank)].clock_until)
                    first = logged.at - std::min(logged.at, timing_.sync_slots);
        }
        if (first < free) complain(std::string(names[command]) + " on a taken command bus", logged.at);
        free = logged.at + slots(command);
    }

    void check_data(Pseudo& pseudo, Command command, Cycles at) {
        const Cycles begin = at + slots(command) - 1 + (command == rd ? timing_.rl : timing_.wl);
        if (begin < pseudo.data_end) complain(std::string(names[command]) + " whose data meet others", at);
        pseudo.data_end = begin + timing_.burst;
        pseudo.clock_until = std::max(pseudo.clock_until, pseudo.data_end + timing_.clock_hold);
    }

    std::optional<Cycles> refresh_due(const Pseudo& pseudo) const {
        const unsigned each = ip::dram_refreshes(organisation_, parameters_.policy.refresh);
        if (each == 0) return std::nullopt;
        return (pseudo.refreshes + 1) * timing_.refi / each;
    }

    /// In time, of the right number of banks, and everyone in turn.
    void check_refresh(Pseudo& pseudo, const std::vector<unsigned>& banks, Cycles at) {
        const auto due = refresh_due(pseudo);
        if (!due) return complain("a refresh although there is none", at);
        if (at < *due) complain("refresh " + std::to_string(pseudo.refreshes) + " is early", at);
        if (at > *due + timing_.refi) complain("refresh " + std::to_string(pseudo.refreshes) + " is late", at);
        ++pseudo.refreshes;
        const unsigned own = organisation_.groups * organisation_.banks;
        const unsigned each = ip::dram_refreshes(organisation_, parameters_.policy.refresh);
        if (banks.size() != own / each) complain("a refresh of " + std::to_string(banks.size()) + " banks", at);
        const unsigned first = pseudo_of(banks.front()) * own;
        std::uint64_t least = ~std::uint64_t{0}, most = 0;
        for (unsigned bank = first; bank < first + own; ++bank) {
            least = std::min(least, banks_[bank].refreshes);
            most = std::max(most, banks_[bank].refreshes);
        }
        if (most > least + 1) complain("a refresh out of turn", at);
    }

    const ip::DramParameters parameters_;
    const ip::DramTiming& timing_;
    const ip::DramOrganisation& organisation_;
    const std::vector<Rule> rules_;
    std::vector<Bank> banks_;
    std::vector<Last> groups_;
    std::vector<Pseudo> pseudos_;
    std::array<Cycles, 2> bus_free_{}; ///< row commands, or all; column commands
    std::vector<std::string> broken_;
};

} // namespace

std::vector<std::string> broken_dram_rules(const ip::DramParameters& parameters, std::vector<DramCommand> log,
                                           Cycles end) {
    return Checker(parameters).check(std::move(log), end);
}

} // namespace gradus::test
