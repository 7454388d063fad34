// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/operators_csv.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/observe/names.h"

namespace gradus::observe {

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char each : text) {
        if (each == '"') quoted += '"';
        quoted += each;
    }
    return quoted + '"';
}

OperatorsCsv::OperatorsCsv(files::WholeFile file, const std::vector<UnitInfo>& units,
                           const std::vector<schedule::Op>& ops)
    : file_(std::move(file)), units_(units) {
    for (const schedule::Op& op : ops)
        ops_.push_back({csv_field(op.name), csv_field(op.kind)});
    file_.append("step,phase,layer,op,name,kind,start_ps,end_ps,commands,macs,elements,dram_read_bytes,"
                 "dram_written_bytes,scratchpad_read_bytes,scratchpad_written_bytes");
    for (const UnitInfo& unit : units_)
        if (unit.kind != UnitKind::cpu)
            file_.append(
                fmt::format(",{},{}", csv_field(unit.name + "_busy_ps"), csv_field(unit.name + "_stalled_ps")));
    file_.append("\n");
}

OperatorsCsv::~OperatorsCsv() { finish(); }

OperatorsCsv::Row& OperatorsCsv::row(const ip::Tag& tag) {
    const Key key{tag.step, tag.op, tag.phase, tag.layer};
    if (last_ && key == last_key_) return *last_;
    last_key_ = key;
    last_ = &open_[key];
    last_->units.resize(units_.size());
    return *last_;
}

void OperatorsCsv::span(ip::UnitId unit, const ip::Span& span) {
    if (unit >= units_.size() || units_[unit].kind == UnitKind::cpu) return;
    Row& row = this->row(span.tag);
    row.units[unit].by_activity[static_cast<std::size_t>(span.activity)] += span.end - span.begin;
    if (span.activity != ip::Activity::busy && span.activity != ip::Activity::stall_memory) return;
    row.begin = row.executed ? std::min(row.begin, span.begin) : span.begin;
    row.end = std::max(row.end, span.end);
    row.executed = true;
}

void OperatorsCsv::retired(ip::UnitId unit, const ip::Tag& tag, const ip::CommandWork& work) {
    if (unit < units_.size()) row(tag).work.add(work);
}

void OperatorsCsv::step_done(std::uint32_t step, std::optional<float>, ip::Picoseconds) {
    last_ = nullptr;
    const auto end = open_.upper_bound({step, COMMAND_NO_OP, 0xff, COMMAND_NO_LAYER});
    for (auto each = open_.begin(); each != end; ++each)
        write(each->first, each->second);
    open_.erase(open_.begin(), end);
}

// Time that no command executed in, such as a fence command's wait, makes no row.
void OperatorsCsv::write(const Key& key, const Row& row) {
    if (!row.executed || !file_.good()) return;
    const auto [step, op, phase, layer] = key;
    const auto optional = [](std::uint32_t number, std::uint32_t none) {
        return number == none ? std::string() : std::to_string(number);
    };
    const auto [name, kind] = op < ops_.size() ? ops_[op] : Named{};
    const ip::CommandWork& work = row.work.work;
    file_.append(fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", step, phase_name(phase),
                             optional(layer, COMMAND_NO_LAYER), optional(op, COMMAND_NO_OP), name, kind, row.begin,
                             row.end, row.work.commands, work.macs, work.elements, work.dram_read, work.dram_written,
                             work.scratchpad_read, work.scratchpad_written));
    for (std::size_t unit = 0; unit < units_.size(); ++unit)
        if (units_[unit].kind != UnitKind::cpu)
            file_.append(fmt::format(",{},{}", row.units[unit].busy(), row.units[unit].stalled()));
    file_.append("\n");
    ++rows_;
}

const files::WholeFile& OperatorsCsv::finish() {
    for (const auto& [key, row] : open_)
        write(key, row);
    open_.clear();
    last_ = nullptr;
    file_.keep();
    return file_;
}

} // namespace gradus::observe
