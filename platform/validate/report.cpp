// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/report/layout.h"

namespace gradus::validate {

namespace {

const char* verdict(const Check& check) {
    if (!check.tolerance) return "reported";
    return check.failed() ? "FAILED" : "pass";
}

/// Counts in full; others with seven digits, which no rounding of the host's arithmetic reaches.
std::string value_text(double value) {
    if (value == std::round(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
    return fmt::format("{:.6g}", value);
}

std::string percent(double share) {
    if (share == 0) return "0";
    if (std::abs(share) < 1e-5) return "< 0.001 %";
    return fmt::format("{:+.{}f} %", share * 100, std::abs(share) < 1e-3 ? 3 : 1);
}

std::string tolerance_text(const Check& check) {
    if (!check.tolerance) return "-";
    return *check.tolerance == 0 ? "exact" : fmt::format("{:.6g} %", *check.tolerance * 100);
}

struct Errors {
    double mean = 0; ///< of absolute errors
    double worst = 0;
};

Errors errors_of(const Reference& reference) {
    Errors errors;
    for (const Check& check : reference.checks) {
        errors.mean += std::abs(check.error()) / static_cast<double>(reference.checks.size());
        if (std::abs(check.error()) > std::abs(errors.worst)) errors.worst = check.error();
    }
    return errors;
}

std::string mean_text(const Errors& errors) {
    return errors.mean == 0     ? "0"
           : errors.mean < 1e-5 ? "< 0.001 %"
                                : fmt::format("{:.{}f} %", errors.mean * 100, errors.mean < 1e-3 ? 3 : 1);
}

constexpr const char* introduction = R"(# Validation

What the models are held against, and how far they are from it. An estimate is worth as much as this page.

This page is what `gradus validate --markdown` prints; `gradus validate` runs every check again, on whatever the models are
now, and fails if one of them is out of its tolerance. The references stand in `scenarios/validation`, each with its source.
Error: (ours - expected) / expected. A row without a tolerance is reported and not judged: the two sides differ by design,
as its note says.
)";

} // namespace

Counts count(const std::vector<Reference>& references) {
    Counts counts;
    for (const Reference& reference : references)
        for (const Check& check : reference.checks)
            ++(!check.tolerance ? counts.reported : check.failed() ? counts.failed : counts.passed);
    return counts;
}

std::string as_text(const std::vector<Reference>& references, std::size_t width) {
    using report::Table;
    constexpr auto left = Table::Align::left, right = Table::Align::right;
    std::string text;
    for (const Reference& reference : references) {
        text += report::fitted(fmt::format("{}\n  {}\n\n", reference.name, reference.source), width);
        Table table({{"quantity", left, 8, 16},
                     {"expected", right, 12},
                     {"ours", right, 12},
                     {"error", right, 10},
                     {"tolerance", right, 9},
                     {"", left}},
                    2);
        for (const Check& check : reference.checks)
            table.row({check.quantity, value_text(check.expected), value_text(check.ours), percent(check.error()),
                       tolerance_text(check), verdict(check)});
        text += table.text(width);
        text += fmt::format("  mean error {}, worst {}\n\n", mean_text(errors_of(reference)),
                            percent(errors_of(reference).worst));
    }
    const Counts counts = count(references);
    return text + fmt::format("{} passed, {} failed, {} reported\n", counts.passed, counts.failed, counts.reported);
}

std::string as_markdown(const std::vector<Reference>& references) {
    std::string text = introduction;
    text += "\n| reference | rows | mean error | worst error |\n|---|---|---|---|\n";
    for (const Reference& reference : references) {
        const Errors errors = errors_of(reference);
        text += fmt::format("| {} | {} | {} | {} |\n", reference.name, reference.checks.size(), mean_text(errors),
                            percent(errors.worst));
    }
    for (const Reference& reference : references) {
        text += fmt::format("\n## {}\n\nSource: {}.\n\nCompared: {}.\n", reference.name, reference.source,
                            reference.compared);
        if (!reference.note.empty()) text += fmt::format("\nNote: {}.\n", reference.note);
        text += "\n| quantity | expected | ours | error | tolerance | |\n|---|---|---|---|---|---|\n";
        for (const Check& check : reference.checks)
            text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", check.quantity, value_text(check.expected),
                                value_text(check.ours), percent(check.error()), tolerance_text(check), verdict(check));
    }
    return text;
}

nlohmann::ordered_json as_json(const std::vector<Reference>& references) {
    nlohmann::ordered_json json;
    json["schema"] = "gradus.validation/1";
    const Counts counts = count(references);
    json["passed"] = counts.passed;
    json["failed"] = counts.failed;
    json["reported"] = counts.reported;
    json["references"] = nlohmann::ordered_json::array();
    for (const Reference& reference : references) {
        nlohmann::ordered_json entry;
        entry["name"] = reference.name;
        entry["source"] = reference.source;
        entry["compared"] = reference.compared;
        entry["note"] = reference.note;
        entry["rows"] = nlohmann::ordered_json::array();
        for (const Check& check : reference.checks) {
            nlohmann::ordered_json row;
            row["quantity"] = check.quantity;
            row["expected"] = check.expected;
            row["ours"] = check.ours;
            row["error"] = check.error();
            row["tolerance"] = check.tolerance ? nlohmann::ordered_json(*check.tolerance) : nullptr;
            row["verdict"] = !check.tolerance ? "reported" : check.failed() ? "failed" : "passed";
            entry["rows"].push_back(std::move(row));
        }
        json["references"].push_back(std::move(entry));
    }
    return json;
}

} // namespace gradus::validate
