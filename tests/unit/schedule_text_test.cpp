// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "platform/schedule/text.h"
#include "platform/schedule/text_loss.h"
#include "platform/text/unicode.h"

namespace gradus::schedule::schedule_text_test {
namespace {

constexpr const char* letters = "abcdefghijklmnopqrstuvwxyz";

/// A file that lasts as long as the test.
class TextFile {
public:
    explicit TextFile(const std::string& content, bool compressed = false)
        : path_(testing::TempDir() + "gradus_text_" + std::to_string(getpid()) + "_" + std::to_string(count_++)) {
        if (compressed) {
            gzFile file = gzopen(path_.c_str(), "wb");
            gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
            gzclose(file);
        } else {
            std::ofstream(path_, std::ios::binary) << content;
        }
    }
    ~TextFile() { std::remove(path_.c_str()); }
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;
    const std::string& path() const { return path_; }

private:
    static inline int count_ = 0;
    std::string path_;
};

scenario::RunParameters run_of(const std::string& path, const std::string& alphabet = letters, bool lowercase = true) {
    scenario::RunParameters run;
    run.text = path;
    run.alphabet = alphabet;
    run.lowercase = lowercase;
    return run;
}

std::string refusal(const std::string& path, const std::string& alphabet = letters) {
    try {
        read_corpus(run_of(path, alphabet));
    } catch (const ScheduleError& error) {
        return error.what();
    }
    return "";
}

std::vector<std::string> documents(const Corpus& corpus) {
    std::vector<std::string> result(corpus.size());
    for (std::size_t i = 0; i < corpus.size(); ++i)
        for (std::uint64_t at = corpus.begins[i]; at < corpus.begins[i + 1]; ++at)
            result[i] += corpus.tokens[at] == Corpus::mark ? "|" : text::utf8(corpus.symbols[corpus.tokens[at]]);
    return result;
}

TEST(Corpus, ReadsPlainAndCompressedFilesAlike) {
    const std::string content = "Ada\nBob\n";
    const TextFile plain(content);
    const TextFile compressed(content, true);
    for (const TextFile* file : {&plain, &compressed}) {
        const Corpus corpus = read_corpus(run_of(file->path()));
        EXPECT_THAT(documents(corpus), testing::ElementsAre("ada", "bob"));
        EXPECT_EQ(corpus.symbols, U"abdo");
    }
}

TEST(Corpus, LeavesOutLinesWithForeignCharactersAndCountsThem) {
    const TextFile file("anna\nann-marie\nj\xc3\xbcrgen\n\nx2\nlast");
    const Corpus corpus = read_corpus(run_of(file.path()));
    EXPECT_THAT(documents(corpus), testing::ElementsAre("anna", "last"));
    EXPECT_EQ(corpus.lines_left_out, 3u) << "an empty line is no document, but nothing foreign either";
}

TEST(Corpus, KeepsCapitalsUnlessToldToLowerThem) {
    const TextFile file("Ada\nbob\n");
    const Corpus corpus = read_corpus(run_of(file.path(), letters, false));
    EXPECT_THAT(documents(corpus), testing::ElementsAre("bob"));
    EXPECT_EQ(corpus.lines_left_out, 1u);
}

TEST(Corpus, CutsBlanksAndCarriageReturnsOffALine) {
    const TextFile file("  ada \t\r\n \r\nbob\r\n");
    EXPECT_THAT(documents(read_corpus(run_of(file.path()))), testing::ElementsAre("ada", "bob"));
}

TEST(Corpus, AMarkIsNoPartOfTheFirstDocument) {
    for (const bool compressed : {false, true}) {
        const TextFile file("\xEF\xBB\xBF"
                            "ada\r\nbob\r\n",
                            compressed);
        for (const char* alphabet : {letters, ""}) {
            const Corpus corpus = read_corpus(run_of(file.path(), alphabet));
            EXPECT_THAT(documents(corpus), testing::ElementsAre("ada", "bob"));
            EXPECT_EQ(corpus.symbols, U"abdo");
        }
    }
    EXPECT_THAT(refusal(TextFile(std::string("\xFF\xFE"
                                             "a\0",
                                             4))
                            .path()),
                testing::HasSubstr("is in UTF-16; save it as UTF-8"));
}

TEST(Corpus, ACarriageReturnAloneEndsALineToo) {
    const TextFile file("ada\rbob\r");
    EXPECT_THAT(documents(read_corpus(run_of(file.path()))), testing::ElementsAre("ada", "bob"));
}

TEST(Corpus, TakesEveryCharacterButControlsWithoutAnAlphabet) {
    const TextFile file("to be, or not\nj\xc3\xbcrgen\nbell\x07\n");
    const Corpus corpus = read_corpus(run_of(file.path(), ""));
    EXPECT_EQ(corpus.size(), 2u);
    EXPECT_EQ(corpus.lines_left_out, 1u);
    EXPECT_EQ(corpus.symbols, U" ,begjnort\u00fc") << "in the order of code points, and one of them for two bytes";
}

TEST(Corpus, RefusesFilesItCannotUse) {
    EXPECT_THAT(refusal("/nonexistent/names"), testing::HasSubstr("there is no file '/nonexistent/names'"));
    EXPECT_THAT(refusal("/tmp"), testing::HasSubstr("is a directory"));
    EXPECT_THAT(refusal(TextFile("").path()), testing::HasSubstr("no usable line"));
    EXPECT_THAT(refusal(TextFile("\n\r\n \n").path()), testing::HasSubstr("no usable line"));
    EXPECT_THAT(refusal(TextFile("a1\n").path()), testing::HasSubstr("line 1: U+0031"));
    EXPECT_THAT(refusal("/dev/zero"), testing::HasSubstr("larger than 64 MiB"));
}

TEST(Corpus, RefusesATruncatedOrDamagedArchive) {
    std::mt19937 engine(1);
    std::string content;
    for (int i = 0; i < 20000; ++i)
        content += static_cast<char>(engine() % 10 == 0 ? '\n' : 'a' + static_cast<int>(engine() % 26));
    const TextFile whole(content, true);
    std::ifstream file(whole.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    EXPECT_NE(refusal(TextFile(bytes.substr(0, bytes.size() / 2)).path()), "");
    std::string damaged = bytes;
    for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 64; ++i)
        damaged[i] = static_cast<char>(~damaged[i]);
    EXPECT_NE(refusal(TextFile(damaged).path()), "");
}

TEST(Corpus, SurvivesBinaryGarbageAndOneHugeLine) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        std::mt19937 engine(seed);
        std::string garbage(10000, '\0');
        for (char& byte : garbage)
            byte = static_cast<char>(engine());
        const TextFile file(garbage + "\nada\n");
        for (const char* alphabet : {letters, ""}) {
            const Corpus corpus = read_corpus(run_of(file.path(), alphabet));
            EXPECT_EQ(documents(corpus).back(), "ada");
        }
    }
    const TextFile huge(std::string(10u << 20, 'a'));
    EXPECT_EQ(read_corpus(run_of(huge.path())).length_of(0), 10u << 20);
}

// Of 5 + 3 + 4 characters, the line of a 2 and that of a byte which begins no character are left out whole of lines, 7
// characters, of windows these two alone.
TEST(Corpus, CountsWhatIsLeftOutOfLinesAndOfWindows) {
    const TextFile file("\xEF\xBB\xBF"
                        "a\u00fcb a\r\n\r\nxx2\r\nb\xfc"
                        "ab\r\n");
    scenario::RunParameters run = run_of(file.path(), "ab \u00fcx");
    Corpus corpus = read_corpus(run);
    EXPECT_THAT(documents(corpus), testing::ElementsAre("a\u00fcb a"));
    EXPECT_EQ(corpus.symbols, U" ab\u00fc");
    EXPECT_EQ(corpus.length, 12u);
    EXPECT_EQ(corpus.lines_left_out, 2u);
    EXPECT_EQ(corpus.left_out, 7u);
    EXPECT_EQ(corpus.first_left_out, "line 3: U+0032");
    run.documents = scenario::Documents::windows;
    corpus = read_corpus(run);
    EXPECT_THAT(documents(corpus), testing::ElementsAre("|a\u00fcb a||xx|bab|")) << "an empty line is a mark more";
    EXPECT_EQ(corpus.length, 12u);
    EXPECT_EQ(corpus.lines_left_out, 0u);
    EXPECT_EQ(corpus.left_out, 2u);
}

// U+10348 takes four bytes. A surrogate, a zero in two bytes and a cut character are no characters, however they look.
TEST(Corpus, KnowsCharactersBeyondTheFirstPlaneAndWhatIsNone) {
    const TextFile file("\U00010348\u4e2d\n\xed\xa0\x80\n\xc0\x80\n\xe4\xb8\n");
    const Corpus corpus = read_corpus(run_of(file.path(), ""));
    EXPECT_EQ(corpus.symbols, U"\u4e2d\U00010348");
    EXPECT_EQ(corpus.lines_left_out, 3u);
    EXPECT_EQ(corpus.first_left_out, "line 2: a byte 0xed that is no UTF-8");
    EXPECT_THAT(documents(corpus), testing::ElementsAre("\U00010348\u4e2d"));
    EXPECT_THAT(refusal(file.path(), "a\xff"), testing::HasSubstr("run.alphabet is not in UTF-8"));
}

struct Step {
    std::vector<std::uint32_t> tokens;
    std::vector<std::uint32_t> targets;
    std::vector<float> weights;
};

Step step_of(const StepInputs& inputs, std::uint32_t number, std::size_t size, Split split = Split::training) {
    Step step{std::vector<std::uint32_t>(size), std::vector<std::uint32_t>(size), std::vector<float>(size)};
    inputs.write(split, number, step.tokens.data(), step.targets.data(), step.weights.data());
    return step;
}

TEST(StepInputs, PutBoundariesAroundADocumentAndPadTheRest) {
    const TextFile file("ba\n");
    scenario::ModelParameters model;
    model.context = 5;
    scenario::RunParameters run;
    run.text = file.path();
    const StepInputs inputs(model, run);
    EXPECT_EQ(inputs.vocabulary(), 3u);
    EXPECT_EQ(inputs.text().boundary, 2u);
    const Step step = step_of(inputs, 0, 5);
    EXPECT_THAT(step.tokens, testing::ElementsAre(2, 1, 0, 2, 2));
    EXPECT_THAT(step.targets, testing::ElementsAre(1, 0, 2, 0, 0));
    const float third = static_cast<float>(1.0 / 3);
    EXPECT_THAT(step.weights, testing::ElementsAre(third, third, third, 0, 0));
}

TEST(StepInputs, CutADocumentThatExceedsTheContext) {
    const TextFile file("abcdef\n");
    scenario::ModelParameters model;
    model.context = 3;
    scenario::RunParameters run;
    run.text = file.path();
    const StepInputs inputs(model, run);
    const Step step = step_of(inputs, 0, 3);
    EXPECT_THAT(step.tokens, testing::ElementsAre(6, 0, 1));
    EXPECT_THAT(step.targets, testing::ElementsAre(0, 1, 2));
}

TEST(StepInputs, ShareTheWeightAmongTheSequencesOfABatch) {
    const TextFile file("a\nbbb\n");
    scenario::ModelParameters model;
    model.context = 8;
    scenario::RunParameters run;
    run.text = file.path();
    run.batch = 2;
    const StepInputs inputs(model, run);
    const Step step = step_of(inputs, 0, 16);
    EXPECT_EQ(std::count(step.weights.begin(), step.weights.end(), static_cast<float>(1.0 / 6)), 2 + 4)
        << "one of two characters and one of four, with their boundary";
    EXPECT_EQ(std::count(step.weights.begin(), step.weights.end(), 0.0f), 10);
}

/// The documents of `count` batches of one sequence: letters, without boundaries and padding.
std::vector<std::string> documents_of(const StepInputs& inputs, Split split, std::uint32_t count, std::size_t context) {
    std::vector<std::string> documents;
    for (std::uint32_t number = 0; number < count; ++number) {
        const Step step = step_of(inputs, number, context, split);
        std::string& document = documents.emplace_back();
        for (const std::uint32_t token : step.tokens)
            if (token != inputs.text().boundary) document += static_cast<char>('a' + token);
    }
    return documents;
}

TEST(StepInputs, HoldDocumentsBackThatNoStepSees) {
    std::string lines;
    for (char first = 'a'; first <= 'j'; ++first)
        for (char second = 'a'; second <= 'j'; ++second)
            lines += {first, second, '\n'};
    const TextFile file(lines);
    scenario::ModelParameters model;
    model.context = 4;
    model.vocabulary = 27;
    std::set<std::vector<std::string>> choices;
    for (const std::uint64_t seed : {1, 2, 3}) {
        scenario::RunParameters run = run_of(file.path());
        run.validation = 0.15;
        run.seed = seed;
        const StepInputs inputs(model, run);
        EXPECT_EQ(inputs.text().documents, 85u);
        EXPECT_EQ(inputs.text().documents_held_back, 15u);
        EXPECT_EQ(inputs.text().held_back, 30u);
        const std::vector<std::string> held_back = documents_of(inputs, Split::validation, 15, 4);
        const std::vector<std::string> trained = documents_of(inputs, Split::training, 85, 4);
        EXPECT_EQ(documents_of(inputs, Split::validation, 30, 4)[15], held_back[0]) << "over and over";
        std::set<std::string> all(held_back.begin(), held_back.end());
        EXPECT_EQ(all.size(), 15u);
        all.insert(trained.begin(), trained.end());
        EXPECT_EQ(all.size(), 100u) << "seed " << seed;
        choices.insert(held_back);

        std::string left;
        const std::set<std::string> in_order(trained.begin(), trained.end());
        for (const std::string& document : in_order)
            left += document + "\n";
        const TextFile alone(left);
        run.text = alone.path();
        run.validation = 0;
        EXPECT_EQ(documents_of(StepInputs(model, run), Split::training, 85, 4), trained)
            << "the steps of a text of them alone";
    }
    EXPECT_EQ(choices.size(), 3u) << "the seed chooses";
}

TEST(StepInputs, HoldTheEndOfAStreamBack) {
    std::string line;
    for (int i = 0; i < 50; ++i)
        line += "ab";
    const TextFile file(line + std::string(40, 'c') + "\n");
    scenario::ModelParameters model;
    model.context = 8;
    scenario::RunParameters run = run_of(file.path());
    run.documents = scenario::Documents::windows;
    run.validation = 41.0 / 142; // a line has a boundary on both sides
    const StepInputs inputs(model, run);
    EXPECT_EQ(inputs.text().held_back, 41u);
    for (std::uint32_t number = 0; number < 200; ++number) {
        EXPECT_THAT(step_of(inputs, number, 8).targets, testing::Not(testing::Contains(2u)));
        EXPECT_THAT(step_of(inputs, number, 8, Split::validation).tokens, testing::Each(testing::AnyOf(2u, 3u)));
    }
}

TEST(StepInputs, RefuseToHoldBackWhatLeavesNothing) {
    scenario::ModelParameters model;
    model.context = 8;
    const auto refused = [&](const std::string& content, double share, scenario::Documents documents) {
        const TextFile file(content);
        scenario::RunParameters run = run_of(file.path());
        run.documents = documents;
        run.validation = share;
        try {
            StepInputs(model, run);
        } catch (const ScheduleError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    using scenario::Documents;
    EXPECT_THAT(refused("ab\n", 0.5, Documents::lines), testing::HasSubstr("run.validation = 0.5"));
    EXPECT_EQ(refused("ab\nba\n", 0.9, Documents::lines), "");
    const std::string twenty(20, 'a'); // with its boundaries 22 tokens
    EXPECT_THAT(refused(twenty, 8.0 / 22, Documents::windows), testing::HasSubstr("leaves 8 tokens to validate with"));
    EXPECT_THAT(refused(twenty, 14.0 / 22, Documents::windows), testing::HasSubstr("leaves 8 tokens to train on"));
    EXPECT_EQ(refused(twenty, 0.5, Documents::windows), "");
}

TEST(StepInputs, ValidateRandomTokensWithOtherOnes) {
    scenario::ModelParameters model;
    model.context = 16;
    model.vocabulary = 1000;
    scenario::RunParameters run;
    run.text = "synthetic";
    run.validation = 0.1;
    const StepInputs inputs(model, run);
    EXPECT_NE(step_of(inputs, 0, 16).tokens, step_of(inputs, 0, 16, Split::validation).tokens);
}

TEST(StepInputs, TakeEveryDocumentOnceBeforeAnyComesAgain) {
    const TextFile file("a\nb\nc\nd\ne\nf\ng\nh\n");
    scenario::ModelParameters model;
    model.context = 2;
    scenario::RunParameters run;
    run.text = file.path();
    std::set<std::vector<std::uint32_t>> orders;
    for (run.seed = 1; run.seed <= 4; ++run.seed) {
        const StepInputs inputs(model, run);
        std::vector<std::uint32_t> order;
        for (std::uint32_t i = 0; i < 16; ++i)
            order.push_back(step_of(inputs, i, 2).targets[0]);
        EXPECT_TRUE(std::equal(order.begin(), order.begin() + 8, order.begin() + 8));
        EXPECT_THAT(std::vector(order.begin(), order.begin() + 8),
                    testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
        orders.insert(order);
    }
    EXPECT_GT(orders.size(), 1u) << "the seed decides the order";
}

/// What a step sees of a stream, as text with "|" for the boundary.
std::string shown(const StepInputs& inputs, const std::vector<std::uint32_t>& tokens) {
    std::string text;
    for (const std::uint32_t token : tokens)
        text += token == inputs.text().boundary ? "|" : inputs.text().shown(token);
    return text;
}

// The stream "|to be|or not|" has 14 tokens, so a window of 4 and the one after it begins at one of 10 places. Its
// targets are its tokens one place on, all of equal weight, and seed and step alone choose the place.
TEST(StepInputs, TakeWindowsOfAStreamWithoutPadding) {
    const TextFile file("to be\nor not\n");
    scenario::ModelParameters model;
    model.context = 4;
    scenario::RunParameters run = run_of(file.path(), "");
    run.documents = scenario::Documents::windows;
    const StepInputs inputs(model, run), again(model, run);
    std::set<std::size_t> places;
    for (std::uint32_t number = 0; number < 100; ++number) {
        const Step step = step_of(inputs, number, 4);
        const std::string window = shown(inputs, step.tokens);
        const std::size_t place = std::string("|to be|or not|").find(window);
        ASSERT_NE(place, std::string::npos) << window;
        places.insert(place);
        EXPECT_EQ(shown(inputs, step.targets), std::string("|to be|or not|").substr(place + 1, 4));
        EXPECT_THAT(step.weights, testing::Each(0.25F));
        EXPECT_EQ(step.tokens, step_of(again, number, 4).tokens);
    }
    EXPECT_EQ(places.size(), 10u) << "the last window ends with the text";
    model.context = 14;
    EXPECT_THROW(StepInputs(model, run), ScheduleError) << "14 tokens have no token after them";
}

// A context of 3 sees three characters of each: two documents of 6 and 4 lose 3 + 1. Of masked tokens it sees the
// boundary and two characters: 4 + 2 + 1 are lost.
TEST(StepInputs, CountWhatTheContextHasNoRoomFor) {
    const TextFile file("abcdef\nabcd\nabc\n");
    scenario::ModelParameters model;
    model.context = 3;
    scenario::RunParameters run = run_of(file.path());
    const Text text = StepInputs(model, run).text();
    EXPECT_EQ(text.documents_cut, 2u);
    EXPECT_EQ(text.cut, 4u);
    EXPECT_EQ(text.length, 13u);
    EXPECT_EQ(described(text), "3 documents of 13 characters; cut off: 4 characters of 2 documents");
    EXPECT_EQ(loss_warning(text), std::nullopt) << "4 are less than half of 13";
    model.objective = scenario::Objective::masked_token;
    const Text masked = StepInputs(model, run).text();
    EXPECT_EQ(masked.cut, 7u);
    EXPECT_THAT(loss_warning(masked).value_or(""), testing::AllOf(testing::HasSubstr("7 of the text's 13 characters"),
                                                                  testing::HasSubstr("run.documents = \"windows\"")));
    run.documents = scenario::Documents::windows;
    EXPECT_EQ(StepInputs(model, run).text().cut, 0u) << "every character is in some window";
}

TEST(StepInputs, SayThatTheAlphabetLosesMostOfAText) {
    const TextFile file("ab\n12345\n");
    const Text text = StepInputs({}, run_of(file.path())).text();
    EXPECT_EQ(described(text),
              "1 document of 7 characters; left out: 1 line, 5 characters, the first in line 2: U+0031");
    EXPECT_THAT(loss_warning(text).value_or(""), testing::HasSubstr("run.alphabet = \"\" takes every character"));
}

TEST(StepInputs, KeepTheBoundaryLastInALargerVocabulary) {
    const TextFile file("ab\n");
    scenario::ModelParameters model;
    model.vocabulary = 10;
    scenario::RunParameters run;
    run.text = file.path();
    EXPECT_EQ(StepInputs(model, run).text().boundary, 9u);
    model.vocabulary = 2;
    EXPECT_THROW(StepInputs(model, run), ScheduleError);
}

TEST(StepInputs, HideTokensThatAreThenTheTargetsAndHaveAllTheWeight) {
    scenario::ModelParameters model;
    model.context = 20;
    model.vocabulary = 50;
    scenario::RunParameters run;
    run.text = "synthetic";
    run.batch = 3;
    const schedule::StepInputs plain(model, run);
    model.objective = scenario::Objective::masked_token;
    const schedule::StepInputs masked(model, run);
    std::vector<std::uint32_t> whole(60), tokens(60), targets(60);
    std::vector<float> weights(60);
    plain.write(Split::training, 4, whole.data(), targets.data(), weights.data());
    masked.write(Split::training, 4, tokens.data(), targets.data(), weights.data());
    unsigned hidden = 0;
    for (std::size_t i = 0; i < 60; ++i) {
        if (weights[i] == 0) {
            EXPECT_EQ(tokens[i], whole[i]);
            continue;
        }
        ++hidden;
        EXPECT_EQ(tokens[i], 49u) << "the boundary";
        EXPECT_EQ(targets[i], whole[i]);
        EXPECT_FLOAT_EQ(weights[i], 1.0F / 9);
    }
    EXPECT_EQ(hidden, 9u) << "15 % of 20, three times";
}

TEST(StepInputs, HoldALabelAndPatchesForEachImage) {
    scenario::ModelParameters model;
    model.context = 5;
    model.vocabulary = 1000;
    model.objective = scenario::Objective::label;
    model.patch_values = 200;
    scenario::RunParameters run;
    run.text = "synthetic";
    run.batch = 2;
    const schedule::StepInputs images(model, run);
    ASSERT_EQ(images.tokens(), 2u);
    ASSERT_EQ(images.patch_values(), 2u * 4 * 200);
    std::vector<std::uint32_t> tokens(2), targets(2);
    std::vector<float> weights(2), patches(images.patch_values());
    images.write(Split::training, 0, tokens.data(), targets.data(), weights.data());
    images.write_patches(Split::training, 0, patches.data());
    EXPECT_NE(targets[0], targets[1]);
    EXPECT_EQ(weights, (std::vector<float>{0.5F, 0.5F}));
    double sum = 0, squares = 0;
    for (const float value : patches) {
        sum += value;
        squares += double{value} * value;
    }
    EXPECT_NEAR(sum / 1600, 0, 0.1);
    EXPECT_NEAR(squares / 1600, 1, 0.15);
    EXPECT_NE(patches[0], patches[800]) << "images differ";
}

TEST(StepInputs, SyntheticTokensUseTheWholeVocabularyAndFollowTheSeed) {
    scenario::ModelParameters model;
    model.context = 200;
    model.vocabulary = 7;
    scenario::RunParameters run;
    run.text = "synthetic";
    const StepInputs first(model, run);
    const StepInputs again(model, run);
    const Step step = step_of(first, 0, 200);
    EXPECT_EQ(step.tokens, step_of(again, 0, 200).tokens);
    EXPECT_EQ(std::set(step.tokens.begin(), step.tokens.end()).size(), 7u);
    EXPECT_LT(*std::max_element(step.tokens.begin(), step.tokens.end()), 7u);
    EXPECT_TRUE(std::equal(step.tokens.begin() + 1, step.tokens.end(), step.targets.begin()));
    EXPECT_NE(step.tokens, step_of(first, 1, 200).tokens);
    model.vocabulary = 0;
    EXPECT_THROW(StepInputs(model, run), ScheduleError);
}

} // namespace
} // namespace gradus::schedule::schedule_text_test
