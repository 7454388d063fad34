// SPDX-License-Identifier: Apache-2.0
// links: gradus_schedule
// Training text, plain or gzip, and what steps are fed from it. The first byte of an input chooses the alphabet,
// whether to lower the case, the context and the batch; the rest is the file.
#include <algorithm>
#include <set>
#include <vector>

#include "platform/schedule/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory_file.h"

namespace {

using namespace gradus;
using fuzz::claim;
using schedule::ScheduleError;

void claim_corpus(const schedule::Corpus& corpus, const scenario::RunParameters& run) {
    claim(corpus.size() > 0 && corpus.begins.front() == 0 && corpus.begins.back() == corpus.characters.size(),
          "documents make up the text");
    const std::set<char> found(corpus.characters.begin(), corpus.characters.end());
    claim(found.size() == corpus.symbols.size(), "symbols are the characters of the text");
    const auto less = [](char left, char right) {
        return static_cast<unsigned char>(left) < static_cast<unsigned char>(right);
    };
    claim(std::is_sorted(corpus.symbols.begin(), corpus.symbols.end(), less), "symbols are in order");
    for (const char each : corpus.symbols) {
        claim(found.count(each) == 1, "a symbol occurs");
        claim(run.alphabet.empty() ? static_cast<unsigned char>(each) >= ' ' && each != '\x7f'
                                   : run.alphabet.find(each) != std::string::npos,
              "a symbol is in the alphabet");
        claim(!run.lowercase || each < 'A' || each > 'Z', "a symbol is in lower case");
    }
    for (std::size_t i = 0; i < corpus.size(); ++i) {
        claim(corpus.begins[i] < corpus.begins[i + 1], "a document has characters");
        claim(corpus.document(i).front() != ' ' && corpus.document(i).back() != ' ',
              "a document has no blanks around it");
    }
}

void claim_steps(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                 const schedule::Corpus& corpus) {
    const schedule::StepInputs inputs(model, run);
    claim(inputs.vocabulary() == corpus.symbols.size() + 1, "a token for each symbol and the boundary");
    const std::size_t count = inputs.tokens();
    claim(count == std::size_t{model.context} * run.batch, "a step has its batch of contexts");
    std::vector<std::uint32_t> tokens(count), targets(count);
    std::vector<float> weights(count);
    for (const std::uint32_t step : {std::uint32_t{0}, static_cast<std::uint32_t>(corpus.size()), ~std::uint32_t{0}}) {
        inputs.write(step, tokens.data(), targets.data(), weights.data());
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
    model.context = 1 + (data[0] >> 4);
    const auto corpus = fuzz::read_or_refuse<ScheduleError>(
        [&] { return schedule::read_corpus(run.text, run.alphabet, run.lowercase); });
    if (!corpus) return 0;
    claim_corpus(*corpus, run);
    claim_steps(model, run, *corpus);
    return 0;
}
