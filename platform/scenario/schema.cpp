// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/schema.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "platform/scenario/schema_table.h"

namespace gradus::scenario {

namespace {

std::vector<Parameter> chip_parameters() {
    using C = ChipParameters;
    using ip::HartParameters;
    using ip::ScratchpadParameters;
    using ip::SramParameters;
    return {
        text("chip.name", longest_name, at<chip, &C::name>, "name in reports; empty: the name of the chip's file"),
        ranged("chip.clock_mhz", "MHz", megahertz, at<chip, &C::clock_mhz>,
               "clock of all that has none of its own; periods are rounded to whole picoseconds"),
        ranged("chip.crossing_cycles", "cycles", {0, 100}, at<chip, &C::crossing_cycles>,
               "synchroniser between two different clocks, in cycles of the one it leads to"),

        ranged("chip.cpu.alu", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::alu>,
               "integer instruction"),
        ranged("chip.cpu.multiply", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::multiply>,
               "multiplication"),
        ranged("chip.cpu.divide", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::divide>,
               "division and remainder"),
        ranged("chip.cpu.load", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::load>,
               "load from the hart's SRAM"),
        ranged("chip.cpu.store", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::store>,
               "store to the hart's SRAM"),
        ranged("chip.cpu.branch", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::branch>,
               "branch not taken"),
        ranged("chip.cpu.branch_taken", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::branch_taken>,
               "branch taken, or a jump"),
        ranged("chip.cpu.atomic", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::atomic>,
               "atomic memory instruction"),
        ranged("chip.cpu.csr", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::csr>,
               "access to a control and status register"),
        ranged("chip.cpu.trap", "cycles", instruction_cycles, at<chip, &C::cpu, &HartParameters::trap>,
               "entry to a trap handler, and the return from it"),

        ranged("chip.sram.bytes", "bytes", powers_of_two(64 * kibi, 64 * mebi),
               at<chip, &C::sram, &SramParameters::bytes>, "the hart's SRAM: code, data and descriptor rings"),
        ranged("chip.sram.port_bytes", "bytes/cycle", width_of_a_port, at<chip, &C::sram, &SramParameters::port_bytes>,
               "width of its port towards the data fabric"),
        ranged("chip.sram.latency", "cycles", path_cycles, at<chip, &C::sram, &SramParameters::latency>,
               "on its port towards the data fabric"),

        ranged("chip.scratchpad.bytes", "bytes", {1 * kibi, 1 * gibi},
               at<chip, &C::scratchpad, &ScratchpadParameters::bytes>, "capacity; a multiple of banks * bank_bytes"),
        ranged("chip.scratchpad.banks", "", powers_of_two(1, 1024),
               at<chip, &C::scratchpad, &ScratchpadParameters::banks>, "banks, interleaved by bank_bytes"),
        ranged("chip.scratchpad.bank_bytes", "bytes/cycle", powers_of_two(4, 256),
               at<chip, &C::scratchpad, &ScratchpadParameters::bank_bytes>, "width of a bank"),
        ranged("chip.scratchpad.latency", "cycles", path_cycles,
               at<chip, &C::scratchpad, &ScratchpadParameters::latency>, "from a request to its first data"),
    };
}

std::vector<Parameter> unit_parameters() {
    using C = ChipParameters;
    using ip::BusParameters;
    using ip::DmaParameters;
    using ip::FabricParameters;
    using ip::MatrixParameters;
    using ip::QueueParameters;
    using ip::VectorParameters;
    return {
        ranged("chip.bus.latency", "cycles", path_cycles, at<chip, &C::bus, &BusParameters::latency>,
               "control bus, there and back, added to the device's own"),

        ranged("chip.fabric.port_bytes", "bytes/cycle", width_of_a_port,
               at<chip, &C::fabric, &FabricParameters::port_bytes>, "width of each target's port on the data fabric"),
        ranged("chip.fabric.sram_bytes", "bytes/cycle", or_zero(width_of_a_port),
               at<chip, &C::fabric_ports, &FabricPorts::sram>, "of the SRAM's port; 0: chip.fabric.port_bytes"),
        ranged("chip.fabric.scratchpad_bytes", "bytes/cycle", or_zero(width_of_a_port),
               at<chip, &C::fabric_ports, &FabricPorts::scratchpad>,
               "of the scratchpad's port; 0: chip.fabric.port_bytes"),
        ranged("chip.fabric.dram_bytes", "bytes/cycle", or_zero(width_of_a_port),
               at<chip, &C::fabric_ports, &FabricPorts::dram>, "of the DRAM's port; 0: chip.fabric.port_bytes"),
        ranged("chip.fabric.latency", "cycles", {1, path_cycles.maximum},
               at<chip, &C::fabric, &FabricParameters::latency>, "data fabric, there and back"),
        choice("chip.fabric.arbitration", {"round_robin", "priority", "first_come"},
               at<chip, &C::fabric, &FabricParameters::arbitration>,
               "who goes first of those that wait at a port; priority: hart, descriptors, DMA channels by number"),
        ranged("chip.fabric.queue_depth", "transactions", {1, 1024},
               at<chip, &C::fabric, &FabricParameters::queue_depth>,
               "under way at a target's port at a time; the others wait"),
        ranged("chip.fabric.clock_mhz", "MHz", or_zero(megahertz), at<chip, &C::fabric_clock_mhz>,
               "clock of the data fabric; 0: chip.clock_mhz"),

        ranged("chip.dma.channels", "", {1, 16}, at<chip, &C::dma, &DmaParameters::channels>,
               "DMA channels, each with its own queue"),
        ranged("chip.dma.outstanding", "", {1, 256}, at<chip, &C::dma, &DmaParameters::outstanding>,
               "transactions of one channel in flight"),
        ranged("chip.dma.burst_bytes", "bytes", powers_of_two(16, 4096), at<chip, &C::dma, &DmaParameters::burst_bytes>,
               "longest transaction"),
        ranged("chip.dma.setup_cycles", "cycles", path_cycles, at<chip, &C::dma, &DmaParameters::setup_cycles>,
               "per command, before its first transaction"),
        ranged("chip.dma.issue_cycles", "cycles", {1, path_cycles.maximum},
               at<chip, &C::dma, &DmaParameters::issue_cycles>, "between two transactions of a channel"),
        ranged("chip.dma.row_cycles", "cycles", path_cycles, at<chip, &C::dma, &DmaParameters::row_cycles>,
               "for the address of every row after a command's first"),
        ranged("chip.dma.align_bytes", "bytes", or_zero(powers_of_two(16, 65'536)),
               at<chip, &C::dma, &DmaParameters::align_bytes>,
               "no transaction crosses a multiple of this; 0: no such boundary"),
        ranged("chip.dma.port_bytes", "bytes/cycle", or_zero(width_of_a_port),
               at<chip, &C::dma, &DmaParameters::port_bytes>,
               "width of a channel's own port, each direction; 0: chip.fabric.port_bytes"),
        ranged("chip.dma.transpose_elements", "elements/cycle", {0, 4096},
               at<chip, &C::dma, &DmaParameters::transpose_elements>,
               "into the transposing buffer and out of it; 0: never the limit"),
        boolean("chip.dma.chaining", at<chip, &C::dma, &DmaParameters::chaining>,
                "a command may begin while the last transfers of the one before are in flight"),
        ranged("chip.dma.clock_mhz", "MHz", or_zero(megahertz), at<chip, &C::dma_clock_mhz>,
               "clock of the DMA channels; 0: chip.clock_mhz"),

        ranged("chip.queue.prefetch", "", {0, 64}, at<chip, &C::queue, &QueueParameters::prefetch>,
               "descriptors fetched ahead of the one being executed"),
        ranged("chip.queue.issue_cycles", "cycles", path_cycles, at<chip, &C::queue, &QueueParameters::issue_cycles>,
               "decode of a fetched descriptor, before its work starts"),

        ranged("chip.engine.clock_mhz", "MHz", or_zero(megahertz), at<chip, &C::engine_clock_mhz>,
               "clock of matrix unit, vector unit and scratchpad; 0: chip.clock_mhz"),
        ranged("chip.engine.matrix.rows", "", {1, 1024}, at<chip, &C::matrix, &MatrixParameters::rows>,
               "rows of the array; dot products side by side in a dot-product unit"),
        ranged("chip.engine.matrix.cols", "", {1, 1024}, at<chip, &C::matrix, &MatrixParameters::cols>,
               "columns of the array; lanes of each dot product in a dot-product unit"),
        ranged("chip.engine.matrix.startup_cycles", "cycles", path_cycles,
               at<chip, &C::matrix, &MatrixParameters::startup_cycles>,
               "per command, before its first operand enters the array"),
        ranged("chip.engine.matrix.port_bytes", "bytes/cycle", or_zero(engine_port_bytes),
               at<chip, &C::matrix, &MatrixParameters::port_bytes>,
               "between the scratchpad and the array, each direction; 0: an fp32 operand for every row and column"),
        choice("chip.engine.matrix.dataflow", {"output", "weight", "input", "dot"},
               at<chip, &C::matrix, &MatrixParameters::dataflow>,
               "what the array keeps: results, elements of B, elements of A; dot: trees over lanes that keep nothing"),
        choice("chip.engine.matrix.folds", {"serial", "overlapped"}, at<chip, &C::matrix, &MatrixParameters::folds>,
               "overlapped: a second set of registers lets a fold enter behind the one before"),
        choice("chip.engine.matrix.edge_folds", {"full", "trimmed"},
               at<chip, &C::matrix, &MatrixParameters::edge_folds>,
               "whether folds at a product's edge cross all of the array or only what they use"),
        ranged("chip.engine.matrix.accumulators", "", {1, 1'048'576},
               at<chip, &C::matrix, &MatrixParameters::accumulators>,
               "sums that a column keeps between folds of k (weight, input); others go to the scratchpad and back"),
        ranged("chip.engine.matrix.transposed_beat", "cycles", {1, 64},
               at<chip, &C::matrix, &MatrixParameters::transposed_beat>,
               "for port_bytes of an operand that is stored the other way round"),
        choice("chip.engine.matrix.model", {"timing", "rtl"}, at<chip, &C::matrix, &MatrixParameters::model>,
               "rtl: the Verilated array in place of the timing core, where it was built; see doc/rtl.md"),

        ranged("chip.engine.vector.lanes", "", {1, 4096}, at<chip, &C::vector, &VectorParameters::lanes>,
               "elements a cycle of simple operations"),
        ranged("chip.engine.vector.startup_cycles", "cycles", path_cycles,
               at<chip, &C::vector, &VectorParameters::startup_cycles>,
               "per command, before its first operand enters the lanes"),
        ranged("chip.engine.vector.port_bytes", "bytes/cycle", or_zero(engine_port_bytes),
               at<chip, &C::vector, &VectorParameters::port_bytes>,
               "between the scratchpad and the lanes, each direction; 0: two fp32 operands for every lane"),
        ranged("chip.engine.vector.multiply_adders", "", {1, 16},
               at<chip, &C::vector, &VectorParameters::multiply_adders>,
               "of a lane, for the simple steps of an operation; a simple operation has one"),
        ranged("chip.engine.vector.simple_latency", "cycles", instruction_cycles,
               at<chip, &C::vector, &VectorParameters::simple_latency>,
               "multiply-add, comparison, selection: from an element to its result"),
        ranged("chip.engine.vector.exp_interval", "cycles", instruction_cycles,
               at<chip, &C::vector, &VectorParameters::exp_interval>,
               "between two elements of a lane: exponential, logarithm"),
        ranged("chip.engine.vector.exp_latency", "cycles", instruction_cycles,
               at<chip, &C::vector, &VectorParameters::exp_latency>,
               "from an element to its result; below the interval: the interval"),
        ranged("chip.engine.vector.reciprocal_interval", "cycles", instruction_cycles,
               at<chip, &C::vector, &VectorParameters::reciprocal_interval>,
               "between two elements of a lane: reciprocal, quotient"),
        ranged("chip.engine.vector.reciprocal_latency", "cycles", instruction_cycles,
               at<chip, &C::vector, &VectorParameters::reciprocal_latency>,
               "from an element to its result; below the interval: the interval"),
        ranged("chip.engine.vector.root_interval", "cycles", instruction_cycles,
               at<chip, &C::vector, &VectorParameters::root_interval>,
               "between two elements of a lane: square root and its reciprocal"),
        ranged("chip.engine.vector.root_latency", "cycles", instruction_cycles,
               at<chip, &C::vector, &VectorParameters::root_latency>,
               "from an element to its result; below the interval: the interval"),
        choice("chip.engine.vector.tree", {"folded", "pipelined"}, at<chip, &C::vector, &VectorParameters::tree>,
               "reductions over the lanes by the lanes' own adders, or by a tree beside them"),
        choice("chip.engine.vector.results", {"after", "streamed"}, at<chip, &C::vector, &VectorParameters::results>,
               "when a command's results leave: all at its end, or as they come"),
        boolean("chip.engine.vector.fused", at<chip, &C::vector, &VectorParameters::fused>,
                "softmax and RMS normalisation as single commands"),
        boolean("chip.engine.vector.columns", at<chip, &C::vector, &VectorParameters::columns>,
                "maxima of columns, and exponentials below a row with their sums, as single commands"),
    };
}

std::vector<Parameter> model_parameters() {
    using M = ModelParameters;
    constexpr auto model = &Scenario::model;
    return {
        text("model.name", longest_name, at<model, &M::name>, "name in reports; empty: the name of the model's file"),
        ranged("model.layers", "", {1, 1024}, at<model, &M::layers>, "transformer blocks"),
        ranged("model.width", "", {1, 65'536}, at<model, &M::width>, "width of the residual stream"),
        ranged("model.heads", "", {1, 1024}, at<model, &M::heads>, "attention heads"),
        ranged("model.kv_heads", "", {0, 1024}, at<model, &M::kv_heads>,
               "heads of keys and values, each shared by heads / kv_heads of queries; 0: as many as heads"),
        ranged("model.head_width", "", {0, 4096}, at<model, &M::head_width>, "width of a head; 0: width / heads"),
        ranged("model.context", "tokens", {1, 131'072}, at<model, &M::context>, "longest sequence"),
        ranged("model.mlp_width", "", {1, 262'144}, at<model, &M::mlp_width>, "width inside the MLP"),
        ranged("model.vocabulary", "tokens", {0, 1'048'576}, at<model, &M::vocabulary>,
               "0: what the training text holds, plus one boundary token"),
        choice("model.activation", {"relu", "gelu", "silu", "relu_squared", "gelu_erf"}, at<model, &M::activation>,
               "function inside the MLP; gelu: by tanh, gelu_erf: by the error function"),
        boolean("model.gated_mlp", at<model, &M::gated_mlp>, "down(f(gate(x)) * up(x)) in place of down(f(up(x)))"),
        boolean("model.bias", at<model, &M::bias>, "biases on attention and MLP projections"),
        boolean("model.qkv_bias", at<model, &M::qkv_bias>, "biases on query, key and value, whatever model.bias says"),
        choice("model.norm", {"rmsnorm", "layernorm"}, at<model, &M::norm>, "which norm stands at each sublayer"),
        choice("model.norm_place", {"before", "around", "after"}, at<model, &M::norm_place>,
               "of a sublayer f: x + f(norm(x)), x + norm(f(norm(x))), norm(x + f(x))"),
        boolean("model.norm_gain", at<model, &M::norm_gain>, "a learned gain in norms"),
        boolean("model.norm_offset", at<model, &M::norm_offset>, "gains are 1 + what is learned, which begins as 0"),
        boolean("model.norm_bias", at<model, &M::norm_bias>, "a learned bias in norms, of layernorm alone"),
        boolean("model.embedding_norm", at<model, &M::embedding_norm>, "a norm after the embedding"),
        boolean("model.embedding_scaled", at<model, &M::embedding_scaled>,
                "embeddings of tokens are multiplied by sqrt(width); the head is not"),
        ranged("model.token_types", "", {0, 1024}, at<model, &M::token_types>,
               "rows of an embedding of types, of which tokens have the first; 0: there is none"),
        boolean("model.final_norm", at<model, &M::final_norm>, "a norm before the language-model head"),
        ranged("model.norm_epsilon", "", {1e-12, 1}, at<model, &M::norm_epsilon>, "added to the mean square"),
        choice("model.qk_norm", {"none", "before_rope", "after_rope"}, at<model, &M::qk_norm>,
               "RMSNorm of each head of queries and keys"),
        choice("model.attention", {"plain", "fused"}, at<model, &M::attention>,
               "plain: scores, softmax and mix one after the other, through DRAM; fused: in one operator, without "
               "scores in DRAM"),
        choice("model.epilogues", {"plain", "fused"}, at<model, &M::epilogues>,
               "fused: a product's activation, its slope in the gradient and the residual sum are done with the tiles "
               "that it computes; plain: by operators of their own, through DRAM"),
        choice("model.positions", {"learned", "rope", "none"}, at<model, &M::positions>,
               "learned: an embedding of positions; rope: queries and keys are turned by them"),
        ranged("model.rope.theta", "", {1, 1e12}, at<model, &M::rope, &RopeParameters::theta>,
               "position p turns pair i by p theta^(-2 i / turned width)"),
        ranged("model.rope.local_theta", "", or_zero({1, 1e12}), at<model, &M::rope, &RopeParameters::local_theta>,
               "of layers within a window, whose angles are not slowed down; 0: as in the others"),
        ranged("model.rope.fraction", "", {0.01, 1}, at<model, &M::rope, &RopeParameters::fraction>,
               "of a head that is turned"),
        choice("model.rope.scaling", {"none", "linear", "llama3"}, at<model, &M::rope, &RopeParameters::scaling>,
               "which angles are slowed down for a longer context; linear: all"),
        ranged("model.rope.factor", "", {1, 1e6}, at<model, &M::rope, &RopeParameters::factor>,
               "by which they are slowed down"),
        ranged("model.rope.low_turns", "", {0.001, 1e6}, at<model, &M::rope, &RopeParameters::low_turns>,
               "llama3: fewer turns within the original context are slowed down"),
        ranged("model.rope.high_turns", "", {0.001, 1e6}, at<model, &M::rope, &RopeParameters::high_turns>,
               "llama3: more turns are not; between the two, in part"),
        ranged("model.rope.original_context", "tokens", {1, 1e9},
               at<model, &M::rope, &RopeParameters::original_context>, "llama3: that the model was first trained for"),
        boolean("model.tied_head", at<model, &M::tied_head>, "the head is the token embedding"),
        choice("model.head", {"plain", "fused"}, at<model, &M::head>,
               "plain: logits, then their loss; fused: in one operator, without logits in DRAM, so without generation"),
        boolean("model.head_transform", at<model, &M::head_transform>,
                "a projection, the activation and a norm before the head"),
        boolean("model.head_bias", at<model, &M::head_bias>, "a bias on the head"),
        ranged("model.logit_cap", "", {0, 1e6}, at<model, &M::logit_cap>,
               "logits are logit_cap tanh(logits / logit_cap); 0: as they are"),
        ranged("model.score_cap", "", {0, 1e6}, at<model, &M::score_cap>, "the same of the scores of attention"),
        ranged("model.score_width", "", {0, 1e6}, at<model, &M::score_width>,
               "scores are divided by its square root; 0: by that of the head's width"),
        ranged("model.window", "tokens", {0, 131'072}, at<model, &M::window>,
               "a position sees so many, itself among them; 0: all up to itself"),
        ranged("model.global_every", "layers", {0, 1024}, at<model, &M::global_every>,
               "every n-th layer sees beyond the window; 0: none"),
        choice("model.objective", {"next_token", "masked_token", "label"}, at<model, &M::objective>,
               "masked_token: 15 % of tokens are hidden, every position sees all; label: of an image"),
        ranged("model.patch_values", "", {0, 65'536}, at<model, &M::patch_values>,
               "in an image's patch, patches being the input in place of tokens; 0: tokens are"),
        ranged("model.init_std", "", {0, 100}, at<model, &M::init_std>,
               "standard deviation of the normal initial weights"),
        choice("model.format", {"fp32", "bf16"}, at<model, &M::format>,
               "matrix operands in the scratchpad; sums are fp32"),
        choice("model.precision", {"fp32", "mixed"}, at<model, &M::precision>,
               "tensors in DRAM; mixed: weights, activations and gradients in bf16, beside fp32 weights and moments of "
               "the "
               "optimizer"),
        choice(
            "model.recompute", {"none", "selective", "full", "fit"}, at<model, &M::recompute>,
            "activations that are computed again for the backward pass, not kept: selective: what is large and cheap; "
            "full: all of a layer but what enters it; fit: of as few layers as make the model fit into the DRAM"),
        choice("model.formats.weights", {"auto", "fp32", "bf16"}, at<model, &M::formats, &TensorFormats::weights>,
               "in DRAM, as forward and backward read them; auto: as model.precision says"),
        choice("model.formats.activations", {"auto", "fp32", "bf16"},
               at<model, &M::formats, &TensorFormats::activations>, "in DRAM; auto: as model.precision says"),
        choice("model.formats.gradients", {"auto", "fp32", "bf16"}, at<model, &M::formats, &TensorFormats::gradients>,
               "in DRAM, those of activations too; auto: as model.precision says"),
        choice("model.formats.moments", {"fp32", "bf16"}, at<model, &M::formats, &TensorFormats::moments>,
               "of the optimizer, in DRAM"),
    };
}

std::vector<Parameter> run_parameters() {
    using R = RunParameters;
    constexpr auto run = &Scenario::run;
    return {
        ranged("run.steps", "steps", {1, 10'000'000}, at<run, &R::steps>, "training steps"),
        ranged("run.batch", "sequences", {1, 65'536}, at<run, &R::batch>, "sequences in a micro-batch"),
        ranged("run.accumulate", "micro-batches", {1, most_micro_batches}, at<run, &R::accumulate>,
               "micro-batches in a step, whose gradients are summed before the update"),
        text("run.text", longest_path, at<run, &R::text>,
             "file, relative to the scenario file: text in UTF-8, plain or gzip, or tokens, .bin or .npy; synthetic: "
             "random tokens"),
        choice("run.documents", {"lines", "windows"}, at<run, &R::documents>,
               "lines: each is one, padded or cut to the context; windows: the text is one, of which steps take "
               "stretches of the context, without padding; tokens always are"),
        text("run.alphabet", longest_alphabet, at<run, &R::alphabet>,
             "lines with other characters are left out, of windows the characters alone; empty: every character found"),
        boolean("run.lowercase", at<run, &R::lowercase>, "turn A to Z of the text into lower case first"),
        ranged(
            "run.validation", "", {0, 0.9}, at<run, &R::validation>,
            "share of the documents, or the end of a stream of tokens, that is held back from training and predicted "
            "now and then; 0: none"),
        ranged("run.validate_every", "steps", {1, 10'000'000}, at<run, &R::validate_every>,
               "from one validation to the next; the last step is followed by one, too"),
        ranged("run.validation_batches", "", {1, 10'000}, at<run, &R::validation_batches>,
               "forward passes in a validation, each of run.batch sequences"),
        ranged("run.seed", "", {0, largest_seed}, at<run, &R::seed>, "of every random choice"),
        choice("run.optimizer", {"adamw", "sgd"}, at<run, &R::optimizer>, "how parameters are updated"),
        ranged("run.learning_rate", "", {0, 1000}, at<run, &R::learning_rate>, "of the optimizer"),
        ranged("run.momentum", "", {0, 0.999999}, at<run, &R::momentum>, "of sgd; 0: none is kept"),
        choice("run.rate_schedule", {"constant", "linear", "cosine"}, at<run, &R::rate_schedule>,
               "how the learning rate falls, to zero at the last step"),
        ranged("run.warmup_steps", "steps", {0, 10'000'000}, at<run, &R::warmup_steps>,
               "over which the learning rate rises linearly"),
        ranged("run.beta1", "", {0, 0.999999}, at<run, &R::beta1>, "decay of AdamW's first moment"),
        ranged("run.beta2", "", {0, 0.999999}, at<run, &R::beta2>, "decay of AdamW's second moment"),
        ranged("run.epsilon", "", {1e-30, 1}, at<run, &R::epsilon>, "added to the root in AdamW's denominator"),
        ranged("run.weight_decay", "", {0, 100}, at<run, &R::weight_decay>, "decoupled, times the learning rate"),
        ranged("run.loss_scale", "", {1, 16'777'216}, at<run, &R::loss_scale>,
               "gradients are computed of so many times the loss, and divided by it before they are used"),
        ranged("run.clip", "", {0, 1e9}, at<run, &R::clip>,
               "largest norm of all gradients together, to which they are brought down; 0: none"),
        ranged("run.generate", "texts", {0, 10'000}, at<run, &R::generate>,
               "texts to generate after training; left out with data = \"none\""),
        ranged("run.temperature", "", {0.001, 1000}, at<run, &R::temperature>, "of generation"),
        choice("run.data", {"full", "none"}, at<run, &R::data>,
               "full: compute every number; none: time alone, in the same cycles"),
        boolean("run.record_commands", at<run, &R::record_commands>,
                "steps run the commands of the first one again, where the firmware's rings hold them all"),
        boolean("run.early_updates", at<run, &R::early_updates>,
                "the optimizer begins beside the backward pass, on a chip that has a DMA channel to spare for it"),
        ranged("run.quantum_ns", "ns", {0, 1e9}, at<run, &R::quantum_ns>,
               "how far the hart may run ahead; never changes simulated time"),
        boolean("run.dmi", at<run, &R::dmi>, "direct memory access of the hart; never changes simulated time"),
        boolean("run.check_protocol", at<run, &R::check_protocol>, "TLM-2.0 base-protocol checkers on every socket"),
        boolean("run.trace", at<run, &R::trace>,
                "write trace.json, every span of time of every unit: some 280 bytes a span"),
        text("run.trace_window", 100, at<run, &R::trace_window>,
             "the part of simulated time that traces show, such as 1ms:2.5ms, 300us: or :1ms; empty: all of it"),
        ranged("run.hang_instructions", "instructions", {1000, 1e15}, at<run, &R::hang_instructions>,
               "without any sign of progress, after which the run is given up"),
    };
}

bool is_power_of_two(double value) {
    int exponent = 0;
    return value >= 1 && std::frexp(value, &exponent) == 0.5;
}

/// Binary multiples read better in bytes' own units.
std::string bound(double value, std::string_view unit) {
    if (unit == "bytes" && value >= kibi) {
        static constexpr std::pair<double, const char*> units[] = {
            {1024 * gibi, "TiB"}, {gibi, "GiB"}, {mebi, "MiB"}, {kibi, "KiB"}};
        for (const auto& [size, name] : units)
            if (value >= size && std::fmod(value, size) == 0) return fmt::format("{} {}", value / size, name);
    }
    if (value >= 1e-3 && value < 1e16 && value == std::floor(value)) return fmt::format("{:.0f}", value);
    return fmt::format("{}", value);
}

struct TypeOf {
    Type operator()(const unsigned*) const { return Type::integer; }
    Type operator()(const std::uint64_t*) const { return Type::integer; }
    Type operator()(const double*) const { return Type::number; }
    Type operator()(const bool*) const { return Type::boolean; }
    Type operator()(const std::string*) const { return Type::text; }
    template <typename Enumeration>
    Type operator()(const Enumeration*) const {
        static_assert(std::is_enum_v<Enumeration>);
        return Type::choice;
    }
};

} // namespace

std::string_view to_string(Type type) {
    static constexpr std::string_view names[] = {"integer", "number", "boolean", "text", "choice"};
    return names[static_cast<int>(type)];
}

Type Parameter::type() const {
    Scenario scenario;
    return std::visit(TypeOf{}, field(scenario));
}

Value Parameter::get(const Scenario& scenario) const {
    // The table reaches fields through a mutable scenario; nothing is written here.
    return std::visit(
        [this](auto* pointer) -> Value {
            using T = std::remove_pointer_t<decltype(pointer)>;
            if constexpr (std::is_enum_v<T>)
                return std::string(choices.at(static_cast<std::size_t>(*pointer)));
            else if constexpr (std::is_same_v<T, unsigned>)
                return std::uint64_t{*pointer};
            else
                return *pointer;
        },
        field(const_cast<Scenario&>(scenario)));
}

Value Parameter::default_value() const { return get(Scenario{}); }

void Parameter::set(Scenario& scenario, const Value& value) const {
    std::visit(
        [&](auto* pointer) {
            using T = std::remove_pointer_t<decltype(pointer)>;
            if constexpr (std::is_enum_v<T>) {
                const auto chosen = std::find(choices.begin(), choices.end(), std::get<std::string>(value));
                *pointer = static_cast<T>(chosen - choices.begin());
            } else if constexpr (std::is_same_v<T, unsigned>) {
                *pointer = static_cast<unsigned>(std::get<std::uint64_t>(value));
            } else {
                *pointer = std::get<T>(value);
            }
        },
        field(scenario));
}

bool Parameter::allows(const Value& value) const {
    // Names stand in tables and messages.
    const auto is_control = [](char each) {
        return (static_cast<unsigned char>(each) < ' ' && each != '\t') || each == '\x7f';
    };
    const auto in_range = [this](double number) {
        if (or_zero && number == 0) return true;
        return number >= minimum && number <= maximum && (!power_of_two || is_power_of_two(number));
    };
    switch (type()) {
    case Type::integer: {
        const auto* integer = std::get_if<std::uint64_t>(&value);
        return integer && in_range(static_cast<double>(*integer));
    }
    case Type::number: {
        const auto* number = std::get_if<double>(&value);
        return number && in_range(*number);
    }
    case Type::boolean:
        return std::holds_alternative<bool>(value);
    case Type::text: {
        const auto* text = std::get_if<std::string>(&value);
        return text && static_cast<double>(text->size()) <= maximum &&
               std::none_of(text->begin(), text->end(), is_control);
    }
    case Type::choice: {
        const auto* text = std::get_if<std::string>(&value);
        return text && std::find(choices.begin(), choices.end(), *text) != choices.end();
    }
    }
    return false;
}

std::string Parameter::range() const {
    switch (type()) {
    case Type::integer:
    case Type::number:
        return fmt::format("{}{} .. {}{}", or_zero ? "0, " : "", bound(minimum, unit), bound(maximum, unit),
                           power_of_two ? ", power of two" : "");
    case Type::boolean:
        return "true, false";
    case Type::text:
        return fmt::format("up to {} bytes", maximum);
    case Type::choice:
        return fmt::format("{}", fmt::join(choices, ", "));
    }
    return {};
}

std::string Parameter::allowed() const {
    const std::string suffix = unit.empty() ? "" : fmt::format(" ({})", unit);
    switch (type()) {
    case Type::integer:
        return fmt::format("an integer, {}{}", range(), suffix);
    case Type::number:
        return fmt::format("a number, {}{}", range(), suffix);
    case Type::boolean:
        return "true or false";
    case Type::text:
        return fmt::format("text, {}, no control characters", range());
    case Type::choice:
        return fmt::format("one of {}", range());
    }
    return {};
}

const std::vector<Parameter>& schema() {
    static const std::vector<Parameter> all = [] {
        std::vector<Parameter> parameters = chip_parameters();
        for (const auto& section : {dram_parameters(), dram_energy_parameters(), unit_parameters(),
                                    technology_parameters(), model_parameters(), run_parameters()})
            parameters.insert(parameters.end(), section.begin(), section.end());
        return parameters;
    }();
    return all;
}

const Parameter* find(std::string_view key) {
    const auto& all = schema();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Parameter& each) { return each.key == key; });
    return found == all.end() ? nullptr : &*found;
}

std::vector<std::string_view> keys() {
    std::vector<std::string_view> all;
    for (const Parameter& parameter : schema())
        all.push_back(parameter.key);
    return all;
}

std::vector<std::string_view> sections() {
    std::vector<std::string_view> names;
    for (const std::string_view key : keys())
        for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1))
            if (std::find(names.begin(), names.end(), key.substr(0, dot)) == names.end())
                names.push_back(key.substr(0, dot));
    return names;
}

std::string to_string(const Value& value) {
    return std::visit([](const auto& held) { return fmt::format("{}", held); }, value);
}

} // namespace gradus::scenario
