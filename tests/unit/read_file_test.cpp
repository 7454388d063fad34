// SPDX-License-Identifier: Apache-2.0
// Files as people hand them in: missing, folders, unreadable, endless, and pipes, which give their content once.
#include "platform/scenario/read_file.h"

#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

namespace gradus::scenario {
namespace {

using ::testing::HasSubstr;

/// A pipe with a content of at most 64 KiB, under a path as the shell's <(...) has it.
class FilledPipe {
public:
    explicit FilledPipe(const std::string& content) {
        EXPECT_EQ(::pipe(ends_), 0);
        EXPECT_EQ(::write(ends_[1], content.data(), content.size()), static_cast<ssize_t>(content.size()));
        ::close(ends_[1]);
    }
    ~FilledPipe() { ::close(ends_[0]); }
    FilledPipe(const FilledPipe&) = delete;
    FilledPipe& operator=(const FilledPipe&) = delete;
    std::string path() const { return "/dev/fd/" + std::to_string(ends_[0]); }

private:
    int ends_[2]{};
};

std::string refusal(const std::string& path, std::uint64_t most_bytes = largest_file) {
    try {
        read_file(path, most_bytes);
    } catch (const FileError& error) {
        return error.what();
    }
    ADD_FAILURE() << path << " was read";
    return "";
}

TEST(ReadFile, GivesTheWholeContentWithItsZeros) {
    const test::TemporaryFolder folder;
    const std::string content = std::string("a\0b\r\n", 5) + std::string(300'000, 'x');
    std::ofstream(folder.path("file"), std::ios::binary) << content;
    EXPECT_EQ(read_file(folder.path("file")), content);
    std::ofstream(folder.path("empty"));
    EXPECT_EQ(read_file(folder.path("empty")), "");
}

TEST(ReadFile, SaysWhyAFileCannotBeRead) {
    const test::TemporaryFolder folder;
    EXPECT_EQ(refusal(folder.path("gone")), "there is no file '" + folder.path("gone") + "'");
    EXPECT_EQ(refusal(folder.path("")), "'" + folder.path("") + "' is a directory, not a file");
    std::ofstream(folder.path("file")) << "0123456789";
    EXPECT_THAT(refusal(folder.path("file/deeper")), HasSubstr("cannot be read: Not a directory"));
    EXPECT_THAT(refusal(folder.path("file"), 9), HasSubstr("is larger than 0 KiB"));
    EXPECT_EQ(read_file(folder.path("file"), 10), "0123456789");
    EXPECT_THAT(refusal("/dev/zero", 1 << 20), HasSubstr("'/dev/zero' is larger than 1 MiB"));
    EXPECT_THAT(refusal(std::string("a\x1b\nb")), HasSubstr("'a??b'")) << "nothing reaches the terminal";
    if (::geteuid() == 0) return; // who may read everything
    ::chmod(folder.path("file").c_str(), 0);
    EXPECT_THAT(refusal(folder.path("file")), HasSubstr("cannot be read: Permission denied"));
}

TEST(ReadFile, TellsAMissingFileFromOthers) {
    try {
        read_file("/nowhere");
        FAIL();
    } catch (const FileError& error) {
        EXPECT_TRUE(error.missing());
    }
    try {
        read_file("/tmp");
        FAIL();
    } catch (const FileError& error) {
        EXPECT_FALSE(error.missing());
    }
}

TEST(ReadFile, APipeCanBeReadAgainAlsoByAChild) {
    const FilledPipe pipe("once");
    EXPECT_EQ(read_file(pipe.path()), "once");
    EXPECT_EQ(read_file(pipe.path()), "once");
    const pid_t child = ::fork();
    if (child == 0) _exit(read_file(pipe.path()) == "once" ? 0 : 1);
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(ReadFile, WhatTheShellPassesHasNeitherFolderNorName) {
    EXPECT_EQ(folder_of("/dev/fd/63"), "");
    EXPECT_EQ(folder_of("/dev/stdin"), "");
    EXPECT_EQ(folder_of("/proc/self/fd/5"), "");
    EXPECT_EQ(folder_of("scenarios/runs/names.toml"), "scenarios/runs");
    EXPECT_EQ(folder_of("/dev/shm/names.toml"), "/dev/shm");
    EXPECT_EQ(name_of("/dev/fd/63"), "pipe");
    EXPECT_EQ(name_of("scenarios/runs/names.toml"), "names");
}

} // namespace
} // namespace gradus::scenario
