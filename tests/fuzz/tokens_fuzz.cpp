// SPDX-License-Identifier: Apache-2.0
// links: gradus_schedule
// Files of token ids, .bin and .npy, and what steps are fed from them. The first byte of an input chooses the context;
// the rest is the file.
#include <algorithm>
#include <vector>

#include "platform/schedule/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory_file.h"

namespace {

using namespace gradus;
using fuzz::claim;
using schedule::ScheduleError;

void claim_windows(const schedule::StepInputs& inputs, unsigned context) {
    std::vector<std::uint32_t> tokens(context), targets(context);
    std::vector<float> weights(context);
    inputs.write(schedule::Split::training, 0, tokens.data(), targets.data(), weights.data());
    for (unsigned i = 0; i < context; ++i)
        claim(tokens[i] < inputs.vocabulary() && targets[i] < inputs.vocabulary(), "tokens are in the vocabulary");
    claim(std::equal(tokens.begin() + 1, tokens.end(), targets.begin()), "targets are the tokens one place on");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static fuzz::MemoryFile file;
    file.put(data + 1, size - 1);
    const auto tokens = fuzz::read_or_refuse<ScheduleError>([&] { return schedule::TokenFile::open(file.path()); });
    if (!tokens || !*tokens) return 0;
    claim((*tokens)->size() > 0 && (*tokens)->size() < size, "a token takes a byte or more of the file");
    scenario::RunParameters run;
    scenario::ModelParameters model;
    run.text = file.path();
    run.steps = 1;
    model.context = 1 + data[0] % 16;
    model.vocabulary = 1u << 16;
    const auto inputs = fuzz::read_or_refuse<ScheduleError>([&] { return schedule::StepInputs(model, run); });
    if (inputs) claim_windows(*inputs, model.context);
    return 0;
}
