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

std::string refusal(const std::string& path, const std::string& alphabet = letters) {
    try {
        read_corpus(path, alphabet, true);
    } catch (const ScheduleError& error) {
        return error.what();
    }
    return "";
}

std::vector<std::string> documents(const Corpus& corpus) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < corpus.size(); ++i)
        result.emplace_back(corpus.document(i));
    return result;
}

TEST(Corpus, ReadsPlainAndCompressedFilesAlike) {
    const std::string content = "Ada\nBob\n";
    const TextFile plain(content);
    const TextFile compressed(content, true);
    for (const TextFile* file : {&plain, &compressed}) {
        const Corpus corpus = read_corpus(file->path(), letters, true);
        EXPECT_THAT(documents(corpus), testing::ElementsAre("ada", "bob"));
        EXPECT_EQ(corpus.symbols, "abdo");
    }
}

TEST(Corpus, LeavesOutLinesWithForeignCharactersAndCountsThem) {
    const TextFile file("anna\nann-marie\nj\xc3\xbcrgen\n\nx2\nlast");
    const Corpus corpus = read_corpus(file.path(), letters, true);
    EXPECT_THAT(documents(corpus), testing::ElementsAre("anna", "last"));
    EXPECT_EQ(corpus.skipped, 3u) << "an empty line is no document, but nothing foreign either";
}

TEST(Corpus, KeepsCapitalsUnlessToldToLowerThem) {
    const TextFile file("Ada\nbob\n");
    const Corpus corpus = read_corpus(file.path(), letters, false);
    EXPECT_THAT(documents(corpus), testing::ElementsAre("bob"));
    EXPECT_EQ(corpus.skipped, 1u);
}

TEST(Corpus, CutsBlanksAndCarriageReturnsOffALine) {
    const TextFile file("  ada \t\r\n \r\nbob\r\n");
    EXPECT_THAT(documents(read_corpus(file.path(), letters, true)), testing::ElementsAre("ada", "bob"));
}

TEST(Corpus, AMarkIsNoPartOfTheFirstDocument) {
    for (const bool compressed : {false, true}) {
        const TextFile file("\xEF\xBB\xBF"
                            "ada\r\nbob\r\n",
                            compressed);
        for (const char* alphabet : {letters, ""}) {
            const Corpus corpus = read_corpus(file.path(), alphabet, true);
            EXPECT_THAT(documents(corpus), testing::ElementsAre("ada", "bob"));
            EXPECT_EQ(corpus.symbols, "abdo");
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
    EXPECT_THAT(documents(read_corpus(file.path(), letters, true)), testing::ElementsAre("ada", "bob"));
}

TEST(Corpus, TakesEveryCharacterButControlsWithoutAnAlphabet) {
    const TextFile file("to be, or not\nj\xc3\xbcrgen\nbell\x07\n");
    const Corpus corpus = read_corpus(file.path(), "", true);
    EXPECT_EQ(corpus.size(), 2u);
    EXPECT_EQ(corpus.skipped, 1u);
    EXPECT_THAT(corpus.symbols, testing::HasSubstr("\xc3"));
    EXPECT_TRUE(std::is_sorted(corpus.symbols.begin(), corpus.symbols.end(),
                               [](unsigned char a, unsigned char b) { return a < b; }));
}

TEST(Corpus, RefusesFilesItCannotUse) {
    EXPECT_THAT(refusal("/nonexistent/names"), testing::HasSubstr("there is no file '/nonexistent/names'"));
    EXPECT_THAT(refusal("/tmp"), testing::HasSubstr("is a directory"));
    EXPECT_THAT(refusal(TextFile("").path()), testing::HasSubstr("no usable line"));
    EXPECT_THAT(refusal(TextFile("\n\r\n \n").path()), testing::HasSubstr("no usable line"));
    EXPECT_THAT(refusal(TextFile("a1\n").path()), testing::HasSubstr("0x31"));
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
            const Corpus corpus = read_corpus(file.path(), alphabet, true);
            EXPECT_EQ(documents(corpus).back(), "ada");
        }
    }
    const TextFile huge(std::string(10u << 20, 'a'));
    EXPECT_EQ(read_corpus(huge.path(), letters, true).document(0).size(), 10u << 20);
}

struct Step {
    std::vector<std::uint32_t> tokens;
    std::vector<std::uint32_t> targets;
    std::vector<float> weights;
};

Step step_of(const StepInputs& inputs, std::uint32_t number, std::size_t size) {
    Step step{std::vector<std::uint32_t>(size), std::vector<std::uint32_t>(size), std::vector<float>(size)};
    inputs.write(number, step.tokens.data(), step.targets.data(), step.weights.data());
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
    plain.write(4, whole.data(), targets.data(), weights.data());
    masked.write(4, tokens.data(), targets.data(), weights.data());
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
    images.write(0, tokens.data(), targets.data(), weights.data());
    images.write_patches(0, patches.data());
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
