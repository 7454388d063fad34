// SPDX-License-Identifier: Apache-2.0
// Lists of shapes, and tables of layers as the products they become.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/schedule/layers.h"

namespace gradus::schedule::schedule_layers_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Dims = std::vector<std::uint32_t>;

constexpr const char* convolutions =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";

std::vector<ListedShape> parsed(const std::string& text, const char* op = "gemm") {
    return parse_shapes(text, "net.csv", *find_operator(op));
}

std::string refusal(const std::string& text, const char* op = "gemm") {
    try {
        parsed(text, op);
    } catch (const ScheduleError& error) {
        return error.what();
    }
    return "";
}

TEST(ShapeList, HasAShapeALineAndComments) {
    const auto shapes = parsed("\xEF\xBB\xBF# three\r\n 8 x 8 x 8 \r\n\r\n12X12\t*12 # the last\r4\xC3\x97"
                               "5\xC3\x97"
                               "6");
    ASSERT_EQ(shapes.size(), 3u);
    EXPECT_EQ(shapes[0].dims, (Dims{8, 8, 8}));
    EXPECT_EQ(shapes[1].dims, (Dims{12, 12, 12}));
    EXPECT_EQ(shapes[2].dims, (Dims{4, 5, 6}));
    EXPECT_EQ(shapes[0].place, "net.csv:2");
    EXPECT_EQ(shapes[0].name, "");
}

TEST(ShapeList, SaysWhereAndWhatIsNoShape) {
    for (const char* line : {"4x4", "4x4x4x4", "4x0x4", "axbxc", "4 4 4", "-4x4x4", "99999999999x1x1", "4x4x4.5"})
        EXPECT_THAT(refusal(std::string("8x8x8\n") + line + "\n"),
                    AllOf(StartsWith("net.csv:2: '"), HasSubstr("is no shape; gemm takes MxNxK, such as 1024x768x768")))
            << line;
    for (const char* text : {"", "\n\n", "# nothing\n", "\xEF\xBB\xBF"})
        EXPECT_EQ(refusal(text), "net.csv: there is no shape in it") << text;
    EXPECT_EQ(refusal(std::string("\xFF\xFE"
                                  "8\0",
                                  4)),
              "net.csv: is in UTF-16; save it as UTF-8");
}

TEST(LayerTable, ProductsOfScaleSimAreOurs) {
    const char* const plain = "Layer, M, N, K,\nqk, 16, 8, 4,\nav, 2, 3, 5,";
    const char* const tabs = "layer\tm\tn\tk\t\r\nqk\t16\t8\t4\t\r\n\r\nav\t2\t3\t5\t\r\n";
    const char* const reordered = "# a network\nK;N;Layer Name;M\n4;8;qk;16\n5;3;av;2\n;;;\n";
    const char* const sparse = "Layer Name, M, N, K, Sparsity,\nqk,16,8,4,1:1,\nav,2,3,5,4:4,\n";
    for (const char* text : {plain, tabs, reordered, sparse}) {
        const auto layers = parsed(text);
        ASSERT_EQ(layers.size(), 2u) << text;
        EXPECT_EQ(layers[0].name, "qk") << text;
        EXPECT_EQ(layers[0].dims, (Dims{16, 8, 4})) << text;
        EXPECT_EQ(layers[1].dims, (Dims{2, 3, 5})) << text;
        EXPECT_EQ(layers[1].sparsity, "") << text;
    }
    EXPECT_EQ(parsed("Layer,M,N,K,Sparsity\na,1,1,4,2:4\n")[0].sparsity, "2:4");
}

TEST(LayerTable, AConvolutionIsTheProductOfItsUnrolledInput) {
    // 224 wide, a filter of 7 every 2: the last step is short, (224 - 7) / 2 = 108.5, so 110 pixels.
    const auto layers =
        parsed(std::string(convolutions) + "Conv1, 224, 224, 7, 7, 3, 64, 2,\nFC, 1, 1, 1, 1, 512, 10, 1,\n"
                                           "wide, 5, 9, 3, 2, 4, 6, 1, #remark\n");
    ASSERT_EQ(layers.size(), 3u);
    EXPECT_EQ(layers[0].dims, (Dims{110 * 110, 64, 7 * 7 * 3}));
    EXPECT_EQ(layers[1].dims, (Dims{1, 10, 512}));
    EXPECT_EQ(layers[2].dims, (Dims{3 * 8, 6, 3 * 2 * 4}));
    EXPECT_EQ(layers[2].place, "net.csv:4");
}

TEST(LayerTable, BothStridesCanBeGivenAndOtherColumnsDoNotCount) {
    const auto layers = parsed("Layer name,IFMAP height,IFMAP width,Filter height,Filter width,Channels,Num filter,"
                               "Stride height,Stride width,,Eh\na,9,9,3,3,2,4,1,3,,7\n");
    EXPECT_EQ(layers[0].dims, (Dims{7 * 3, 4, 18}));
}

TEST(LayerTable, TheFirstOfTwoWidthsIsTheHeight) {
    const auto layers = parsed("Layer, IFMAP Width, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
                               "Strides,\nspeech,700,161,20,5,1,32,2,\n");
    EXPECT_EQ(layers[0].dims, (Dims{341 * 79, 32, 100}));
}

TEST(LayerTable, ADepthwiseLayerIsAProductForEachChannel) {
    const auto layers = parsed(std::string(convolutions) + "DP2, 10, 10, 3, 3, 32, 1, 1,\n");
    EXPECT_EQ(layers[0].dims, (Dims{64, 1, 9}));
    EXPECT_EQ(layers[0].times, 32u);
    EXPECT_EQ(layers[0].name, "DP2");
}

TEST(LayerTable, RowsWithANameAloneAreHeadings) {
    EXPECT_EQ(parsed(std::string(convolutions) + "\nNetOne,\n,,,,,,,,\na, 8, 8, 3, 3, 2, 4, 1,\n").size(), 1u);
    EXPECT_EQ(refusal(std::string(convolutions) + "NetOne,\n"), "net.csv: there is no shape in it");
}

TEST(LayerTable, SaysWhereAndWhatIsWrong) {
    const auto row = [](const std::string& text) { return refusal(std::string(convolutions) + text + "\n"); };
    EXPECT_EQ(row("a, 8, B, 3, 3, 2, 4, 1,"), "net.csv:2: under 'IFMAP Width': 'B' is no whole number");
    EXPECT_EQ(row("a, 8, 8, 3, 3, 2, 4"), "net.csv:2: under 'Strides': there is no whole number");
    EXPECT_THAT(row("a, 8, 8, 3, 3, 2, 4, 0,"), HasSubstr("'0' is not a whole number from 1"));
    EXPECT_THAT(row("a, 8, 8, 3, 3, -2, 4, 1,"), HasSubstr("under 'Channels': '-2' is not a whole number"));
    EXPECT_THAT(row("a, 8, 8, 3, 3, \"1,024\", 4, 1,"), HasSubstr("without separators of thousands"));
    EXPECT_EQ(row("a, 8, 8, 9, 3, 2, 4, 1,"), "net.csv:2: the filter of 9 is larger than the input of 8");
    EXPECT_THAT(row("a, 100000, 100000, 1, 1, 2, 4, 1,"), HasSubstr("net.csv:2: the layer is a product with"));
    for (const char* text : {"a,8,8,8\nb,8,8,8\n", "1024, 768, 768\n", "Layer,M,N\na,1,2\n"})
        EXPECT_THAT(refusal(text), HasSubstr("net.csv:1: the first line names the columns, either Layer, M, N, K or"));
    EXPECT_THAT(refusal("Layer,M,N,K\na,1,2,3\n", "softmax"),
                HasSubstr("a table of layers is for gemm; softmax takes a shape RxC a line"));
    EXPECT_THAT(refusal("Layer,M,N,K\n\"a,1,2,3\n"), HasSubstr("net.csv:2: a double quote is not closed"));
}

TEST(ShapeList, NeverCrashesOnNoise) {
    constexpr unsigned seed = 5;
    std::mt19937 random(seed);
    const std::vector<std::string> pieces{"Layer", "M",  "N", "K", ",",          ",",   ",",  "\n", "\n", "8", "3x3x3",
                                          "-1",    "\"", "#", " ", convolutions, "1e9", "DP", "\t", ";",  "x"};
    for (unsigned i = 0; i < 3000; ++i) {
        std::string text;
        for (unsigned k = random() % 40; k > 0; --k)
            text += pieces[random() % pieces.size()];
        try {
            parsed(text);
        } catch (const ScheduleError& error) {
            EXPECT_THAT(error.what(), StartsWith("net.csv:")) << "seed " << seed;
        }
    }
}

} // namespace
} // namespace gradus::schedule::schedule_layers_test
