// SPDX-License-Identifier: Apache-2.0
// The kernel owns main(); tests run from sc_main, one simulation a process.
#include <gtest/gtest.h>
#include <systemc>

int sc_main(int argc, char* argv[]) {
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
