// SPDX-License-Identifier: Apache-2.0
// The program as a process of its own: in surroundings that a test makes, and while it runs.
#pragma once

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/program.h"

namespace gradus::test {

class StartedProgram {
public:
    /// `surroundings` changes the new process before it becomes the program: its limits, its signals, its stdout, which
    /// is caught otherwise.
    explicit StartedProgram(
        const std::vector<std::string>& arguments, const std::function<void()>& surroundings = [] {}) {
        std::vector<std::string> words{GRADUS_PROGRAM};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        process_ = fork();
        if (process_ < 0) throw std::runtime_error("no process for the program");
        if (process_ != 0) return;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        redirect("/dev/null", O_RDONLY, STDIN_FILENO);
        redirect(caught_.path("out"), O_WRONLY | O_CREAT, STDOUT_FILENO);
        redirect(caught_.path("err"), O_WRONLY | O_CREAT, STDERR_FILENO);
        surroundings();
        execv(argv[0], argv.data());
        _exit(127);
    }
    ~StartedProgram() {
        if (process_ < 0) return;
        kill(process_, SIGKILL);
        wait();
    }
    StartedProgram(const StartedProgram&) = delete;
    StartedProgram& operator=(const StartedProgram&) = delete;

    /// In the new process: `file` becomes `number`.
    static void redirect(const std::string& path, int mode, int number) {
        const int file = open(path.c_str(), mode, 0600);
        dup2(file, number);
        if (file != number) close(file);
    }

    void send(int signal) const { kill(process_, signal); }
    /// Until `happened`, while the program runs. Whether it has.
    bool wait_until(const std::function<bool()>& happened) const {
        for (;;) {
            siginfo_t ended{};
            waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT);
            if (happened()) return true;
            if (ended.si_pid != 0) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    /// How it ended, as of run_program().
    ProgramRun wait() {
        int status = 0;
        pid_t ended = -1;
        while ((ended = waitpid(process_, &status, 0)) < 0 && errno == EINTR) {}
        process_ = -1;
        if (ended < 0) throw std::runtime_error("nobody knows how the program ended");
        ProgramRun run;
        run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        run.out = file_content(caught_.path("out"));
        run.err = file_content(caught_.path("err"));
        return run;
    }

private:
    const TemporaryFolder caught_;
    pid_t process_ = -1;
};

} // namespace gradus::test
