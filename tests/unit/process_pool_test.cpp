// SPDX-License-Identifier: Apache-2.0
#include "platform/process/pool.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include "platform/process/command.h"

namespace gradus::process::process_pool_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

[[noreturn]] std::string sleep_for_ever() {
    for (;;)
        pause();
}

Outcome outcome_of(const std::function<std::string()>& work, const Limits& limits = {}) {
    Pool pool(1, limits);
    pool.start(7, work);
    Outcome outcome = pool.wait();
    EXPECT_EQ(outcome.number, 7);
    EXPECT_EQ(pool.running(), 0);
    return outcome;
}

TEST(ProcessPool, BringsBackWhatEachChildWorkedOut) {
    Pool pool(3);
    std::map<std::size_t, std::string> answers;
    for (std::size_t next = 0; next < 20 || pool.running();) {
        if (next < 20 && !pool.full()) {
            pool.start(next, [next] { return std::string(next * 10'000, 'x') + std::to_string(next); });
            ++next;
        } else {
            EXPECT_LE(pool.running(), 3);
            const Outcome outcome = pool.wait();
            EXPECT_FALSE(outcome.failure);
            answers[outcome.number] = outcome.answer;
        }
    }
    ASSERT_EQ(answers.size(), 20);
    EXPECT_EQ(answers[19], std::string(190'000, 'x') + "19") << "more than a pipe holds";
}

TEST(ProcessPool, WhatAChildPrintsIsItsLogAndNotOurOutput) {
    const Outcome outcome = outcome_of([] {
        std::printf("to stdout ");
        std::fprintf(stderr, "to stderr ");
        return std::string("answer");
    });
    EXPECT_EQ(outcome.answer, "answer");
    EXPECT_THAT(outcome.log, HasSubstr("to stdout"));
    EXPECT_THAT(outcome.log, HasSubstr("to stderr"));
}

TEST(ProcessPool, ALogIsCutButItsChildIsNotHeldUp) {
    const Outcome outcome = outcome_of([] {
        for (int line = 0; line < 100'000; ++line)
            std::printf("line %d\n", line);
        return std::string("done");
    });
    EXPECT_EQ(outcome.answer, "done");
    EXPECT_EQ(outcome.log.size(), 64 * 1024);
    EXPECT_THAT(outcome.log, StartsWith("line 0\nline 1\n"));
}

TEST(ProcessPool, EveryWayToFailIsOneMessage) {
    EXPECT_EQ(outcome_of([]() -> std::string { throw std::runtime_error("no such chip"); }).failure, "no such chip");
    EXPECT_EQ(outcome_of([]() -> std::string { throw std::bad_alloc(); }).failure, "out of memory");
    EXPECT_EQ(outcome_of([]() -> std::string { _exit(4); }).failure, "the child ended with exit code 4");
    EXPECT_THAT(outcome_of([]() -> std::string {
                    raise(SIGKILL);
                    return "";
                }).failure.value(),
                HasSubstr("signal 9"));
}

TEST(ProcessPool, AChildThatTakesTooLongIsEnded) {
    Limits limits;
    limits.wall_seconds = 0.2;
    EXPECT_EQ(outcome_of(sleep_for_ever, limits).failure, "took longer than the limit of 0.2 s");
}

TEST(ProcessPool, AChildThatTakesTooMuchMemoryIsEnded) {
    Limits limits;
    limits.memory_bytes = 256u << 20;
    const Outcome outcome = outcome_of(
        [] {
            std::string fat(300u << 20, 'x');
            if (fat[fat.size() / 2] != 'x') return std::string("never");
            return sleep_for_ever();
        },
        limits);
    EXPECT_EQ(outcome.failure, "took more memory than the limit of 256 MiB");
}

TEST(ProcessPool, MemoryThatIsMappedButNotTouchedDoesNotCount) {
    Limits limits;
    limits.memory_bytes = 256u << 20;
    const Outcome outcome = outcome_of(
        [] {
            // An address sanitizer touches an eighth of it when it is freed: less than the limit.
            const std::unique_ptr<char[]> mapped(new char[std::size_t{1} << 30]);
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            return std::string(mapped ? "fine" : "");
        },
        limits);
    EXPECT_EQ(outcome.answer, "fine") << outcome.failure.value_or("");
}

TEST(ProcessPool, AnInterruptEndsTheWaitAndTheChildren) {
    int alive[2];
    ASSERT_EQ(pipe(alive), 0);
    {
        Pool pool(2);
        for (std::size_t number = 0; number < 2; ++number)
            pool.start(number, sleep_for_ever);
        raise(SIGINT);
        EXPECT_THROW(pool.wait(), Interrupted);
    }
    close(alive[1]);
    char byte = 0;
    EXPECT_EQ(read(alive[0], &byte, 1), 0) << "nobody holds the other end any more";
    close(alive[0]);
}

TEST(ProcessPool, ATerminalThatGoesAwayEndsTheWait) {
    Pool pool(1);
    pool.start(0, sleep_for_ever);
    raise(SIGHUP);
    EXPECT_THROW(pool.wait(), Interrupted);
}

TEST(ProcessPool, ASignalThatIsIgnoredInterruptsNothing) {
    std::signal(SIGHUP, SIG_IGN);
    {
        Pool pool(1);
        pool.start(0, [] {
            raise(SIGHUP);
            return std::string("done");
        });
        raise(SIGHUP);
        EXPECT_EQ(pool.wait().answer, "done");
    }
    EXPECT_EQ(std::signal(SIGHUP, SIG_DFL), SIG_IGN);
}

TEST(ProcessPool, ChildrenDieWithTheirParent) {
    int alive[2];
    ASSERT_EQ(pipe(alive), 0);
    const pid_t parent = fork();
    if (parent == 0) {
        Pool pool(1);
        pool.start(0, sleep_for_ever);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        raise(SIGKILL);
    }
    close(alive[1]);
    char byte = 0;
    EXPECT_EQ(read(alive[0], &byte, 1), 0) << "parent and child are gone";
    close(alive[0]);
}

TEST(ProcessCommand, AnInputThatDoesNotFitIsAFailureAndNotACutInput) {
    EXPECT_EQ(run_command({"cat"}, "whole").text, "whole");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{10, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    const CommandOutput output = run_command({"cat"}, std::string(100, 'x'));
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_FALSE(output.succeeded);
    EXPECT_THAT(output.text, HasSubstr("File too large"));
}

TEST(ProcessPool, OnePieceOfWorkAloneThrowsWhatItThrew) {
    EXPECT_EQ(in_child([] { return std::string("42"); }), "42");
    EXPECT_THROW(in_child([]() -> std::string { throw std::logic_error("wrong"); }), std::runtime_error);
}

} // namespace
} // namespace gradus::process::process_pool_test
