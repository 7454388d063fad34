// SPDX-License-Identifier: Apache-2.0
#include "platform/report/summary.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "platform/report/analysis.h"
#include "platform/report/cost.h"
#include "platform/report/derive.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"
#include "platform/scenario/clocks.h"
#include "platform/scenario/texts.h"
#include "platform/schedule/recompute.h"
#include "platform/schedule/text_loss.h"

namespace gradus::report {

namespace {

constexpr std::size_t label = 9;
constexpr std::size_t share_width = 8; // "100.0 %"
constexpr std::size_t most_units = 8;
constexpr std::size_t most_kinds = 6;
constexpr std::size_t most_files = 7;

struct Style {
    static constexpr const char* bold_code = "1";
    static constexpr const char* alarm_code = "1;31";

    bool colour;
    std::string operator()(const char* code, const std::string& text) const {
        return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
    }
    std::string bold(const std::string& text) const { return (*this)(bold_code, text); }
    std::string dim(const std::string& text) const { return (*this)("2", text); }
    std::string busy(const std::string& text) const { return (*this)("32", text); }
    std::string stalled(const std::string& text) const { return (*this)("33", text); }
    std::string alarm(const std::string& text) const { return (*this)(alarm_code, text); }
};

class TextPage {
public:
    TextPage(Style style, std::size_t width) : style_(style), width_(std::min(width, usual_width)) {}

    std::size_t width() const { return width_; }
    bool narrow() const { return width_ < usual_width; }
    /// What is left of `usual` columns when `others` stand in the same line.
    std::size_t room(std::size_t usual, std::size_t others) const {
        return std::min(usual, width_ - std::min(width_, others));
    }

    void whole_line(const std::string& text) {
        std::size_t end = text.find_last_not_of(' ');
        text_ += text.substr(0, end == std::string::npos ? 0 : end + 1) + "\n";
    }
    void line(const std::string& text = {}) { whole_line(cut(text, width_)); }
    void heading(const std::string& text) { line(" " + style_.bold(text)); }
    /// A label and a text beside it, broken at blanks into at most `most` lines; where lines are short, into as many as
    /// it takes. `code` is its colour, none for null.
    void entry(const std::string& name, const std::string& text, std::size_t most, const char* code = nullptr) {
        const std::size_t width = width_ - label - 1;
        std::vector<std::string> parts = wrapped(text, width);
        if (parts.size() > most && !narrow()) {
            parts.resize(most);
            parts.back() = cut(parts.back() + " …", width);
        }
        for (std::size_t i = 0; i < parts.size() && !text.empty(); ++i)
            line(" " + style_.dim(left(i ? "" : name, label)) + (code ? style_(code, parts[i]) : parts[i]));
    }
    std::string text() && { return std::move(text_); }

private:
    Style style_;
    std::size_t width_;
    std::string text_;
};

std::string plural(std::uint64_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string check_text(const observe::CheckTotals& check) {
    std::string text = fmt::format("{} with {} elements as in double precision", plural(check.operators, "operator"),
                                   human_count(static_cast<double>(check.elements)));
    if (!check.worst_op.empty())
        text += fmt::format(", at worst {} of what rounding explains: {}, {}", human_percent(check.worst),
                            check.worst_op, check.worst_tensor);
    return text;
}

void header(TextPage& page, const Style& style, const observe::Result& result, const schedule::Schedule& schedule,
            const Analysis& analysis) {
    const scenario::ChipParameters& chip = result.scenario.chip;
    const scenario::ModelParameters& model = result.scenario.model;
    const scenario::RunParameters& run = result.scenario.run;
    page.line(" " + style.bold(left("Gradus", label)) +
              style.bold(plain(result.scenario.name, page.room(60, label + 1))));
    page.entry("chip",
               fmt::format("{}: {:.6g} MHz, {}x{} matrix, {}, {}, {} scratchpad", plain(chip.name, 20),
                           scenario::chip_clock(chip).hertz() / 1e6, chip.matrix.rows, chip.matrix.cols,
                           plural(chip.vector.lanes, "lane"), plural(chip.dma.channels, "DMA channel"),
                           human_capacity(chip.scratchpad.bytes)),
               2);
    page.entry("model",
               fmt::format("{}: {}, width {}, {}, context {}, {} parameters, {}{}", plain(model.name, 20),
                           plural(model.layers, "layer"), model.width, plural(model.heads, "head"), model.context,
                           human_count(static_cast<double>(result.parameter_count)),
                           model.format == scenario::Format::bf16 ? "bf16" : "fp32",
                           model.precision == scenario::Precision::mixed ? ", mixed precision" : ""),
               2);
    page.entry("run",
               fmt::format("{} of {} (batch {}{}), {}", plural(result.steps.size(), "step"),
                           plural(result.tokens_per_step, "token"), run.batch,
                           run.accumulate > 1 ? fmt::format(" x {}", run.accumulate) : "",
                           run.data == scenario::DataPlane::full ? "all numbers computed" : "timing only, no numbers"),
               2);
    page.entry("text", schedule::described(schedule.text), 2);
    if (result.check) page.entry("check", check_text(*result.check), 3);
    for (const std::string& warning : analysis.warnings)
        page.entry("warning", warning, 4, Style::alarm_code);
    if (result.exit_code)
        page.line(" " + style.alarm(fmt::format("the firmware ended with exit code {}", result.exit_code)));
}

/// "training 35.00 ms, generation 103.3 ms"
std::string parts_of_run(const observe::Result& result, const Analysis& analysis) {
    std::string text;
    if (!result.steps.empty()) text = "training " + human_time(analysis.training_time);
    for (const LevelAnalysis& phase : analysis.run.phases)
        if (phase.number == COMMAND_PHASE_GENERATE)
            text += (text.empty() ? "generation " : ", generation ") + human_time(phase.total.time);
    return text;
}

/// What all tables are of: "a step" or "the run".
const char* stretch(const Analysis& analysis) { return analysis.step ? "a step" : "the run"; }

void headline(TextPage& page, const observe::Result& result, const Analysis& analysis) {
    const auto figure = [&](const char* name, const std::string& value, const std::string& remark) {
        page.entry(name, left(value, std::max<std::size_t>(20, columns(value) + 2)) + remark, 1);
    };
    if (analysis.has_loss)
        figure("loss", fmt::format("{} → {}", human_loss(analysis.first_loss), human_loss(analysis.last_loss)),
               analysis.loss_window <= 1 ? ""
               : analysis.loss_window == result.steps.size()
                   ? fmt::format("first step, mean of all {}", analysis.loss_window)
                   : fmt::format("first step, mean of the last {}", analysis.loss_window));
    if (analysis.has_loss && !result.validations.empty())
        figure("unseen",
               result.validations.size() == 1 ? human_loss(analysis.last_validation)
                                              : fmt::format("{} → {}", human_loss(analysis.first_validation),
                                                            human_loss(analysis.last_validation)),
               fmt::format("loss after step {}; {} took {}", result.validations.back().step,
                           plural(result.validations.size(), "validation"), human_time(analysis.validation_time)));
    if (const auto& step = analysis.steady) {
        figure("a step", human_time(step->time), fmt::format("the first took {} with boot", human_time(step->first)));
        figure("tokens", human_rate(step->tokens_per_second, "tokens"), steadiness(*step));
    }
    figure("run time", human_time(result.time), parts_of_run(result, analysis));
    if (result.host.wall_seconds > 0) figure("host", human_seconds(result.host.wall_seconds), "took the simulation");
}

// Many channels become one row of averages, so that the table stays short.
std::vector<UnitAnalysis> rows_of(const std::vector<UnitAnalysis>& units) {
    if (units.size() <= most_units) return units;
    std::vector<UnitAnalysis> rows;
    UnitAnalysis channels;
    double count = 0;
    for (const UnitAnalysis& unit : units) {
        if (unit.kind != observe::UnitKind::dma) {
            rows.push_back(unit);
            continue;
        }
        channels.busy += unit.busy;
        channels.stalled += unit.stalled;
        channels.idle += unit.idle;
        for (const Share& stall : unit.stalls) {
            const auto same = std::find_if(channels.stalls.begin(), channels.stalls.end(),
                                           [&](const Share& other) { return other.name == stall.name; });
            if (same == channels.stalls.end())
                channels.stalls.push_back(stall);
            else
                same->share += stall.share;
        }
        ++count;
    }
    if (count == 0) return rows;
    channels.name = fmt::format("{:.0f} dma", count);
    for (double* sum : {&channels.busy, &channels.stalled, &channels.idle})
        *sum /= count;
    for (Share& stall : channels.stalls)
        stall.share /= count;
    std::stable_sort(channels.stalls.begin(), channels.stalls.end(),
                     [](const Share& a, const Share& b) { return a.share > b.share; });
    rows.insert(rows.begin(), channels);
    return rows;
}

std::string unit_bar(const Style& style, const UnitAnalysis& unit, std::size_t width) {
    const auto scale = static_cast<double>(width);
    const auto busy = static_cast<std::size_t>(std::lround(std::clamp(unit.busy, 0.0, 1.0) * scale));
    const auto taken = static_cast<std::size_t>(std::lround(std::clamp(unit.busy + unit.stalled, 0.0, 1.0) * scale));
    std::string full, waiting, idle;
    for (std::size_t i = 0; i < width; ++i)
        (i < busy ? full : i < taken ? waiting : idle) += i < busy ? "█" : i < taken ? "▒" : "·";
    return style.busy(full) + style.stalled(waiting) + style.dim(idle);
}

std::string reasons(const UnitAnalysis& unit, std::size_t width) {
    std::string text;
    for (const Share& stall : unit.stalls) {
        if (stall.share < 0.005) break;
        const std::string reason =
            fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", plain(stall.name, 12), stall.share * 100);
        if (columns(text) + columns(reason) > width) break;
        text += reason;
    }
    return text;
}

void unit_table(TextPage& page, const Style& style, const Analysis& analysis) {
    constexpr std::size_t others = 1 + label + 3 * share_width;
    constexpr std::size_t least_reasons = 12;
    const std::size_t width = page.room(20, others);
    const std::size_t reason_width = page.room(page.width(), others + width + 2);
    const bool reasoned = reason_width >= least_reasons;
    page.line(" " + style.bold(left(fmt::format("units in {}", stretch(analysis)), label + width)) +
              style.dim(reasoned ? "    busy stalled    idle  stalled by" : "    busy stalled    idle"));
    const std::vector<UnitAnalysis> rows = rows_of(analysis.main().units);
    for (std::size_t i = 0; i < std::min(rows.size(), most_units); ++i)
        page.line(" " + left(plain(rows[i].name, label - 1), label) + unit_bar(style, rows[i], width) +
                  right(human_percent(rows[i].busy), share_width) + right(human_percent(rows[i].stalled), share_width) +
                  right(human_percent(rows[i].idle), share_width) +
                  (reasoned ? "  " + reasons(rows[i], reason_width) : ""));
}

std::string share_row(const Style& style, const Share& share, std::size_t name_width, std::size_t bar_width) {
    return left(plain(share.name, name_width - 1), name_width) + style.busy(bar(share.share, bar_width)) +
           right(human_percent(share.share), share_width);
}

void time_tables(TextPage& page, const Style& style, const Analysis& analysis) {
    constexpr std::size_t left_width = 38;
    constexpr std::size_t kind_width = 18;
    std::vector<Share> kinds = analysis.main().kinds;
    if (kinds.size() > most_kinds) {
        Share rest{fmt::format("{} others", kinds.size() - most_kinds + 1), 0, 0};
        for (std::size_t i = most_kinds - 1; i < kinds.size(); ++i)
            rest.share += kinds[i].share;
        kinds.resize(most_kinds - 1);
        kinds.push_back(rest);
    }
    std::vector<std::string> phases, operators;
    for (const LevelAnalysis& phase : analysis.main().phases)
        phases.push_back(share_row(style, phase.total, label, page.room(16, 1 + label + share_width)));
    for (const Share& kind : kinds)
        operators.push_back(share_row(style, kind, kind_width, page.room(15, 1 + kind_width + share_width)));
    const std::string by_phase = fmt::format("{} by phase", stretch(analysis));
    const std::string by_operator = fmt::format("{} by operator", stretch(analysis));
    if (page.narrow()) { // one below the other
        page.heading(by_phase);
        for (const std::string& phase : phases)
            page.line(" " + phase);
        page.line();
        page.heading(by_operator);
        for (const std::string& kind : operators)
            page.line(" " + kind);
        return;
    }
    page.line(" " + style.bold(left(by_phase, left_width)) + style.bold(by_operator));
    for (std::size_t i = 0; i < std::max(phases.size(), operators.size()); ++i)
        page.line(" " + left(i < phases.size() ? phases[i] : "", left_width) +
                  (i < operators.size() ? operators[i] : ""));
}

void largest_ops(TextPage& page, const Analysis& analysis) {
    std::vector<const OpAnalysis*> ops;
    for (const OpAnalysis& op : analysis.main().ops)
        if (op.name != "other" && op.totals.time) ops.push_back(&op);
    std::stable_sort(ops.begin(), ops.end(),
                     [](const OpAnalysis* a, const OpAnalysis* b) { return a->totals.time > b->totals.time; });
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(ops.size(), 3); ++i)
        text += fmt::format("{}{} {} ({})", i ? ", " : "", plain(ops[i]->name, 32), human_percent(ops[i]->share),
                            ops[i]->phase);
    if (!text.empty()) page.entry("largest", text, 2);
}

/// The bound of an engine's port that is below the engine's own, which stands before it, says nothing more.
bool adds_nothing(const LowerBound& bound, const LowerBound& before) {
    return bound.resource.find(" port") != std::string::npos && bound.time <= before.time;
}

void bounds_table(TextPage& page, const Style& style, const Analysis& analysis) {
    constexpr std::size_t name_width = 21;
    const std::size_t time_width = page.narrow() ? 10 : 13;
    page.line(" " + style.bold(fmt::format("lower bounds of {}", stretch(analysis))) +
              (page.narrow() ? "" : style.dim("  what each alone needs, beside the time it took")));
    const std::vector<LowerBound>& bounds = analysis.main().bounds;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const LowerBound& bound = bounds[i];
        if (i > 0 && adds_nothing(bound, bounds[i - 1])) continue;
        page.line(" " +
                  share_row(style, {bound.resource, bound.time, bound.share}, name_width,
                            page.room(19, 1 + name_width + share_width + time_width)) +
                  right(human_time(bound.time), time_width));
    }
}

void critical_path(TextPage& page, const Analysis& analysis) {
    std::string text;
    for (const Share& part : analysis.main().path)
        if (part.share >= 0.005)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", plain(part.name, 12), human_percent(part.share));
    if (!text.empty()) page.entry("path", text + " of what the step waited for", 2);
}

void traffic(TextPage& page, const observe::Result& result, const schedule::Schedule& schedule,
             const Analysis& analysis) {
    const TrafficAnalysis& dram = analysis.main().dram;
    const char* a_step = analysis.step ? " a step" : "";
    if (dram.peak_bytes_per_second > 0)
        page.entry("DRAM",
                   fmt::format("{}{}, {}, {} of {}{}", human_bytes(static_cast<double>(dram.bytes)), a_step,
                               human_rate(dram.bytes_per_second, "B"), human_percent(dram.of_peak),
                               human_rate(dram.peak_bytes_per_second, "B"),
                               dram.row_hits ? fmt::format(", row hits {}", human_percent(*dram.row_hits)) : ""),
                   1);
    const InstructionAnalysis& instructions = analysis.main().instructions;
    page.entry("hart",
               fmt::format("{} instructions{}, {} a second, {:.2f} a busy cycle",
                           human_count(static_cast<double>(instructions.count)), a_step,
                           human_count(instructions.per_second), instructions.per_cycle),
               2);
    std::uint64_t macs = 0, commands = 0;
    for (const observe::UnitTotals& unit : analysis.step ? result.last_step->units : result.unit_totals) {
        macs += unit.work.work.macs;
        commands += unit.work.commands;
    }
    page.entry("work",
               fmt::format("{} commands and {} MACs{}{}", human_count(static_cast<double>(commands)),
                           human_count(static_cast<double>(macs)), a_step,
                           analysis.steady ? fmt::format(", {} of the array's peak",
                                                         human_percent(analysis.steady->flop_utilisation))
                                           : ""),
               2);
    if (analysis.steady && schedule.recomputed.in_part != 0)
        page.entry("again",
                   fmt::format("{}: {} MACs more, {} of the array's peak with them",
                               schedule::described(schedule.recomputed),
                               human_count(static_cast<double>(analysis.steady->recomputed_macs)),
                               human_percent(analysis.steady->hardware_flop_utilisation)),
                   2);
}

/// The two blocks that take most of it.
std::string largest_parts(const std::vector<cost::Block>& blocks, const cost::EnergyReport& energy) {
    std::vector<Share> parts;
    for (std::size_t i = 0; i < blocks.size(); ++i)
        parts.push_back({blocks[i].name, 0, ratio(energy.blocks[i].total(), energy.total)});
    std::stable_sort(parts.begin(), parts.end(), [](const Share& a, const Share& b) { return a.share > b.share; });
    std::string largest;
    for (std::size_t i = 0; i < 2; ++i)
        largest += fmt::format("{}{} {}", i ? ", " : "", parts[i].name, human_percent(parts[i].share));
    return largest;
}

void cost(TextPage& page, const observe::Result& result, const Analysis& analysis) {
    const CostAnalysis cost = analyse_cost(result);
    const scenario::TechnologyParameters& technology = result.scenario.chip.technology;
    if (cost.run.total <= 0) return;
    if (const auto& step = analysis.steady)
        page.entry("energy",
                   fmt::format("{} a token, {} a step: {}", human_energy(step->token_joules),
                               human_energy(step->cost.energy.total),
                               largest_parts(step->cost.blocks, step->cost.energy)),
                   1);
    else
        page.entry("energy", fmt::format("{}: {}", human_energy(cost.run.total), largest_parts(cost.blocks, cost.run)),
                   1);
    // Of a step, where there is one, as its energy.
    const double duration = analysis.steady ? analysis.steady->cost.seconds : seconds(result.time);
    const cost::EnergyReport& energy = analysis.steady ? analysis.steady->cost.energy : cost.run;
    page.entry("power",
               fmt::format("{} ({} to {}), peak {} over {}, {:.3g} GOPS/W", human_power(ratio(energy.total, duration)),
                           human_power(ratio(energy.range.low, duration)),
                           human_power(ratio(energy.range.high, duration)), human_power(cost.peak_watts),
                           human_time(result.over_time.window),
                           1e3 * (analysis.steady ? analysis.steady->cost.tops_per_watt : cost.tops_per_watt)),
               2);
    const cost::FpgaArea& fpga = cost.area.fpga;
    std::string area = fmt::format("{:.4g} mm² ({:.3g} to {:.3g}) at {:.4g} nm", cost.area.square_millimetres,
                                   cost.area.range.low, cost.area.range.high, technology.node_nm);
    if (analysis.steady && analysis.steady->tokens_per_second_mm2)
        area += fmt::format(", {} tokens/s/mm²", human_count(*analysis.steady->tokens_per_second_mm2));
    if (technology.fpga.enabled)
        area = fmt::format("{} LUTs, {} flip-flops, {} DSPs, {} block RAMs", human_count(std::round(fpga.lut)),
                           human_count(std::round(fpga.ff)), human_count(std::round(fpga.dsp)), human_count(fpga.bram));
    page.entry("area", area, 1);
}

void outputs(TextPage& page, const observe::Result& result, const std::vector<std::string>& files) {
    std::string texts;
    for (const std::string& text : result.texts)
        texts += (texts.empty() ? "" : ", ") + plain(text, 60);
    if (const unsigned left_out = scenario::texts_left_out(result.scenario.run))
        texts = plural(left_out, "text") + " left out: no numbers are computed to choose tokens by";
    if (!texts.empty()) page.entry("texts", texts, 3);
    for (std::size_t i = 0; i < std::min(files.size(), most_files); ++i)
        page.whole_line(" " + left(i ? "" : "files", label) + plain(files[i], 4096));
    if (files.size() > most_files) page.entry("", fmt::format("and {} more", files.size() - most_files), 1);
}

} // namespace

std::string summary(const observe::Result& result, const schedule::Schedule& schedule, bool colour,
                    const std::vector<std::string>& files, std::size_t width) {
    const Analysis analysis = analyse(result, schedule);
    const Style style{colour};
    TextPage page(style, width);
    header(page, style, result, schedule, analysis);
    page.line();
    headline(page, result, analysis);
    page.line();
    unit_table(page, style, analysis);
    page.line();
    time_tables(page, style, analysis);
    largest_ops(page, analysis);
    page.line();
    bounds_table(page, style, analysis);
    critical_path(page, analysis);
    page.entry("→", analysis.main().verdict, 4, Style::bold_code);
    page.line();
    traffic(page, result, schedule, analysis);
    cost(page, result, analysis);
    outputs(page, result, files);
    return std::move(page).text();
}

} // namespace gradus::report
