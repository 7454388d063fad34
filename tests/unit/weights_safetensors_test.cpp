// SPDX-License-Identifier: Apache-2.0
// Safetensors files: what is read, and that whatever is wrong with one is refused by one message.
#include <cmath>
#include <limits>
#include <memory>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/weights/npy.h"
#include "platform/weights/safetensors_reader.h"
#include "platform/weights/safetensors_writer.h"
#include "tests/support/safetensors_text.h"

namespace gradus::weights::weights_safetensors_test {
namespace {

using test::bytes_of;
using test::safetensors;
using testing::ElementsAre;
using testing::HasSubstr;

SafetensorsReader reader_of(const std::string& file) {
    return {std::make_unique<std::istringstream>(file), "f.safetensors"};
}

/// Why a file is refused, opened or read; empty: it is not.
std::string message(const std::string& file) {
    try {
        SafetensorsReader reader = reader_of(file);
        for (const auto& [name, tensor] : reader.header().tensors)
            reader.values(name);
        return "";
    } catch (const WeightsError& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("'f.safetensors': "));
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        return error.what();
    }
}

/// One tensor of 4 bytes, but for what is said of it.
std::string with(const std::string& entry, const std::string& data = std::string(4, '\0')) {
    return safetensors("{\"a\": " + entry + "}", data);
}

TEST(Safetensors, WhatIsWrittenIsRead) {
    const std::string file =
        header_of({{"a", "F32", {2, 3}}, {"b.c", "BF16", {2}}, {"d", "F32", {0}}}, {{"key", "value"}}) +
        bytes_of({1, 2, 3, 4, 5, -0.5F}) + std::string("\x80\x3f\x00\xc0", 4);
    EXPECT_EQ((file.size() - 24 - 4) % 8, 0u) << "the data are aligned";
    SafetensorsReader reader = reader_of(file);
    EXPECT_EQ(reader.header().metadata.at("key"), "value");
    EXPECT_THAT(reader.header().tensors.at("a").shape, ElementsAre(2, 3));
    EXPECT_THAT(reader.values("a"), ElementsAre(1, 2, 3, 4, 5, -0.5F));
    EXPECT_THAT(reader.values("b.c"), ElementsAre(1, -2)) << "0x3f80 and 0xc000 are the upper halves of 1 and -2";
    EXPECT_TRUE(reader.values("d").empty());
}

// 0x3c00 is 1, 0xc100 is -2.5, 0x0001 the smallest number above 0, which is 2^-24, 0x7bff the largest: 65504.
TEST(Safetensors, HalfPrecisionIsRead) {
    SafetensorsReader reader = reader_of(with(R"({"dtype": "F16", "shape": [4], "data_offsets": [0, 8]})",
                                              std::string("\x00\x3c\x00\xc1\x01\x00\xff\x7b", 8)));
    EXPECT_THAT(reader.values("a"), ElementsAre(1, -2.5F, std::ldexp(1.0F, -24), 65504));
}

TEST(Safetensors, AFileThatIsNoneOrIsCutIsRefused) {
    EXPECT_THAT(message(""), HasSubstr("ends within its first 8 bytes"));
    EXPECT_THAT(message("1234567"), HasSubstr("ends within its first 8 bytes"));
    EXPECT_THAT(message("PK\x03\x04 this is a zip archive, as PyTorch writes"), HasSubstr("is no safetensors file"));
    EXPECT_THAT(message(std::string(8, '\xff')), HasSubstr("is no safetensors file")) << "a header of 2^64 - 1 bytes";
    EXPECT_THAT(message(std::string("\x01\0\0\x01\0\0\0\0", 8) + std::string((16u << 20) + 1, ' ')),
                HasSubstr("16 MiB is the most"));
    const std::string whole = with(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})");
    EXPECT_EQ(message(whole), "");
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
        EXPECT_NE(message(whole.substr(0, bytes)), "") << bytes;
    EXPECT_THAT(message(whole.substr(0, whole.size() - 1)), HasSubstr("is the file cut?"));
    EXPECT_THAT(message(whole + "x"), HasSubstr("1 bytes of data belong to no tensor"));
}

TEST(Safetensors, AHeaderThatIsNoneIsRefused) {
    EXPECT_THAT(message(safetensors("")), HasSubstr("no JSON"));
    EXPECT_THAT(message(safetensors("[1]")), HasSubstr("no JSON object"));
    EXPECT_THAT(message(safetensors("{\"a\": 1}")), HasSubstr("tensor 'a' has no object"));
    EXPECT_THAT(message(safetensors(std::string(100'000, '['))), HasSubstr("nested too deep"));
    EXPECT_THAT(message(safetensors("{\"__metadata__\": {\"a\": 1}}")), HasSubstr("__metadata__"));
    EXPECT_THAT(message(safetensors(R"({"a": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]},
                                        "a": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}})")),
                HasSubstr("names 'a' twice"));
    EXPECT_THAT(message(with(R"({"shape": [1], "data_offsets": [0, 4]})")), HasSubstr("tensor 'a' has no dtype"));
    EXPECT_THAT(message(with(R"({"dtype": 3, "shape": [1], "data_offsets": [0, 4]})")), HasSubstr("no text"));
    EXPECT_THAT(message(with(R"({"dtype": "Q4", "shape": [1], "data_offsets": [0, 4]})")),
                HasSubstr("unknown dtype 'Q4'"));
}

TEST(Safetensors, SizesThatCannotBeAreRefused) {
    const auto of = [](const std::string& shape, const std::string& offsets) {
        return message(with(R"({"dtype": "F32", "shape": )" + shape + R"(, "data_offsets": )" + offsets + "}"));
    };
    EXPECT_EQ(of("[1]", "[0, 4]"), "");
    EXPECT_EQ(of("[]", "[0, 4]"), "") << "a scalar";
    EXPECT_THAT(of("[2]", "[0, 4]"), HasSubstr("tensor 'a' has 4 bytes, which [2] of F32 do not take"));
    EXPECT_THAT(of("[-1]", "[0, 4]"), HasSubstr("a shape that is no list of whole numbers"));
    EXPECT_THAT(of("[1.0]", "[0, 4]"), HasSubstr("a shape that is no list of whole numbers"));
    EXPECT_THAT(of("[1]", "[4, 0]"), HasSubstr("no begin and end"));
    EXPECT_THAT(of("[1]", "[-4, 0]"), HasSubstr("data_offsets that is no list of whole numbers"));
    EXPECT_THAT(of("[1]", "[0]"), HasSubstr("no begin and end"));
    EXPECT_THAT(of("[4294967296, 4294967296]", "[0, 0]"), HasSubstr("do not take")) << "their product is 2^64";
    EXPECT_THAT(of("[4611686018427387905]", "[0, 4]"), HasSubstr("do not take")) << "times 4 bytes is 2^64 + 4";
    EXPECT_THAT(of("[4611686018427387903]", "[0, 18446744073709551612]"), HasSubstr("is the file cut?"));
    EXPECT_THAT(of("[1, 1, 1, 1, 1, 1, 1, 1, 1]", "[0, 4]"), HasSubstr("more than 8 dimensions"));
}

TEST(Safetensors, TensorsThatOverlapOrLeaveGapsAreRefused) {
    const auto of = [](unsigned begin) {
        const std::string end = std::to_string(begin + 4);
        return message(safetensors(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, )"
                                   R"("b": {"dtype": "F32", "shape": [1], "data_offsets": [)" +
                                       std::to_string(begin) + ", " + end + "]}}",
                                   std::string(12, '\0')));
    };
    EXPECT_THAT(of(0), HasSubstr("tensor 'b' overlaps the tensor before it"));
    EXPECT_THAT(of(3), HasSubstr("tensor 'b' overlaps"));
    EXPECT_THAT(of(5), HasSubstr("tensor 'b' leaves a gap behind the tensor before it"));
    EXPECT_THAT(of(4), HasSubstr("4 bytes of data belong to no tensor"));
}

TEST(Safetensors, WhatIsNoFiniteNumberIsRefused) {
    const std::string three = R"({"dtype": "F32", "shape": [3], "data_offsets": [0, 12]})";
    EXPECT_THAT(message(with(three, bytes_of({1, 2, std::numeric_limits<float>::quiet_NaN()}))),
                HasSubstr("tensor 'a' holds NaN as element 2"));
    EXPECT_THAT(message(with(three, bytes_of({1, -std::numeric_limits<float>::infinity(), 2}))),
                HasSubstr("tensor 'a' holds an infinity as element 1"));
    EXPECT_THAT(
        message(with(R"({"dtype": "F16", "shape": [2], "data_offsets": [0, 4]})", std::string("\0\0\1\x7c", 4))),
        HasSubstr("holds NaN as element 1"));
    EXPECT_THAT(
        message(with(R"({"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]})", std::string("\0\0\x80\x7f", 4))),
        HasSubstr("holds an infinity as element 1"));
}

TEST(Safetensors, OtherFormatsAreRefusedByName) {
    EXPECT_THAT(message(with(R"({"dtype": "I32", "shape": [1], "data_offsets": [0, 4]})")),
                HasSubstr("tensor 'a' is of type I32; F32, BF16 and F16 can be read"));
}

// Of NumPy's format: magic, version 1.0, the length of what follows in two bytes, a dictionary, blanks up to a
// multiple of 64 bytes, and a newline.
TEST(Npy, TheHeaderIsThatOfNumPy) {
    const std::string header = npy_header(3, 70);
    ASSERT_EQ(header.size(), 128u);
    EXPECT_EQ(header.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10)) << "118 bytes follow";
    EXPECT_THAT(header.substr(10),
                testing::StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 70), } "));
    EXPECT_EQ(header.back(), '\n');
}

} // namespace
} // namespace gradus::weights::weights_safetensors_test
