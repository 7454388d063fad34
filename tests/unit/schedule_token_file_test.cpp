// SPDX-License-Identifier: Apache-2.0
// Files of token ids: what nanoGPT, llm.c and NumPy write, and what is damaged.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/schedule/text.h"
#include "tests/support/temporary_folder.h"

namespace gradus::schedule::schedule_token_file_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Whole numbers, little endian, as a file has them.
template <typename Number>
std::string bytes_of(const std::vector<Number>& numbers) {
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
    std::string header = dictionary + "\n";
    std::string text = std::string("\x93NUMPY", 6) + version + '\0';
    for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
        text += static_cast<char>(header.size() >> (8 * i) & 0xff);
    return text + header + data;
}

std::string dictionary(const std::string& type, const std::string& shape) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

std::string llmc(std::int32_t magic, std::int32_t version, std::int32_t count, const std::string& data) {
    std::vector<std::int32_t> header(256);
    header[0] = magic;
    header[1] = version;
    header[2] = count;
    return bytes_of(header) + data;
}

class TokenFiles : public testing::Test {
protected:
    std::string file(const std::string& name, const std::string& content) {
        const std::string path = folder_.path(name);
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

    std::vector<std::uint32_t> tokens(const std::string& name, const std::string& content) {
        const auto opened = TokenFile::open(file(name, content));
        if (!opened) return {};
        std::vector<std::uint32_t> all(opened->size());
        opened->read(0, all.size(), all.data());
        return all;
    }

    std::string refusal(const std::string& name, const std::string& content) {
        try {
            tokens(name, content);
        } catch (const ScheduleError& error) {
            return error.what();
        }
        return "";
    }

    StepInputs inputs(const std::string& path, unsigned context, unsigned vocabulary, unsigned steps = 200) {
        scenario::ModelParameters model;
        model.context = context;
        model.vocabulary = vocabulary;
        scenario::RunParameters run;
        run.text = path;
        run.steps = steps;
        return {model, run};
    }

private:
    test::TemporaryFolder folder_;
};

const std::vector<std::uint16_t> gpt2_tokens = {1, 50256, 0, 65535};

TEST_F(TokenFiles, AreReadAsNanoGptAndLlmCWriteThem) {
    const auto expected = ElementsAre(1, 50256, 0, 65535);
    EXPECT_THAT(tokens("train.bin", bytes_of(gpt2_tokens)), expected);
    EXPECT_THAT(tokens("gpt2.bin", llmc(20240520, 1, 4, bytes_of(gpt2_tokens))), expected);
    EXPECT_THAT(tokens("shard", llmc(20240520, 1, 4, bytes_of(gpt2_tokens))), expected) << "known by its magic number";
    EXPECT_THAT(tokens("llama3.bin", llmc(20240801, 7, 2, bytes_of(std::vector<std::uint32_t>{128'255, 3}))),
                ElementsAre(128'255, 3));
    EXPECT_EQ(TokenFile::open(file("names.txt", "ada\n")), nullptr) << "that is text";
}

TEST_F(TokenFiles, AreReadAsNumPyWritesThem) {
    EXPECT_THAT(tokens("a.npy", npy(dictionary("<u2", "(4,)"), bytes_of(gpt2_tokens))),
                ElementsAre(1, 50256, 0, 65535));
    EXPECT_THAT(tokens("b.npy", npy(dictionary("<i8", "(2,)"), bytes_of(std::vector<std::int64_t>{70'000, 5}))),
                ElementsAre(70'000, 5));
    EXPECT_THAT(tokens("c", npy(dictionary("|u1", "(2, 3)"), "\1\2\3\4\5\6", 2)), ElementsAre(1, 2, 3, 4, 5, 6))
        << "rows one after the other, known by its magic number";
    EXPECT_THAT(tokens("d.npy", npy("{\"shape\": (1,), \"fortran_order\": True, \"descr\": \"<i4\"}",
                                    bytes_of(std::vector<std::int32_t>{7}), 3)),
                ElementsAre(7))
        << "a single row has one order";
}

TEST_F(TokenFiles, ThatAreDamagedAreRefusedInOneSentence) {
    const std::string data = bytes_of(gpt2_tokens);
    EXPECT_THAT(refusal("a.bin", ""), HasSubstr("it holds no tokens"));
    EXPECT_THAT(refusal("a.bin", data + "x"), HasSubstr("its 9 bytes are no whole number of 16-bit tokens"));
    EXPECT_THAT(refusal("a.bin", llmc(20240520, 2, 4, data)),
                HasSubstr("version 2 of magic number 20240520 is unknown"));
    EXPECT_THAT(refusal("a.bin", llmc(20240520, 1, -4, data)), HasSubstr("its header says -4 tokens"));
    EXPECT_THAT(refusal("a.bin", llmc(20240520, 1, 5, data)),
                HasSubstr("says 5 tokens of 2 bytes, and 8 bytes follow"));
    EXPECT_THAT(refusal("a.bin", llmc(20240520, 1, 4, data).substr(0, 1000)), HasSubstr("ends within its header"));
    EXPECT_THAT(refusal("a.npy", "ada\n"), HasSubstr("does not begin as a .npy does"));
    const std::string good = npy(dictionary("<u2", "(4,)"), data);
    for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
        const std::string message = refusal("a.npy", good.substr(0, bytes));
        EXPECT_THAT(message, HasSubstr("a.npy: ")) << bytes;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
    std::string huge = good;
    huge.replace(8, 2, "\xff\xff");
    EXPECT_THAT(refusal("a.npy", huge + std::string(70'000, ' ')), HasSubstr("is longer than 65536"));
    for (const char* shape : {"(-4,)", "(4", "4", "(4 4)", "(99999999999999999999,)"})
        EXPECT_THAT(refusal("a.npy", npy(dictionary("<u2", shape), data)),
                    HasSubstr("its header is not what NumPy writes"))
            << shape;
    EXPECT_THAT(refusal("a.npy", npy(dictionary("<u2", "(4294967296, 4294967296)"), data)), HasSubstr("more elements"));
    EXPECT_THAT(refusal("a.npy", npy(dictionary("<u2", "(5,)"), data)), HasSubstr("says 5 tokens"));
    EXPECT_THAT(refusal("a.npy", npy(dictionary("<f4", "(2,)"), data)), HasSubstr("of type <f4"));
    EXPECT_THAT(refusal("a.npy", npy(dictionary(">u2", "(4,)"), data)), HasSubstr("of type >u2"));
    EXPECT_THAT(refusal("a.npy", npy("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (4,)}", data)),
                HasSubstr("its elements are records"));
    EXPECT_THAT(refusal("a.npy", npy("{'descr': '<u2', 'fortran_order': True, 'shape': (2, 2)}", data)),
                HasSubstr("in the order of Fortran"));
    EXPECT_THAT(refusal("a.npy", npy(dictionary("<i2", "(4,)"), data)), HasSubstr("token 1 is -15280"))
        << "50256 - 65536";
    EXPECT_THAT(refusal("a.npy", npy(dictionary("<u8", "(1,)"), std::string(8, '\xff'))), HasSubstr("beyond any"));
}

// 10 tokens, each its own place: a window of 3 is three of them in a row, and its targets the same one place on.
TEST_F(TokenFiles, FeedStepsWithWindowsWhateverRunDocumentsSays) {
    const std::string path = file("a.bin", bytes_of(std::vector<std::uint16_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    const StepInputs steps = inputs(path, 3, 10);
    EXPECT_EQ(steps.text().length, 10u);
    EXPECT_EQ(steps.text().shown(4), "<4>") << "a token has no character";
    std::set<std::uint32_t> places;
    std::vector<std::uint32_t> tokens(3), targets(3);
    std::vector<float> weights(3);
    for (std::uint32_t step = 0; step < 100; ++step) {
        steps.write(Split::training, step, tokens.data(), targets.data(), weights.data());
        places.insert(tokens[0]);
        EXPECT_THAT(tokens, ElementsAre(tokens[0], tokens[0] + 1, tokens[0] + 2));
        EXPECT_THAT(targets, ElementsAre(tokens[0] + 1, tokens[0] + 2, tokens[0] + 3));
    }
    EXPECT_EQ(places.size(), 7u);
}

std::string refused(const std::function<void()>& call) {
    try {
        call();
    } catch (const ScheduleError& error) {
        return error.what();
    }
    return "";
}

TEST_F(TokenFiles, AreHeldAgainstTheVocabularyBeforeTheRun) {
    std::vector<std::uint16_t> ids(1000, 5);
    ids[999] = 20;
    const std::string path = file("a.bin", bytes_of(ids));
    EXPECT_THAT(refused([&] { inputs(path, 9, 0); }), HasSubstr("need model.vocabulary"));
    EXPECT_THAT(refused([&] { inputs(path, 9, 20); }),
                HasSubstr("model.vocabulary is 20, but token 999 of the training "
                          "text is 20"))
        << "200 windows of 10 are more than all of it";
    EXPECT_EQ(refused([&] { inputs(path, 9, 21); }), "");
    EXPECT_EQ(refused([&] { inputs(path, 9, 20, 1); }), "") << "the only window of the run does not have it";
    EXPECT_THAT(refused([&] { inputs(path, 1000, 21); }), HasSubstr("has 1,000 tokens, and a window takes 1,001"));
}

TEST_F(TokenFiles, ThatShrinkWhileTheyAreInUseAreAnError) {
    const std::string path = file("a.bin", bytes_of(std::vector<std::uint16_t>(100, 1)));
    const StepInputs steps = inputs(path, 3, 10);
    std::filesystem::resize_file(path, 2);
    std::vector<std::uint32_t> tokens(3), targets(3);
    std::vector<float> weights(3);
    EXPECT_THAT(refused([&] { steps.write(Split::training, 0, tokens.data(), targets.data(), weights.data()); }),
                HasSubstr("has become shorter"));
}

// A file of 2^33 tokens, of which hardly any takes room on a disk: 16 GiB are neither read nor held in memory.
TEST_F(TokenFiles, LargerThanMemoryCostNothing) {
    const std::string path = file("a.bin", "");
    std::filesystem::resize_file(path, std::uintmax_t{1} << 34);
    EXPECT_EQ(inputs(path, 1000, 10, 2).text().length, std::uint64_t{1} << 33);
}

} // namespace
} // namespace gradus::schedule::schedule_token_file_test
