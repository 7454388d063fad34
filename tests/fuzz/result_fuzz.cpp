// SPDX-License-Identifier: Apache-2.0
// links: gradus_explore_compare gradus_report_data
// result.json as `gradus report` and `gradus compare` read it: what passes the check can be condensed, within bounds,
// and a result compared with itself differs in nothing.
#include <sstream>

#include <nlohmann/json.hpp>

#include "platform/explore/compare.h"
#include "platform/explore/figures.h"
#include "platform/report/html/condense.h"
#include "platform/report/html/page.h"
#include "platform/report/html/shape.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;
using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void claim_condensed(const report::CheckedResult& result) {
    const Json kept = report::condensed(result);
    claim(kept["steps"].size() <= report::most_step_windows, "steps are bounded");
    claim(kept["ops"].size() <= report::most_operators || kept["ops_are_groups"].get<bool>(), "operators are bounded");
    std::size_t steps = 0;
    for (const Json& window : kept["steps"])
        steps += window["count"].get<std::size_t>();
    claim(steps == result.steps.size() && kept["step_count"] == steps, "every step is in a window");
    claim(!dumped(kept).empty(), "what is kept can be written");
}

void claim_comparison(const explore::Comparison& comparison) {
    claim(comparison.inputs.empty(), "the same scenario has the same parameters");
    for (const std::string& note : comparison.notes) {
        claim(note.find("has no finished step") != std::string::npos, "and the same size");
        fuzz::claim_one_line(note.substr(0, fuzz::longest_message));
    }
    for (const explore::FigureRow& figure : comparison.figures)
        claim(figure.values.size() == 2 && figure.values[0].has_value() && figure.values[1].has_value(),
              "every figure is in both");
    for (const auto& cause : comparison.causes)
        if (cause) fuzz::claim_one_line(cause->sentence.substr(0, fuzz::longest_message));
    const std::string text = explore::as_text(comparison);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        claim(fuzz::is_plain(line), "a table for the terminal is plain text");
    claim(!dumped(explore::as_json(comparison)).empty(), "a comparison can be written");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    std::istringstream stream(text);
    if (const auto result = fuzz::read_or_refuse<report::PageError>([&] { return report::parse_result(stream); }))
        claim_condensed(*result);
    const auto comparison = fuzz::read_or_refuse<explore::ResultError>([&] {
        explore::ResultFile file = explore::parse_result("input", text);
        const explore::Figures figures =
            explore::figures_of(file.result, {"totals.time_ps", "units.matrix.efficiency", "nowhere"});
        claim(figures.values.size() <= 2 && !figures.missing.empty(), "a figure that is not there is missed");
        fuzz::claim_one_line(figures.missing.substr(0, fuzz::longest_message));
        return explore::compare({file, file});
    });
    if (comparison) claim_comparison(*comparison);
    return 0;
}
