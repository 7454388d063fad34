// SPDX-License-Identifier: Apache-2.0
// sanitized
// Firmware that misbehaves, and files that are no firmware: one clear message, an exit code that says so, soon, and
// never a crash.
#include <array>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/firmware/hostile_cases.h"
#include "tests/support/program.h"

namespace gradus::test::hostile_test {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int simulation_failed = 3;
constexpr int bad_input = 2;

std::string firmware(const std::string& name) {
    return (std::filesystem::path(GRADUS_PROGRAM).parent_path() / "firmware" / (name + ".elf")).string();
}

ProgramRun run_firmware(const std::string& elf, std::uint64_t seed = 0, const std::vector<std::string>& more = {}) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"run",
                                       "scenarios/runs/names.toml",
                                       "--quiet",
                                       "--firmware",
                                       elf,
                                       "--out",
                                       folder.path("out"),
                                       "--set",
                                       "run.steps=1",
                                       "--set",
                                       "run.hang_instructions=2000000",
                                       "--set",
                                       "run.seed=" + std::to_string(seed)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
}

void expect_one_message(const ProgramRun& run) {
    EXPECT_THAT(run.err, StartsWith("gradus: "));
    EXPECT_EQ(run.err.find("gradus: ", 1), std::string::npos) << run.err;
    EXPECT_THAT(run.out, IsEmpty());
}

class Hostile : public ::testing::Test {
protected:
    void SetUp() override {
        const rlimit seconds{120, 120}; // of processor time, for the program too: whoever hangs is killed
        setrlimit(RLIMIT_CPU, &seconds);
    }
};

struct Misbehaviour {
    const char* name;
    hostile_case number;
    int exit_code;
    std::vector<const char*> message; ///< regular expressions, all of which match
};

void PrintTo(const Misbehaviour& misbehaviour, std::ostream* out) { *out << misbehaviour.name; }

class HostileFirmware : public Hostile, public ::testing::WithParamInterface<Misbehaviour> {};

TEST_P(HostileFirmware, GetsOneClearMessage) {
    const ProgramRun run = run_firmware(firmware("hostile"), GetParam().number);
    EXPECT_EQ(run.exit_code, GetParam().exit_code) << run.err;
    if (GetParam().message.empty()) {
        EXPECT_THAT(run.err, IsEmpty());
        return;
    }
    expect_one_message(run);
    for (const char* expression : GetParam().message)
        EXPECT_THAT(run.err, ContainsRegex(expression));
}

// Bad accesses, jumps and instructions, which the firmware's trap handler answers with an exit code of its own: the
// message has the place in the program, the address, and what is there.
const std::vector<Misbehaviour> bad_accesses{
    {"LoadFromNowhere",
     HOSTILE_LOAD_NOWHERE,
     simulation_failed,
     {"exit code 71",
      "load access fault at pc 0x8[0-9a-f]+ \\(main\\+0x[0-9a-f]+\\): address 0x20000000: nothing answers"}},
    {"StoreToNowhere",
     HOSTILE_STORE_NOWHERE,
     simulation_failed,
     {"store access fault at pc 0x8[0-9a-f]+ \\(main\\+0x[0-9a-f]+\\): address 0x20000008: nothing answers"}},
    {"StoreToAReadOnlyRegister",
     HOSTILE_STORE_READ_ONLY_REGISTER,
     simulation_failed,
     {"store access fault at pc .*main.*: address 0x11000010: dma0\\.queue\\+0x10 "}},
    {"StoreToTheInfoBlock",
     HOSTILE_STORE_INFO_BLOCK,
     simulation_failed,
     {"store access fault at pc .*main.*: address 0x1000: info cannot be written"}},
    {"ARegisterInTheWrongWidth", HOSTILE_WRONG_WIDTH, simulation_failed, {"load at pc .*main.*: address 0x11000014"}},
    {"JumpToNowhere",
     HOSTILE_JUMP_NOWHERE,
     simulation_failed,
     {"instruction access fault at pc 0x20000000: address 0x20000000", "only SRAM holds code"}},
    {"JumpIntoDram",
     HOSTILE_JUMP_INTO_DRAM,
     simulation_failed,
     {"instruction access fault at pc 0x100000000: address", "only SRAM holds code"}},
    {"IllegalInstruction",
     HOSTILE_ILLEGAL_INSTRUCTION,
     simulation_failed,
     {"illegal instruction at pc .*main.*: instruction 0xffffffff"}},
    {"EnvironmentCall", HOSTILE_ENVIRONMENT_CALL, simulation_failed, {"environment call at pc .*main"}},
    {"AMessageThatNobodyKnows",
     HOSTILE_UNKNOWN_MESSAGE,
     simulation_failed,
     {"store access fault at pc .*mailbox_send.*: address 0x10001010: mailbox"}},
    {"StackOverflow", HOSTILE_STACK_OVERFLOW, simulation_failed, {"at pc 0x8"}}, // whatever it runs over first
    {"NoTrapHandler",
     HOSTILE_NO_TRAP_HANDLER,
     simulation_failed,
     {"load access fault at pc .*main.*: address 0x20000000", "no trap handler is installed"}},
    {"TrapHandlerNowhere",
     HOSTILE_TRAP_HANDLER_NOWHERE,
     simulation_failed,
     {"instruction access fault at pc 0x20000000: address 0x20000000", "trap for ever"}},
};

// Bad descriptors, which halt their queue: unit, command, field, and what is wrong with it.
const std::vector<Misbehaviour> bad_descriptors{
    {"IllegalOpcode",
     HOSTILE_OPCODE,
     simulation_failed,
     {"exit code 70", "dma0 halted at command 0: illegal value in opcode"}},
    {"DestinationNowhere",
     HOSTILE_ADDRESS,
     simulation_failed,
     {"dma0 halted at command 0: bad address in dst .*nothing answers there"}},
    {"MatrixWithoutDepth",
     HOSTILE_MATRIX_FIELD,
     simulation_failed,
     {"matrix halted at command 0: illegal value in k "}},
    {"VectorWithUnknownMode",
     HOSTILE_VECTOR_FIELD,
     simulation_failed,
     {"vector halted at command 0: illegal value in b_mode "}},
    {"IndexOutOfRange",
     HOSTILE_INDEX,
     simulation_failed,
     {"dma0 halted at command 0: an index read from index .*out of range"}},
    {"WaitForAQueueThatIsNotThere",
     HOSTILE_WAIT_FOR_NO_QUEUE,
     simulation_failed,
     {"dma0 halted at command 0: illegal value in waits\\[0\\]"}},
    {"RingNowhere",
     HOSTILE_RING_NOWHERE,
     simulation_failed,
     {"dma0 halted at command 0: its descriptor could not be read"}},
    {"DoorbellTooFar", HOSTILE_DOORBELL_TOO_FAR, simulation_failed, {"store access fault at pc .*dma0\\.queue\\+0xc"}},
    {"DoorbellWithoutARing",
     HOSTILE_DOORBELL_WITHOUT_RING,
     simulation_failed,
     {"store access fault at pc .*dma0\\.queue\\+0xc"}},
    {"RingMovedUnderItsCommands",
     HOSTILE_RING_MOVED_WHILE_BUSY,
     simulation_failed,
     {"store access fault at pc .*dma0\\.queue"}},
};

// Nothing happens any more, or nothing that leads anywhere: who waits for whom.
const std::vector<Misbehaviour> endless{
    {"SleepWithNothingSubmitted",
     HOSTILE_SLEEP,
     simulation_failed,
     {"the chip hangs: the hart sleeps in WFI at 0x8[0-9a-f]+ \\(main", "all queues are empty"}},
    {"FenceThatIsNeverReached",
     HOSTILE_UNREACHED_FENCE,
     simulation_failed,
     {"the chip hangs",
      "dma0 \\(command 0\\) waits until vector has retired 5 commands; it has retired 0 and only 0 were"}},
    {"QueuesThatWaitForEachOther",
     HOSTILE_CIRCLE,
     simulation_failed,
     {"these waits form a circle: matrix -> vector -> matrix"}},
    {"QueueThatWaitsForItself", HOSTILE_WAITS_FOR_ITSELF, simulation_failed, {"form a circle: dma0 -> dma0"}},
    {"EndlessLoop",
     HOSTILE_ENDLESS_LOOP,
     simulation_failed,
     {"no progress for 2000000 instructions; the hart is at pc 0x8[0-9a-f]+ \\(main"}},
    {"EndlessPoll",
     HOSTILE_ENDLESS_POLL,
     simulation_failed,
     {"no progress for 2000000 instructions", "dma0 \\(command 0\\) waits until vector has retired 1 command;"}},
    {"SleepBesideAHaltedQueue",
     HOSTILE_SLEEP_BESIDE_HALTED_QUEUE,
     simulation_failed,
     {"the chip hangs", "dma0 halted at command 0: illegal value in opcode"}},
};

const std::vector<Misbehaviour> exit_codes{
    {"Success", HOSTILE_NOTHING, 0, {}},
    {"SevenByTheMailbox", HOSTILE_RETURN_7, 7, {}},
    {"AMultipleOf256IsNoSuccess", HOSTILE_RETURN_256, 1, {}},
    {"NineByTohost", HOSTILE_TOHOST_9, 9, {}},
    {"SuccessBesideAQueueThatIsAboutToHalt", HOSTILE_RETURN_0_BESIDE_HALTED_QUEUE, 0, {}},
};

const auto name_of = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(BadAccess, HostileFirmware, ::testing::ValuesIn(bad_accesses), name_of);
INSTANTIATE_TEST_SUITE_P(BadDescriptor, HostileFirmware, ::testing::ValuesIn(bad_descriptors), name_of);
INSTANTIATE_TEST_SUITE_P(Endless, HostileFirmware, ::testing::ValuesIn(endless), name_of);
INSTANTIATE_TEST_SUITE_P(ExitCode, HostileFirmware, ::testing::ValuesIn(exit_codes), name_of);

TEST_F(Hostile, WhatHangsIsFoundInTheSamePlaceWhateverTheSpeedSwitches) {
    const std::string expected = run_firmware(firmware("hostile"), HOSTILE_ENDLESS_POLL).err;
    const std::vector<std::vector<std::string>> switches{
        {"--set", "run.dmi=false"}, {"--set", "run.quantum_ns=100"}, {"--data", "none"}};
    for (const auto& more : switches)
        EXPECT_EQ(run_firmware(firmware("hostile"), HOSTILE_ENDLESS_POLL, more).err, expected);
}

class HostileDescriptors : public Hostile, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(HostileDescriptors, NeverCrashOrHangThePlatform) {
    const std::uint64_t seed = GetParam();
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    // Tensor data or none, with the checkers of the protocol between all sockets.
    const ProgramRun run = run_firmware(firmware("hostile_fuzz"), seed,
                                        {"--data", seed % 2 ? "full" : "none", "--set", "run.check_protocol=true",
                                         "--set", "chip.dma.channels=10", "--trace", "off"});
    EXPECT_THAT(run.exit_code, AnyOf(0, simulation_failed, 71)) << run.err; // a copy may have hit the firmware itself
    EXPECT_THAT(run.err, Not(HasSubstr("protocol")));
    if (run.exit_code == simulation_failed) expect_one_message(run);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostileDescriptors, ::testing::Range<std::uint64_t>(1, 25));

std::string content_of(const std::string& elf) {
    std::string content = file_content(elf);
    EXPECT_GT(content.size(), 1000u);
    return content;
}

ProgramRun run_bytes(const std::string& bytes) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("bytes.elf"), std::ios::binary) << bytes;
    return run_firmware(folder.path("bytes.elf"));
}

std::string refused(const std::string& bytes) {
    const ProgramRun run = run_bytes(bytes);
    EXPECT_EQ(run.exit_code, bad_input) << run.err;
    expect_one_message(run);
    EXPECT_THAT(run.err, HasSubstr("bytes.elf' cannot be loaded: "));
    return run.err;
}

void put(std::string& bytes, std::size_t offset, std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i)
        bytes.at(offset + i) = static_cast<char>(value >> 8 * i);
}

std::uint64_t get(const std::string& bytes, std::size_t offset, unsigned width) {
    std::uint64_t value = 0;
    for (unsigned i = width; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes.at(offset + i));
    return value;
}

TEST_F(Hostile, AnElfOfAnotherMachineIsRefused) {
    std::string elf = content_of(firmware("hello"));
    put(elf, 18, 62, 2);
    EXPECT_THAT(refused(elf), HasSubstr("machine 62, not RISC-V"));
    elf = content_of(firmware("hello"));
    put(elf, 4, 1, 1);
    EXPECT_THAT(refused(elf), HasSubstr("not a 64-bit file"));
}

TEST_F(Hostile, ASegmentOutsideTheSramIsRefused) {
    std::string elf = content_of(firmware("hello"));
    std::size_t header = get(elf, 32, 8);
    while (get(elf, header, 4) != 1) // a segment to load
        header += 56;
    put(elf, 24, 0x1'0000'0000, 8);          // the entry
    put(elf, header + 24, 0x1'0000'0000, 8); // the segment's address
    EXPECT_THAT(refused(elf), AllOf(HasSubstr("segment at 0x100000000"), HasSubstr("outside the hart's SRAM"),
                                    HasSubstr("chip.sram.bytes")));
}

TEST_F(Hostile, ATruncatedElfIsRefusedAtAnyLength) {
    const std::string elf = content_of(firmware("hello"));
    for (const std::size_t length : {0, 1, 4, 15, 63, 64, 100, 119, 120, 500, 4095})
        refused(elf.substr(0, length));
    // The section headers stand at the end, and the symbols that messages need behind them: nothing is left out
    // silently.
    for (std::size_t part = 1; part < 10; ++part)
        EXPECT_THAT(refused(elf.substr(0, elf.size() * part / 10)), HasSubstr("truncated"));
    EXPECT_THAT(refused(elf.substr(0, elf.size() - 1)), HasSubstr("truncated"));
}

TEST_F(Hostile, GarbageInTheHeadersNeverCrashes) {
    const std::string original = content_of(firmware("hello"));
    std::uint64_t state = 1;
    for (unsigned i = 0; i < 40; ++i) {
        std::string elf = original;
        for (unsigned byte = 0; byte < 3; ++byte) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            elf.at((state >> 33) % 200) = static_cast<char>(state >> 56); // file header and program headers
        }
        const ProgramRun run = run_bytes(elf);
        EXPECT_THAT(run.exit_code, AnyOf(0, bad_input, simulation_failed)) << "round " << i << ": " << run.err;
        if (run.exit_code != 0) expect_one_message(run);
    }
}

} // namespace
} // namespace gradus::test::hostile_test
