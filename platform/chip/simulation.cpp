// SPDX-License-Identifier: Apache-2.0
#include "platform/chip/simulation.h"

#include <array>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include "platform/chip/virtual_chip.h"
#include "platform/scenario/clocks.h"
#include "platform/scenario/read_file.h"
#include "platform/schedule/step_feed.h"

namespace gradus::chip {

namespace {

constexpr ip::Cycles sample_interval = 4096;

ip::Elf read_firmware(const std::string& path) {
    try {
        const std::string file = scenario::read_file(path);
        return ip::parse_elf({file.begin(), file.end()});
    } catch (const ip::ElfError& error) {
        throw std::runtime_error(fmt::format("the firmware '{}' cannot be loaded: {}", path, error.what()));
    }
}

/// Of an argument of a message.
float float_of(std::uint64_t argument) {
    float value;
    const auto bits = static_cast<std::uint32_t>(argument);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/// Passes everything on to the recorders; a retired command is a sign of progress. Ends the simulation when asked to.
class Watch : public ip::Observer {
public:
    Watch(observe::Recorder& recorder, observe::ActivityRecorder& activity, const Inputs& inputs)
        : recorder_(recorder), activity_(activity), check_(inputs.check), interrupt_(inputs.interrupt) {}
    VirtualChip* chip = nullptr;

    void executed(ip::UnitId unit, std::uint32_t index, const ip::Tag& tag, const command& descriptor) override {
        if (check_) check_->executed(unit, index, tag, descriptor);
    }

    void span(ip::UnitId unit, const ip::Span& span) override {
        recorder_.span(unit, span);
        activity_.span(unit, span);
        look_for_interrupt();
    }
    void retired(ip::UnitId unit, std::uint8_t opcode, const ip::Tag& tag, const ip::CommandWork& work) override {
        chip->hart().note_progress();
        recorder_.retired(unit, opcode, tag, work);
        work_ = work;
    }
    void submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) override {
        recorder_.submitted(unit, count, time);
        activity_.doorbell(time, *chip);
    }
    void ended(ip::UnitId unit, const ip::Tag& tag, const ip::CommandTimes& times) override {
        recorder_.ended(unit, tag, times);
        if (work_) activity_.work(*std::exchange(work_, std::nullopt), times.begin, times.end, *chip);
    }
    void halted(ip::UnitId unit, std::uint32_t error, std::uint32_t index, std::uint32_t field) override {
        recorder_.halted(unit, error, index, field);
    }

    void look_for_interrupt() {
        if (!interrupt_ || interrupted_ || !interrupt_->load(std::memory_order_relaxed)) return;
        interrupted_ = true;
        sc_core::sc_stop();
    }
    bool interrupted() const { return interrupted_; }

private:
    observe::Recorder& recorder_;
    observe::ActivityRecorder& activity_;
    RunCheck* const check_;
    const std::atomic<bool>* const interrupt_;
    std::optional<ip::CommandWork> work_; ///< of the command that ends next
    bool interrupted_ = false;
};

/// One simulation from its inputs to its outcome.
class Run {
public:
    explicit Run(const Inputs& inputs);
    /// Loads everything.
    void prepare();
    Outcome simulate();

private:
    ChipOutputs outputs();
    void receive(std::uint64_t kind, std::uint64_t argument0, std::uint64_t argument1);
    void exit(std::int64_t code);
    void load_firmware();
    void load_schedule();
    std::vector<float> values_of(const schedule::Tensor& tensor) const;
    void feed_after(std::uint32_t step);
    void check_step(std::uint32_t step);
    void step_done(std::uint32_t step, float loss);
    void batch_validated(std::uint32_t step, float loss);
    /// For traces.
    std::optional<float> known(float loss) const;
    void record(const std::function<void()>& change);
    void end_with(const std::string& reason);
    std::optional<std::string> failure();
    std::string describe_hart();
    observe::Result result();

    const Inputs& inputs_;
    observe::Recorder recorder_;
    observe::ActivityRecorder activity_;
    Watch watch_;
    VirtualChip chip_;
    ip::SymbolTable symbols_;
    std::optional<std::int64_t> exit_code_;
    std::optional<ip::HartFault> fault_;
    std::vector<std::string> violations_;
    std::vector<observe::Validation> validations_;
    std::vector<float> batch_losses_; ///< of the validation that goes on
    ip::Picoseconds validation_begin_ = 0;
    std::vector<std::string> texts_;
    bool text_open_ = false;
    std::optional<std::string> broken_; ///< why it cannot go on: its steps cannot be kept, or are not to be had
};

Run::Run(const Inputs& inputs)
    : inputs_(inputs), recorder_(units(inputs.scenario.chip), inputs.trace, inputs.folder),
      activity_(observe::gathering_units(recorder_.units()),
                scenario::chip_clock(inputs.scenario.chip)(sample_interval), inputs.trace),
      watch_(recorder_, activity_, inputs),
      chip_("chip", inputs.scenario.chip, inputs.scenario.run, inputs.schedule.image_range.base, watch_, outputs()) {
    watch_.chip = &chip_;
    chip_.hart().on_exit = [this](std::int64_t code) { exit_code_ = code; };
    chip_.hart().on_fault = [this](const ip::HartFault& fault) { fault_ = fault; };
}

void Run::prepare() {
    load_schedule();
    load_firmware();
    if (inputs_.before_start) inputs_.before_start(chip_);
    if (inputs_.check) inputs_.check->begin(chip_);
}

ChipOutputs Run::outputs() {
    ChipOutputs outputs;
    outputs.uart = [this](char character) {
        chip_.hart().note_progress();
        if (inputs_.listener) inputs_.listener->uart(character);
    };
    outputs.mailbox = [this](std::uint64_t kind, std::uint64_t argument0, std::uint64_t argument1) {
        chip_.hart().note_progress();
        receive(kind, argument0, argument1);
    };
    outputs.protocol_violation = [this](const std::string& violation) { violations_.push_back(violation); };
    return outputs;
}

void Run::receive(std::uint64_t kind, std::uint64_t argument0, std::uint64_t argument1) {
    switch (kind) {
    case MAILBOX_EXIT:
        exit(static_cast<std::int64_t>(argument0));
        break;
    case MAILBOX_STEP_DONE:
        step_done(static_cast<std::uint32_t>(argument0), float_of(argument1));
        break;
    case MAILBOX_VALIDATION:
        batch_validated(static_cast<std::uint32_t>(argument0), float_of(argument1));
        break;
    case MAILBOX_TEXT: {
        chip_.hart().flush_spans();
        recorder_.token_chosen(ip::now());
        if (!text_open_) texts_.emplace_back();
        text_open_ = argument0 != inputs_.schedule.text.boundary;
        if (text_open_) texts_.back() += inputs_.schedule.text.shown(argument0);
        break;
    }
    case MAILBOX_PHASE: {
        ip::Tag tag;
        tag.phase = static_cast<std::uint8_t>(argument0);
        tag.step = static_cast<std::uint32_t>(recorder_.step_count());
        if (tag.phase == COMMAND_PHASE_VALIDATE && tag.step != 0) --tag.step; // as its commands
        chip_.hart().set_tag(tag);
        break;
    }
    default:
        break;
    }
}

std::optional<float> Run::known(float loss) const {
    const bool computed = inputs_.scenario.run.data == scenario::DataPlane::full;
    return computed ? std::optional(loss) : std::nullopt;
}

/// `step` counts those that this run does.
void Run::step_done(std::uint32_t step, float loss) {
    const std::uint32_t number = inputs_.schedule.first_step + step;
    chip_.hart().flush_spans();
    record([&] { recorder_.step_done(number, loss, ip::now()); });
    activity_.step_done(ip::now(), chip_);
    validation_begin_ = ip::now();
    if (inputs_.trace) inputs_.trace->step_done(step, known(loss), ip::now());
    check_step(number);
    if (inputs_.listener) inputs_.listener->step_done(number, loss, ip::now());
    if (inputs_.after_step) inputs_.after_step(chip_, number);
    feed_after(step);
}

/// A firmware that was asked for none may report what it likes.
void Run::batch_validated(std::uint32_t step, float loss) {
    const scenario::RunParameters& run = inputs_.scenario.run;
    if (!(run.validation > 0)) return;
    batch_losses_.push_back(loss);
    if (batch_losses_.size() < run.validation_batches) return;
    const double sum = std::accumulate(batch_losses_.begin(), batch_losses_.end(), 0.0);
    const auto mean = static_cast<float>(sum / static_cast<double>(batch_losses_.size()));
    batch_losses_.clear();
    const std::uint32_t number = inputs_.schedule.first_step + step;
    chip_.hart().flush_spans();
    record([&] { recorder_.validated(ip::now()); });
    if (inputs_.check) inputs_.check->validated();
    activity_.validated(ip::now(), chip_);
    validations_.push_back({number, mean, validation_begin_, ip::now()});
    validation_begin_ = ip::now();
    if (inputs_.trace) inputs_.trace->validated(step, known(mean), ip::now());
    if (inputs_.listener) inputs_.listener->validated(number, mean, ip::now());
}

void Run::exit(std::int64_t code) {
    exit_code_ = code;
    chip_.hart().stop();
    sc_core::sc_stop();
}

std::vector<float> Run::values_of(const schedule::Tensor& tensor) const {
    if (inputs_.values) return inputs_.values(tensor);
    return schedule::initial_values(tensor, inputs_.scenario.model, inputs_.scenario.run.seed);
}

void Run::load_schedule() {
    const schedule::Schedule& schedule = inputs_.schedule;
    chip_.write_memory(schedule.image_range.base, schedule.image.data(), schedule.image.size());
    if (inputs_.scenario.run.data == scenario::DataPlane::none) return;
    for (const schedule::Tensor& tensor : schedule.tensors) {
        const std::vector<std::uint8_t> content = schedule::stored(tensor, values_of(tensor));
        if (!content.empty()) chip_.write_memory(tensor.address, content.data(), content.size());
    }
}

/// A run whose steps cannot be kept any more ends here: what comes would be lost.
void Run::record(const std::function<void()>& change) {
    try {
        change();
    } catch (const std::runtime_error& error) {
        end_with(error.what());
    }
}

void Run::check_step(std::uint32_t step) {
    if (!inputs_.check) return;
    if (const auto finding = inputs_.check->step_done(step)) end_with(*finding);
    watch_.look_for_interrupt(); // it may have left something out
}

void Run::end_with(const std::string& reason) {
    broken_ = reason;
    chip_.hart().stop();
    sc_core::sc_stop();
}

/// The host's answer takes no simulated time.
void Run::feed_after(std::uint32_t step) {
    const schedule::Schedule& schedule = inputs_.schedule;
    if (!schedule.feed) return;
    try {
        schedule.feed->step_done(step, [&](std::uint64_t offset, const void* data, std::size_t bytes) {
            chip_.write_memory(schedule.image_range.base + offset, data, bytes);
        });
    } catch (const schedule::ScheduleError& error) { // a file of tokens that somebody else has changed
        end_with(error.what());
    }
}

void Run::load_firmware() {
    ip::Elf elf = read_firmware(inputs_.firmware);
    for (const ip::ElfSegment& segment : elf.segments) {
        const ip::AddressRange sram = sram_range(inputs_.scenario.chip);
        if (!sram.contains(segment.address, segment.bytes))
            throw Refused(fmt::format("the firmware '{}' cannot be loaded: its segment at {:#x} ({} bytes) "
                                      "lies outside the hart's SRAM at {:#x} "
                                      "({} bytes, chip.sram.bytes)",
                                      inputs_.firmware, segment.address, segment.bytes, sram.base, sram.bytes));
        chip_.write_memory(segment.address, segment.data.data(), segment.data.size());
    }
    if (const auto tohost = elf.symbols.address("tohost")) chip_.hart().set_exit_address(*tohost);
    chip_.hart().set_pc(elf.entry);
    symbols_ = std::move(elf.symbols);
    chip_.hart().set_symbols(symbols_);
}

std::string Run::describe_hart() {
    const ip::HartState state = chip_.hart().state();
    return fmt::format("the hart {} at {}", state.waiting_for_interrupt ? "sleeps in WFI" : "runs",
                       ip::describe_place(state.pc, symbols_));
}

std::optional<std::string> Run::failure() {
    const std::vector<QueueSnapshot> queues = chip_.queues();
    if (broken_) return broken_;
    if (watch_.interrupted())
        return fmt::format("interrupted after {} of {} steps", inputs_.schedule.first_step + recorder_.step_count(),
                           inputs_.scenario.run.steps);
    if (!violations_.empty()) return "TLM-2.0 base protocol violated: " + violations_.front();
    std::string halts;
    for (const QueueSnapshot& queue : queues)
        if (queue.state.status == QUEUE_STATUS_HALTED) halts += "\n  " + describe_halt(queue);
    if (exit_code_ == 0) return std::nullopt;
    if (exit_code_) {
        // The exit code says that the firmware failed; a bad descriptor or access is the reason people need to see.
        std::string reasons = halts;
        if (const std::string exception = chip_.hart().last_exception(); !exception.empty())
            reasons += "\n  " + exception;
        if (reasons.empty()) return std::nullopt;
        return fmt::format("the firmware gave up with exit code {} after:{}", *exit_code_, reasons);
    }
    if (fault_ && fault_->kind != ip::HartFault::Kind::hang) return fault_->description + halts;
    if (fault_) return describe_hang(fault_->description, queues);
    return describe_hang(describe_hart(), queues);
}

observe::Result Run::result() {
    chip_.hart().flush_spans();
    try {
        recorder_.finish(ip::now());
    } catch (const std::runtime_error& error) {
        broken_ = error.what();
    }
    observe::OverTime over_time = activity_.finish(ip::now(), chip_);
    if (inputs_.trace) inputs_.trace->run_ended(ip::now());
    const ip::HartState hart = chip_.hart().state();
    observe::Result result;
    result.scenario = inputs_.scenario;
    result.time = ip::now();
    result.exit_code = exit_code_.value_or(-1);
    result.instructions = hart.instructions;
    for (unsigned i = 0; i < ip::instruction_class_count; ++i)
        result.instructions_by_class.emplace_back(ip::name_of(static_cast<ip::InstructionClass>(i)),
                                                  hart.instructions_by_class[i]);
    result.units = recorder_.units();
    result.unit_totals = recorder_.totals();
    result.ops = recorder_.ops();
    result.steps = recorder_.take_steps();
    result.validations = validations_;
    result.critical_path = recorder_.critical_path();
    result.last_step = recorder_.last_step();
    result.memories = chip_.memories();
    result.traffic = chip_.traffic();
    result.over_time = std::move(over_time);
    result.timeline = recorder_.timeline().levels(ip::now());
    result.commands = recorder_.commands();
    result.tokens_per_step = inputs_.schedule.tokens_per_step;
    result.parameter_count = inputs_.schedule.parameter_count;
    result.texts = texts_;
    if (inputs_.check) result.check = inputs_.check->totals();
    return result;
}

Outcome Run::simulate() {
    sc_core::sc_start();
    const bool has_ended = exit_code_ || fault_ || broken_ || watch_.interrupted();
    if (!has_ended) sc_core::sc_stop(); // nothing left to happen: everybody waits
    if (inputs_.after_end) inputs_.after_end(chip_);
    return {result(), failure(), watch_.interrupted()};
}

std::unique_ptr<Run> prepared(const Inputs& inputs) {
    try {
        auto run = std::make_unique<Run>(inputs);
        run->prepare();
        return run;
    } catch (const std::invalid_argument& error) { // parameters that a block refuses
        throw Refused(error.what());
    }
}

} // namespace

void check_firmware(const std::string& path) { read_firmware(path); }

Outcome simulate(const Inputs& inputs) { return prepared(inputs)->simulate(); }

void prepare(const Inputs& inputs) { prepared(inputs); }

} // namespace gradus::chip
