// SPDX-License-Identifier: Apache-2.0
// What the program exits with. `gradus run` exits with what the firmware exits with, unless one of these applies.
#pragma once

#include <string>

namespace gradus::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_out_of_tolerance = 1; ///< of `gradus validate`
inline constexpr int exit_usage = 2;            ///< bad arguments or input: nothing was simulated
inline constexpr int exit_failed =
    3; ///< the simulation failed, what came of it could not be written, or a calibration explains nothing
inline constexpr int exit_interrupted = 130; ///< as a shell reports SIGINT

/// The same for people.
std::string exit_code_help();

/// Says what the exception in flight is about, and returns what the program exits with. To be called while it is
/// caught.
int exit_code_of_exception();

/// What the program exits with once it is known whether all of its output has arrived.
int final_exit_code(int exit_code, bool all_was_put_out);

} // namespace gradus::cli
