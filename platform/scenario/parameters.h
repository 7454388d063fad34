// SPDX-License-Identifier: Apache-2.0
// A scenario as plain values: the chip, the model it trains and the run. Every field is one key of the scenario file;
// keys, units, defaults, ranges and help lines stand in schema.cpp and nowhere else.
#pragma once

#include <cstdint>
#include <string>

#include "ip/common/queue_parameters.h"
#include "ip/cpu/hart_parameters.h"
#include "ip/dma/dma_parameters.h"
#include "ip/engine/engine_parameters.h"
#include "ip/interconnect/interconnect_parameters.h"
#include "ip/memory/dram_parameters.h"
#include "ip/memory/memory_parameters.h"
#include "platform/scenario/origin.h"
#include "platform/scenario/technology.h"

namespace gradus::scenario {

/// Bytes a cycle of the fabric's ports to its targets; 0: FabricParameters.port_bytes.
struct FabricPorts {
    ip::Bytes sram = 0;
    ip::Bytes scratchpad = 0;
    ip::Bytes dram = 0;
};

struct ChipParameters { // [chip]
    std::string name;   // chip.name
    double clock_mhz = 100;
    double fabric_clock_mhz = 0;         // chip.fabric.clock_mhz; 0: clock_mhz
    double dma_clock_mhz = 0;            // chip.dma.clock_mhz
    double engine_clock_mhz = 0;         // chip.engine.clock_mhz
    ip::Cycles crossing_cycles = 2;      // chip.crossing_cycles
    ip::HartParameters cpu;              // chip.cpu.alu ...
    ip::SramParameters sram;             // chip.sram.bytes ...
    ip::ScratchpadParameters scratchpad; // chip.scratchpad.bytes ...
    std::string dram_name;               // chip.dram.name
    ip::DramParameters dram;             // chip.dram.channels ...
    DramEnergy dram_energy;              // chip.dram.energy.activate ...
    ip::BusParameters bus;               // chip.bus.latency
    ip::FabricParameters fabric;         // chip.fabric.port_bytes ...
    FabricPorts fabric_ports;            // chip.fabric.sram_bytes ...
    ip::DmaParameters dma;               // chip.dma.channels ...
    ip::QueueParameters queue;           // chip.queue.prefetch ...
    ip::MatrixParameters matrix;         // chip.engine.matrix.rows ...
    ip::VectorParameters vector;         // chip.engine.vector.lanes ...
    TechnologyParameters technology;     // chip.technology.node_nm ...
};

enum class Activation { relu, gelu, silu, relu_squared, gelu_erf };
enum class Norm { rmsnorm, layernorm };
enum class NormPlace { before, around, after };
enum class Positions { learned, rope, none };
enum class RopeScaling { none, linear, llama3 };
enum class QkNorm { none, before_rope, after_rope };
enum class Form { plain, fused }; ///< several operators one after the other, or one
enum class Objective { next_token, masked_token, label };
enum class Format { fp32, bf16 };
enum class Precision { fp32, mixed };
/// Activations that the backward pass computes again. fit: as few as make the model fit into the DRAM.
enum class Recompute { none, selective, full, fit };
enum class StoredFormat { automatic, fp32, bf16 };

/// Angles of rotary positions: position * theta^(-2 i / turned), for i below half of what is turned of a head.
struct RopeParameters { // [model.rope]
    double theta = 10'000;
    double local_theta = 0; ///< of layers within a window, whose angles are not slowed down; 0: as the others
    double fraction = 1;    ///< of a head that is turned
    RopeScaling scaling = RopeScaling::none;
    double factor = 1; ///< by which slow angles are slowed down further
    // Of llama3: what is slowed down, by turns within the context that the model was first trained for.
    double low_turns = 1;
    double high_turns = 4;
    unsigned original_context = 8192;
};

/// Of matrices in DRAM. Vectors, and whatever an operator's definition wants so, are fp32.
struct TensorFormats {                                  // [model.formats]
    StoredFormat weights = StoredFormat::automatic;     ///< those that forward and backward read
    StoredFormat activations = StoredFormat::automatic; ///< what forward computes
    StoredFormat gradients = StoredFormat::automatic;   ///< what backward computes
    Format moments = Format::fp32;                      ///< what the optimizer keeps
};

struct ModelParameters { // [model]
    std::string name;
    unsigned layers = 1;
    unsigned width = 16;
    unsigned heads = 4;
    unsigned kv_heads = 0;   ///< of keys and values; 0: as many as heads
    unsigned head_width = 0; ///< 0: width / heads
    unsigned context = 16;
    unsigned mlp_width = 64;
    unsigned vocabulary = 0; ///< 0: what the training text holds, plus one boundary token
    Activation activation = Activation::relu;
    bool gated_mlp = false; ///< down(f(gate(x)) * up(x)) in place of down(f(up(x)))
    bool bias = false;      ///< biases on attention and MLP projections
    bool qkv_bias = false;  ///< biases on query, key and value, whatever `bias` says
    Norm norm = Norm::rmsnorm;
    NormPlace norm_place = NormPlace::before; ///< x + f(norm(x)); x + norm(f(norm(x))); norm(x + f(x))
    bool norm_gain = false;                   ///< a learned gain in norms
    bool norm_offset = false;                 ///< the gain is 1 + what is learned
    bool norm_bias = false;                   ///< a learned bias in norms, of layernorm alone
    bool embedding_norm = true;               ///< a norm after the embedding
    bool embedding_scaled = false;            ///< embeddings of tokens times sqrt(width)
    unsigned token_types = 0; ///< an embedding of types is added to that of tokens, which are all of type 0
    bool final_norm = false;  ///< a norm before the language-model head
    double norm_epsilon = 1e-5;
    QkNorm qk_norm = QkNorm::none; ///< RMSNorm of each head of queries and keys
    Form attention = Form::plain;  ///< fused: one operator, without scores in DRAM
    Positions positions = Positions::learned;
    RopeParameters rope;
    bool tied_head = false;      ///< the head is the token embedding
    bool head_transform = false; ///< a projection, the activation and a norm before the head
    bool head_bias = false;
    Form epilogues = Form::plain; ///< fused: what follows a product is done with its tiles
    Form head = Form::plain;      ///< fused: head and loss in one operator, without logits in DRAM
    double logit_cap = 0;         ///< logits are logit_cap * tanh(logits / logit_cap); 0: as they are
    double score_cap = 0;         ///< the same of scores
    double score_width = 0;       ///< scores are divided by its square root; 0: by that of the head's width
    unsigned window = 0;          ///< a position sees so many, with itself; 0: all of those before it
    unsigned global_every = 0;    ///< every n-th layer sees beyond the window; 0: none
    Objective objective = Objective::next_token;
    unsigned patch_values = 0; ///< of an image's patch: patches in place of tokens; 0: tokens
    double init_std = 0.08;
    Format format = Format::fp32;          ///< of matrix operands in the scratchpad; sums are fp32
    Precision precision = Precision::fp32; ///< of tensors in DRAM
    TensorFormats formats;
    Recompute recompute = Recompute::none;
};

enum class DataPlane { full, none };
enum class Documents { lines, windows };
enum class RateSchedule { constant, linear, cosine };
enum class OptimizerKind { adamw, sgd };

inline constexpr unsigned most_micro_batches = 4096;

struct RunParameters { // [run]
    unsigned steps = 1000;
    unsigned batch = 1;                                  ///< sequences a micro-batch
    unsigned accumulate = 1;                             ///< micro-batches a step
    std::string text = "/usr/share/dict/propernames.gz"; ///< UTF-8, plain or gzip, or tokens; "synthetic": random ones
    Documents documents = Documents::lines;
    std::string alphabet = "abcdefghijklmnopqrstuvwxyz"; ///< in UTF-8; "": every character found
    bool lowercase = true;
    double validation = 0;            ///< share of the text that no step is fed, but is predicted; 0: none
    unsigned validate_every = 100;    ///< steps from one validation to the next; the last step has one
    unsigned validation_batches = 10; ///< of one validation
    std::uint64_t seed = 1;
    OptimizerKind optimizer = OptimizerKind::adamw;
    bool record_commands = true;
    bool early_updates = true;
    double learning_rate = 0.01;
    double momentum = 0;                               ///< of sgd; 0: none is kept
    RateSchedule rate_schedule = RateSchedule::linear; ///< linear: to zero at the last step
    unsigned warmup_steps = 0;
    double beta1 = 0.85;
    double beta2 = 0.99;
    double epsilon = 1e-8;
    double weight_decay = 0;
    double loss_scale = 1; ///< gradients are computed of so many times the loss
    double clip = 0;       ///< the norm of all gradients together is brought down to it; 0: as it is
    unsigned generate = 0; ///< texts to generate after training
    double temperature = 0.5;
    DataPlane data = DataPlane::full;
    double quantum_ns = 10000;
    bool dmi = true;
    bool check_protocol = false; ///< TLM-2.0 base-protocol checkers on every socket
    bool trace = true;
    std::string trace_window;                      ///< "1ms:2.5ms", ":20ms"; empty: the whole run
    std::uint64_t hang_instructions = 100'000'000; ///< without any sign of progress
};

struct Scenario {
    std::string name; ///< from the file's name
    ChipParameters chip;
    ModelParameters model;
    RunParameters run;
    Origins origins; ///< of what load() read; empty for a scenario that was made otherwise
};

} // namespace gradus::scenario
