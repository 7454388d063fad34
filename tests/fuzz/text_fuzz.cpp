// SPDX-License-Identifier: Apache-2.0
// links: gradus_schedule
// Training text, plain or gzip, and what steps are fed from it. The first byte of an input chooses the alphabet,
// whether to lower the case and to take windows, the context and the batch; the rest is the file.
#include <algorithm>
#include <set>
#include <vector>

#include "platform/schedule/text.h"
#include "platform/text/unicode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory_file.h"

namespace {

using namespace gradus;
using fuzz::claim;
using schedule::ScheduleError;

void claim_corpus(const schedule::Corpus& corpus, const scenario::RunParameters& run) {
    claim(corpus.size() > 0 && corpus.begins.front() == 0 && corpus.begins.back() == corpus.tokens.size(),
          "documents make up the text");
    const bool lines = run.documents == scenario::Documents::lines;
    std::set<std::uint32_t> found(corpus.tokens.begin(), corpus.tokens.end());
    claim((found.erase(schedule::Corpus::mark) == 1) != lines, "a stream has marks, and it alone");
    claim(found.size() == corpus.symbols.size() && *found.rbegin() + 1 == found.size(),
          "symbols are the characters of the text");
    claim(std::is_sorted(corpus.symbols.begin(), corpus.symbols.end()), "symbols are in order");
    for (const char32_t each : corpus.symbols) {
        claim(run.alphabet.empty() ? each == '\t' || !text::is_control(each)
                                   : each < 0x80 && run.alphabet.find(static_cast<char>(each)) != std::string::npos,
              "a symbol is in the alphabet");
        claim(!run.lowercase || each < 'A' || each > 'Z', "a symbol is in lower case");
    }
    claim(corpus.left_out < corpus.length, "something is left of the text");
    for (std::size_t i = 0; lines && i < corpus.size(); ++i) {
        claim(corpus.begins[i] < corpus.begins[i + 1], "a document has characters");
        claim(corpus.symbols[corpus.tokens[corpus.begins[i]]] != ' ' &&
                  corpus.symbols[corpus.tokens[corpus.begins[i + 1] - 1]] != ' ',
              "a document has no blanks around it");
    }
}

void claim_steps(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                 const schedule::Corpus& corpus) {
    const auto made = fuzz::read_or_refuse<ScheduleError>([&] { return schedule::StepInputs(model, run); });
    if (!made) { // no window fits
        claim(corpus.tokens.size() <= model.context, "a stream that is long enough has windows");
        return;
    }
    const schedule::StepInputs& inputs = *made;
    claim(inputs.vocabulary() == corpus.symbols.size() + 1, "a token for each symbol and the boundary");
    const std::size_t count = inputs.tokens();
    claim(count == std::size_t{model.context} * run.batch, "a step has its batch of contexts");
    std::vector<std::uint32_t> tokens(count), targets(count);
    std::vector<float> weights(count);
    for (const std::uint32_t step : {std::uint32_t{0}, static_cast<std::uint32_t>(corpus.size()), ~std::uint32_t{0}}) {
        inputs.write(schedule::Split::training, step, tokens.data(), targets.data(), weights.data());
        double sum = 0;
        for (std::size_t i = 0; i < count; ++i) {
            claim(tokens[i] < inputs.vocabulary() && targets[i] < inputs.vocabulary(), "tokens are in the vocabulary");
            sum += weights[i];
        }
        claim(sum > 0.999 && sum < 1.001, "the weights of a step sum to 1");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static fuzz::MemoryFile file;
    file.put(data + 1, size - 1);
    scenario::RunParameters run;
    scenario::ModelParameters model;
    run.text = file.path();
    run.alphabet = data[0] & 1 ? "" : "abcdefghijklmnopqrstuvwxyz ";
    run.lowercase = data[0] & 2;
    run.batch = 1 + (data[0] >> 2 & 3);
    run.documents = data[0] & 0x80 ? scenario::Documents::windows : scenario::Documents::lines;
    model.context = 1 + (data[0] >> 4 & 7);
    const auto tokens = fuzz::read_or_refuse<ScheduleError>([&] { return schedule::TokenFile::open(run.text); });
    if (!tokens || *tokens) return 0; // it is no text
    const auto corpus = fuzz::read_or_refuse<ScheduleError>([&] { return schedule::read_corpus(run); });
    if (!corpus) return 0;
    claim_corpus(*corpus, run);
    claim_steps(model, run, *corpus);
    return 0;
}
