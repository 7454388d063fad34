// SPDX-License-Identifier: Apache-2.0
// A SystemC kernel simulates once a process. Whoever needs several simulations runs each in a child: a fork of this
// process, which sees everything as it is and whose changes are lost. What it works out comes back as text.
//
//   process::Pool pool(4, {});
//   while (more || pool.running()) {
//       if (more && !pool.full()) pool.start(number, [&] { return simulate(...); });
//       else use(pool.wait());
//   }
//
// Children die with this process, however it ends. While a pool exists, SIGINT, SIGTERM and SIGHUP make wait()
// throw Interrupted unless they were ignored before, and the pool's destructor ends the children. The process that
// makes a pool has to be single-threaded.
#pragma once

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gradus::process {

/// Somebody wants the program to end. No std::runtime_error: nobody takes it for the failure of a piece of work.
class Interrupted : public std::exception {
public:
    const char* what() const noexcept override { return "interrupted"; }
};

/// What a child may take; 0: no limit. Looked at ten times a second, so a child may exceed them for a moment. Memory is
/// what is really occupied (resident), not address space: a chip's memories are mapped whole, and filled as they are
/// written.
struct Limits {
    std::uint64_t memory_bytes = 0;
    double wall_seconds = 0;
};

struct Outcome {
    std::size_t number = 0;             ///< as given to start()
    std::string answer;                 ///< what the work returned
    std::optional<std::string> failure; ///< why there is no answer: what the work threw, a signal, a limit
    std::string log;                    ///< what the child printed on stdout and stderr, cut after 64 KiB
    double wall_seconds = 0;
    double cpu_seconds = 0;
    std::uint64_t peak_memory_bytes = 0;
};

class Pool {
public:
    /// What interrupts it.
    static constexpr std::array<int, 3> signals{SIGINT, SIGTERM, SIGHUP};

    explicit Pool(unsigned jobs, const Limits& limits = {});
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    std::size_t running() const { return children_.size(); }
    bool full() const { return children_.size() >= jobs_; }
    /// Throws std::runtime_error when the system has no process or pipe left.
    void start(std::size_t number, const std::function<std::string()>& work);
    /// The next child that ends; one must be running. Throws Interrupted.
    Outcome wait();

private:
    struct Child;

    void wait_for_output();
    void enforce_limits();
    Outcome collect(std::size_t index);

    std::size_t jobs_;
    Limits limits_;
    std::vector<std::unique_ptr<Child>> children_;
    std::array<struct sigaction, signals.size()> old_{};
};

/// One for each processor this process may run on.
unsigned default_jobs();

/// What `work` returned in a child. Throws std::runtime_error with the message of what `work` threw, or with what ended
/// the child. What the child printed goes to stderr.
std::string in_child(const std::function<std::string()>& work);

} // namespace gradus::process
