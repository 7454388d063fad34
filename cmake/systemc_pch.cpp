// SPDX-License-Identifier: Apache-2.0
// Nothing but a place to compile the shared precompiled header.
