// SPDX-License-Identifier: Apache-2.0
// The parser of toml++ itself, which is a library elsewhere, compiled here so that the fuzzer sees its branches.
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
