// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/exit_code.h"

#include <exception>
#include <new>
#include <stdexcept>

#include <systemc>

#include "platform/cli/standard_output.h"
#include "platform/files/whole_file.h"
#include "platform/process/pool.h"
#include "platform/validate/measure.h"

namespace gradus::cli {

std::string exit_code_help() {
    return "Exit codes: 0 all is well; 1 validate: a model is out of tolerance; 2 bad arguments or input, nothing was "
           "simulated; 3 the simulation failed (a fault, a hang), results could not be written (a file, the standard "
           "output), or calibrate: the numbers cannot explain the rows; 130 it was interrupted (SIGINT, SIGTERM, "
           "SIGHUP); otherwise that of the firmware.\n";
}

int exit_code_of_exception() {
    try {
        throw;
    } catch (const process::Interrupted& interrupted) {
        complain(interrupted.what());
        return exit_interrupted;
    } catch (const std::bad_alloc&) {
        complain("out of memory; --data none needs much less");
    } catch (const sc_core::sc_report& error) {
        complain(error.what());
    } catch (const validate::SimulationError& error) {
        complain(error.what());
    } catch (const files::CannotWrite& error) {
        complain(error.what());
    } catch (const std::runtime_error& error) { // every mistake in what the program was given
        complain(error.what());
        return exit_usage;
    } catch (const std::invalid_argument& error) { // parameters that a block refuses
        complain(error.what());
        return exit_usage;
    } catch (const std::exception& error) {
        complain(error.what());
    }
    return exit_failed;
}

int final_exit_code(int exit_code, bool all_was_put_out) {
    return all_was_put_out || exit_code == exit_interrupted ? exit_code : exit_failed;
}

} // namespace gradus::cli
