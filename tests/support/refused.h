// SPDX-License-Identifier: Apache-2.0
// What a call of the program is refused with.
#pragma once

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/support/program.h"

namespace gradus::test {

/// The message of a call that must be refused before anything is simulated: one line on stderr, nothing on stdout.
inline std::string refused(const std::vector<std::string>& arguments) {
    const ProgramRun run = run_program(arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.out, ::testing::IsEmpty());
    EXPECT_THAT(run.err, ::testing::StartsWith("gradus: "));
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    return run.err;
}

} // namespace gradus::test
