// SPDX-License-Identifier: Apache-2.0
// A SystemC kernel simulates once a process. Whoever needs several simulations runs each in a child.
#pragma once

#include <functional>
#include <string>

namespace gradus::validate {

/// What `work` returned in a child process. Throws std::runtime_error with the message of what `work` threw, or with
/// what ended the child. `work` sees everything as it was; what it changes is lost.
std::string in_child(const std::function<std::string()>& work);

} // namespace gradus::validate
