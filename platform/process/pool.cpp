// SPDX-License-Identifier: Apache-2.0
#include "platform/process/pool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gradus::process {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int threw = 1;
constexpr int look_every_ms = 100;
constexpr std::size_t longest_log = 64 * 1024;

volatile std::sig_atomic_t interrupted = 0;

void note_interrupt(int /*signal*/) { interrupted = 1; }

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

void write_all(int file, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = ::write(file, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) _exit(threw); // nobody listens any more
        done += static_cast<std::size_t>(count);
    }
}

/// The child from its first instruction to its last.
[[noreturn]] void serve(pid_t parent, int answer_pipe, int log_pipe, const std::function<std::string()>& work) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(threw); // it went before it could be told to
    for (const int signal : Pool::signals)
        if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
    dup2(log_pipe, STDOUT_FILENO);
    dup2(log_pipe, STDERR_FILENO);
    close(log_pipe);
    std::string answer;
    int code = 0;
    try {
        answer = work();
    } catch (const std::bad_alloc&) {
        answer = "out of memory";
        code = threw;
    } catch (const std::exception& error) {
        answer = error.what();
        code = threw;
    } catch (...) {
        answer = "something that is no std::exception was thrown";
        code = threw;
    }
    std::fflush(nullptr);
    write_all(answer_pipe, answer);
    _exit(code); // not exit(): destructors and buffers are the parent's
}

std::array<int, 2> open_pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error(fmt::format("no pipe to a child: {}", std::strerror(errno)));
    return ends;
}

std::uint64_t resident_bytes(pid_t process) {
    std::ifstream file(fmt::format("/proc/{}/statm", process));
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

} // namespace

struct Pool::Child {
    std::size_t number = 0;
    pid_t process = -1;
    std::array<int, 2> pipes{-1, -1}; // answer, log; -1: at its end
    std::string answer;
    std::string log;
    std::optional<std::string> killed_for;
    Clock::time_point begin = Clock::now();

    Child() = default;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        for (const int pipe : pipes)
            if (pipe >= 0) close(pipe);
        if (process < 0) return;
        kill(process, SIGKILL);
        while (waitpid(process, nullptr, 0) < 0 && errno == EINTR) {}
    }

    bool ended() const { return pipes[0] < 0 && pipes[1] < 0; }

    void read(std::size_t which) {
        std::array<char, 65536> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
        const ssize_t count = ::read(pipes[which], buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) return;
        if (count <= 0) {
            close(std::exchange(pipes[which], -1));
            return;
        }
        std::string& text = which == 0 ? answer : log;
        const std::size_t room = which == 0 ? buffer.size() : longest_log - std::min(longest_log, text.size());
        text.append(buffer.data(), std::min(static_cast<std::size_t>(count), room));
    }

    void end(std::string reason) {
        killed_for = std::move(reason);
        kill(process, SIGKILL);
    }
};

Pool::Pool(unsigned jobs, const Limits& limits) : jobs_(std::max(1U, jobs)), limits_(limits) {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = note_interrupt; // without SA_RESTART: poll() returns
    for (std::size_t i = 0; i < signals.size(); ++i) {
        sigaction(signals[i], nullptr, &old_[i]);
        if (old_[i].sa_handler != SIG_IGN) sigaction(signals[i], &action, nullptr); // else it goes on whatever comes
    }
}

Pool::~Pool() {
    children_.clear();
    for (std::size_t i = 0; i < signals.size(); ++i)
        sigaction(signals[i], &old_[i], nullptr);
}

void Pool::start(std::size_t number, const std::function<std::string()>& work) {
    auto child = std::make_unique<Child>();
    child->number = number;
    const std::array<int, 2> answer = open_pipe();
    child->pipes[0] = answer[0];
    std::array<int, 2> log{};
    try {
        log = open_pipe();
    } catch (...) {
        close(answer[1]);
        throw;
    }
    child->pipes[1] = log[0];
    std::fflush(nullptr); // what is buffered would be printed twice
    const pid_t parent = getpid();
    child->process = fork();
    const int error = errno;
    if (child->process == 0) serve(parent, answer[1], log[1], work);
    close(answer[1]);
    close(log[1]);
    if (child->process < 0) throw std::runtime_error(fmt::format("no child process: {}", std::strerror(error)));
    children_.push_back(std::move(child));
}

Outcome Pool::wait() {
    for (;;) {
        if (interrupted) throw Interrupted();
        const auto ended =
            std::find_if(children_.begin(), children_.end(), [](const auto& child) { return child->ended(); });
        if (ended != children_.end()) return collect(static_cast<std::size_t>(ended - children_.begin()));
        wait_for_output();
        enforce_limits();
    }
}

void Pool::wait_for_output() {
    std::vector<pollfd> polled;
    for (const auto& child : children_)
        for (const int pipe : child->pipes)
            polled.push_back({pipe, POLLIN, 0}); // poll() passes over negative ones
    if (::poll(polled.data(), polled.size(), look_every_ms) <= 0) return;
    for (std::size_t i = 0; i < polled.size(); ++i)
        if (polled[i].revents) children_[i / 2]->read(i % 2);
}

void Pool::enforce_limits() {
    if (!limits_.memory_bytes && limits_.wall_seconds <= 0) return;
    for (const auto& child : children_) {
        if (child->killed_for) continue;
        if (limits_.wall_seconds > 0 && seconds_since(child->begin) > limits_.wall_seconds)
            child->end(fmt::format("took longer than the limit of {} s", limits_.wall_seconds));
        else if (limits_.memory_bytes && resident_bytes(child->process) > limits_.memory_bytes)
            child->end(fmt::format("took more memory than the limit of {} MiB", limits_.memory_bytes >> 20));
    }
}

Outcome Pool::collect(std::size_t index) {
    Child& child = *children_[index];
    int status = 0;
    rusage usage{};
    while (wait4(child.process, &status, 0, &usage) < 0 && errno == EINTR) {}
    child.process = -1;
    Outcome outcome;
    outcome.number = child.number;
    outcome.log = std::move(child.log);
    outcome.wall_seconds = seconds_since(child.begin);
    outcome.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    outcome.peak_memory_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    if (child.killed_for)
        outcome.failure = child.killed_for;
    else if (WIFSIGNALED(status))
        outcome.failure =
            fmt::format("the child was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == 0)
        outcome.answer = std::move(child.answer);
    else
        outcome.failure = child.answer.empty() ? fmt::format("the child ended with exit code {}", WEXITSTATUS(status))
                                               : std::move(child.answer);
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(index));
    return outcome;
}

unsigned default_jobs() {
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) != 0) return 1;
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&processors)));
}

std::string in_child(const std::function<std::string()>& work) {
    Pool pool(1);
    pool.start(0, work);
    const Outcome outcome = pool.wait();
    std::fwrite(outcome.log.data(), 1, outcome.log.size(), stderr);
    if (outcome.failure) throw std::runtime_error(*outcome.failure);
    return outcome.answer;
}

} // namespace gradus::process
