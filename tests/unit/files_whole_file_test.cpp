// SPDX-License-Identifier: Apache-2.0
#include "platform/files/whole_file.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/files/lock.h"
#include "tests/support/temporary_folder.h"

namespace gradus::files::files_whole_file_test {
namespace {

namespace fs = std::filesystem;
using test::file_content;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// A lock for writing takes a descriptor that can write. Nobody holds the file, and the lock is not there either.
TEST(Lock, ThatTheSystemRefusesIsNeitherHeldNorThere) {
    const test::TemporaryFolder folder;
    const int file = ::open(folder.path("file").c_str(), O_RDONLY | O_CREAT, 0600);
    const std::optional<LockFailure> failure = lock(file);
    ::close(file);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->error, EBADF);
    EXPECT_EQ(failure->holder, 0);
}

class WholeFileTest : public testing::Test {
protected:
    std::string path(const std::string& name) const { return folder_.path(name); }
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(path("")))
            names.push_back(entry.path().filename().string());
        return names;
    }
    /// Why the file cannot be begun; empty: it can.
    static std::string refusal(const std::string& path) {
        try {
            const WholeFile file(path);
        } catch (const CannotBegin& error) {
            return error.what();
        }
        return "";
    }

private:
    test::TemporaryFolder folder_;
};

/// A process that does `work` and then waits until it is killed or the object goes.
class Child {
public:
    explicit Child(const std::function<void()>& work) {
        int ready[2];
        if (pipe(ready) != 0) throw std::runtime_error("no pipe");
        process_ = fork();
        if (process_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            work();
            if (::write(ready[1], "", 1) != 1) _exit(1);
            for (;;)
                pause();
        }
        close(ready[1]);
        char byte = 0;
        if (read(ready[0], &byte, 1) != 1) throw std::runtime_error("the child has failed");
        close(ready[0]);
    }
    ~Child() { end(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    void end() {
        if (process_ < 0) return;
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
        process_ = -1;
    }
    pid_t process() const { return process_; }

private:
    pid_t process_ = -1;
};

/// No file grows beyond this many bytes while the object lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

TEST_F(WholeFileTest, TakesItsNameWhenItIsKept) {
    std::ofstream(path("a.json")) << "of an earlier run";
    WholeFile file(path("a.json"));
    file.append("what is ");
    file.append(std::uint64_t{42});
    file.flush();
    EXPECT_EQ(file_content(path("a.json")), "of an earlier run");
    EXPECT_EQ(file_content(path("a.json.part")), "what is 42");
    file.keep();
    EXPECT_EQ(file_content(path("a.json")), "what is 42");
    EXPECT_THAT(names(), UnorderedElementsAre("a.json"));
    EXPECT_EQ(file.bytes(), 10u);
    EXPECT_FALSE(file.error());
    EXPECT_FALSE(file.good()) << "nothing can be added";
}

TEST_F(WholeFileTest, WhatIsNotKeptIsGoneAndTheEarlierFileStays) {
    std::ofstream(path("a.json")) << "of an earlier run";
    {
        WholeFile file(path("a.json"));
        file.append("half of a resu");
        file.flush();
    }
    EXPECT_EQ(file_content(path("a.json")), "of an earlier run");
    EXPECT_THAT(names(), UnorderedElementsAre("a.json"));
}

TEST_F(WholeFileTest, TheEarlierFileCanBeRemovedAtTheBeginning) {
    std::ofstream(path("a.json")) << "of an earlier run";
    WholeFile file(path("a.json"));
    file.remove_earlier();
    file.remove_earlier();
    EXPECT_THAT(names(), UnorderedElementsAre("a.json.part"));
}

TEST_F(WholeFileTest, LargerThanItsBufferItIsTheSameText) {
    std::string expected;
    WholeFile file(path("a.csv"));
    for (std::uint64_t number = 0; number < 100'000; ++number) {
        file.append(number);
        file.append(",");
        expected += std::to_string(number) + ",";
    }
    file.append(expected);
    file.keep();
    EXPECT_EQ(file_content(path("a.csv")), expected + expected);
    EXPECT_EQ(file.bytes(), 2 * expected.size());
}

TEST_F(WholeFileTest, WhatDoesNotFitIsRemovedAndSaysWhy) {
    WholeFile file(path("a.json"));
    {
        const FileSizeLimit limit(100'000);
        file.append(std::string(99'000, 'x'));
        EXPECT_TRUE(file.good());
        file.append(std::string(99'000, 'x'));
        EXPECT_FALSE(file.good());
    }
    file.append("there would be room for this, but the middle is missing");
    file.keep();
    EXPECT_THAT(file.error(), Optional(AllOf(StartsWith("cannot write '" + path("a.json") + "': File too large"))));
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(WholeFileTest, TheBufferThatDoesNotFitCountsToo) {
    const FileSizeLimit limit(1000);
    EXPECT_THROW(write(path("a.json"), std::string(1001, 'x')), CannotWrite);
    EXPECT_THAT(names(), IsEmpty());
    write(path("a.json"), std::string(1000, 'x'));
    EXPECT_EQ(file_content(path("a.json")).size(), 1000u);
}

TEST_F(WholeFileTest, BelongsToOneProcessAtATime) {
    std::optional<WholeFile> kept, dropped;
    Child child([&] {
        kept.emplace(path("kept.json"));
        dropped.emplace(path("a.json"));
        dropped->drop();
        kept->keep();
        dropped.emplace(path("b.json"));
    });
    EXPECT_EQ(refusal(path("kept.json")), "");
    EXPECT_EQ(refusal(path("a.json")), "");
    EXPECT_THAT(refusal(path("b.json")), HasSubstr(fmt::format("process {} is writing it", child.process())));
    EXPECT_THAT(names(), UnorderedElementsAre("kept.json", "b.json.part")) << "who is refused leaves it alone";
}

TEST_F(WholeFileTest, WhatAKilledProcessLeftIsTakenOver) {
    std::optional<WholeFile> file;
    Child child([&] {
        file.emplace(path("a.json"));
        file->append("much more than what comes after it");
        file->flush();
    });
    EXPECT_NE(refusal(path("a.json")), "");
    child.end();
    EXPECT_THAT(names(), UnorderedElementsAre("a.json.part"));
    write(path("a.json"), "whole");
    EXPECT_EQ(file_content(path("a.json")), "whole");
    EXPECT_THAT(names(), UnorderedElementsAre("a.json"));
}

TEST_F(WholeFileTest, AChildDoesNotKeepTheNameOfAParentThatIsGone) {
    std::optional<WholeFile> file;
    int grandchild[2];
    ASSERT_EQ(pipe(grandchild), 0);
    Child child([&] {
        file.emplace(path("a.json"));
        const pid_t process = fork();
        if (process == 0) {
            for (;;)
                pause();
        }
        if (::write(grandchild[1], &process, sizeof process) != sizeof process) _exit(1);
    });
    pid_t process = 0;
    ASSERT_EQ(read(grandchild[0], &process, sizeof process), static_cast<ssize_t>(sizeof process));
    EXPECT_NE(refusal(path("a.json")), "");
    child.end();
    EXPECT_EQ(refusal(path("a.json")), "");
    kill(process, SIGKILL);
    close(grandchild[0]);
    close(grandchild[1]);
}

TEST_F(WholeFileTest, AChildCanFinishWhatItsParentHasClaimed) {
    WholeFile file(path("a.json"));
    const pid_t child = fork();
    if (child == 0) {
        file.append("by the child");
        file.keep();
        _exit(file.error() ? 1 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    const WholeFile next(path("a.json"));
    file.drop();
    EXPECT_EQ(file_content(path("a.json")), "by the child");
    EXPECT_THAT(names(), UnorderedElementsAre("a.json", "a.json.part")) << "the part is the next one's";
}

TEST_F(WholeFileTest, FollowsLinksAlsoToWhatIsNotThereYet) {
    fs::create_directory(path("elsewhere"));
    std::ofstream(path("elsewhere/old.json")) << "old";
    fs::create_symlink("elsewhere/old.json", path("old.json"));
    fs::create_symlink("elsewhere/new.json", path("new.json"));
    for (const char* name : {"old.json", "new.json"}) {
        WholeFile file(path(name));
        file.remove_earlier();
        write(file, "new");
        EXPECT_TRUE(fs::is_symlink(path(name)));
        EXPECT_EQ(file_content(path("elsewhere/") + name), "new");
    }
    fs::create_symlink("round.json", path("round.json"));
    EXPECT_THAT(refusal(path("round.json")), HasSubstr("symbolic links"));
}

TEST_F(WholeFileTest, ADeviceIsWrittenDirectlyAndStaysADevice) {
    fs::create_symlink("/dev/full", path("full.json"));
    WholeFile file(path("full.json"));
    file.remove_earlier();
    file.append("x");
    file.keep();
    EXPECT_THAT(file.error(), Optional(HasSubstr("full.json': No space left on device")));
    EXPECT_TRUE(fs::is_character_file("/dev/full"));
    EXPECT_TRUE(fs::is_symlink(path("full.json")));
    EXPECT_NO_THROW(write("/dev/null", "x"));
}

TEST_F(WholeFileTest, WhatCannotBeWrittenIsRefusedAtTheBeginning) {
    fs::create_directory(path("folder"));
    EXPECT_THAT(refusal(path("folder")), HasSubstr("cannot write '" + path("folder") + "': Is a directory"));
    EXPECT_THAT(refusal(path("no/such/a.json")), HasSubstr("No such file"));
    std::ofstream(path("file")) << "no folder";
    EXPECT_THAT(refusal(path("file/a.json")), HasSubstr("Not a directory"));
    EXPECT_THAT(refusal(""), HasSubstr("No such file"));
    EXPECT_THAT(refusal(path(std::string(300, 'x'))), HasSubstr("too long"));
    std::ofstream(path("protected.json")) << "of an earlier run";
    chmod(path("protected.json").c_str(), 0444);
    EXPECT_THAT(refusal(path("protected.json")), HasSubstr("write-protected"));
    EXPECT_THAT(names(), UnorderedElementsAre("folder", "file", "protected.json"));
}

TEST_F(WholeFileTest, AFolderThatIsGoneIsAnError) {
    fs::create_directory(path("folder"));
    WholeFile file(path("folder/a.json"));
    fs::remove_all(path("folder"));
    file.append("x");
    file.keep();
    EXPECT_THAT(file.error(), Optional(HasSubstr("folder/a.json': No such file")));
    fs::create_directory(path("folder"));
    const WholeFile next(path("folder/a.json"));
    EXPECT_FALSE(fs::exists(path("folder/a.json")));
}

TEST_F(WholeFileTest, NamesMayHoldAnyCharacter) {
    const std::string name = "a 'b' \"c\"\n\x01\xff*.json";
    write(path(name), "x");
    EXPECT_THAT(names(), UnorderedElementsAre(name));
}

TEST_F(WholeFileTest, MovedItIsTheOnlyOneOfItsKind) {
    std::optional<WholeFile> first(path("a.json"));
    first->append("from the first, ");
    WholeFile second(std::move(*first));
    first.reset();
    second.append("from the second");
    second.keep();
    EXPECT_EQ(file_content(path("a.json")), "from the first, from the second");
}

} // namespace
} // namespace gradus::files::files_whole_file_test
