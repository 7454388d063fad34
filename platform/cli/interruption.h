// SPDX-License-Identifier: Apache-2.0
// An orderly end for a program that is interrupted: while an object lives, the first SIGINT or SIGTERM only sets a
// flag, and so does every SIGHUP. The second SIGINT or SIGTERM ends the program at once.
#pragma once

#include <array>
#include <atomic>
#include <csignal>

namespace gradus::cli {

class Interruption {
public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    const std::atomic<bool>* flag() const;

private:
    struct Handled {
        int number;
        void (*before)(int);
    };
    std::array<Handled, 3> handled_{{{SIGINT, nullptr}, {SIGTERM, nullptr}, {SIGHUP, nullptr}}};
};

} // namespace gradus::cli
