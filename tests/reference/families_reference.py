#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small models of every family in PyTorch, with double precision: golden losses and gradients for Gradus, of which it
shares nothing but the names of parameters and keys. Some of them once more in bf16: how far that is from double is what
Gradus may be off by, twice, when it trains in mixed precision.

Each case names keys of a scenario. What they mean is written down here once more, after the families' papers and the
conventions of their published weights. Random numbers follow platform/schedule/random.h, gradients torch.autograd.

    /usr/bin/python3 families_reference.py >families_golden.json      (Debian: python3-torch)
"""
import json
import math

import torch
from microgpt_reference import Random, compact

torch.set_default_dtype(torch.float64)

SEED, BATCH, STEPS = 1, 2, 20
NO_TARGET = -100
SMALL = {"layers": 2, "width": 12, "heads": 4, "context": 7, "mlp_width": 20, "vocabulary": 13, "init_std": 0.3,
         "embedding_norm": False, "final_norm": True, "norm_gain": True}
LLAMA = {**SMALL, "positions": "rope", "kv_heads": 2, "gated_mlp": True, "activation": "silu"}
CASES = {
    "microgpt": {**SMALL, "embedding_norm": True, "final_norm": False, "norm_gain": False, "activation": "relu"},
    "gpt2": {**SMALL, "norm": "layernorm", "norm_bias": True, "bias": True, "activation": "gelu", "tied_head": True},
    "llama": {**LLAMA},
    "smollm": {**LLAMA, "heads": 3, "kv_heads": 1, "head_width": 8, "tied_head": True},
    "llama3": {**LLAMA, "head_width": 6, "rope.theta": 500.0, "rope.scaling": "llama3", "rope.factor": 8.0,
               "rope.low_turns": 1.0, "rope.high_turns": 4.0, "rope.original_context": 64},
    "linear_rope": {**LLAMA, "head_width": 10, "rope.scaling": "linear", "rope.factor": 4.0, "rope.fraction": 0.5},
    "qwen2": {**LLAMA, "qkv_bias": True, "tied_head": True},
    "qwen3": {**LLAMA, "head_width": 6, "qk_norm": "before_rope"},
    "gemma": {**LLAMA, "kv_heads": 1, "head_width": 6, "activation": "gelu", "norm_offset": True, "tied_head": True,
              "embedding_scaled": True},
    "gemma2": {**LLAMA, "head_width": 6, "activation": "gelu", "norm_place": "around", "norm_offset": True,
               "embedding_scaled": True, "tied_head": True, "score_width": 5.0, "score_cap": 1.5, "logit_cap": 2.0,
               "window": 3, "global_every": 2},
    "gemma3": {**LLAMA, "layers": 3, "kv_heads": 1, "head_width": 6, "activation": "gelu", "norm_place": "around",
               "norm_offset": True, "embedding_scaled": True, "tied_head": True, "score_width": 5.0, "window": 2,
               "global_every": 3, "qk_norm": "before_rope", "rope.theta": 500.0, "rope.local_theta": 30.0,
               "rope.scaling": "linear", "rope.factor": 8.0},
    "phi3": {**LLAMA, "kv_heads": 4, "head_width": 6, "rope.fraction": 0.75, "window": 4},
    "bert": {**SMALL, "norm": "layernorm", "norm_place": "after", "norm_bias": True, "embedding_norm": True,
             "final_norm": False, "bias": True, "activation": "gelu_erf", "token_types": 2, "tied_head": True,
             "head_transform": True, "head_bias": True, "objective": "masked_token"},
    "vit": {**SMALL, "norm": "layernorm", "norm_bias": True, "bias": True, "activation": "gelu_erf", "head_bias": True,
            "objective": "label", "patch_values": 9},
    "nanochat": {**SMALL, "positions": "rope", "embedding_norm": True, "norm_gain": False, "qk_norm": "after_rope",
                 "head_width": 4, "activation": "relu_squared", "logit_cap": 2.0},
}
OPTIMIZERS = {
    "adamw": {"optimizer": "adamw", "learning_rate": 0.01, "beta1": 0.9, "beta2": 0.95, "weight_decay": 0.1,
              "epsilon": 1e-8, "warmup_steps": 5, "rate_schedule": "cosine"},
    "sgd": {"optimizer": "sgd", "learning_rate": 0.1, "weight_decay": 0.01, "rate_schedule": "constant"},
    "momentum": {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.03, "rate_schedule": "linear"},
    "clipped": {"optimizer": "adamw", "learning_rate": 0.01, "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8,
                "rate_schedule": "constant", "clip": 0.8},
    "clipped_sgd": {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.1, "rate_schedule": "constant",
                    "clip": 0.8},
    "accumulated": {"optimizer": "adamw", "learning_rate": 0.01, "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8,
                    "rate_schedule": "constant", "clip": 0.8, "accumulate": 3},
}
OPTIMIZED = "gpt2"  # of which family
MIXED = ["gpt2", "llama", "qwen3", "nanochat"]
MIXED_OPTIMIZER = "adamw"


def wide(x):
    """PyTorch's operators compute with fp32 inside, whatever comes in and goes out."""
    return x.float() if x.dtype == torch.bfloat16 else x


class Model:
    """Parameters are double; `dtype` is that of weights, activations and their gradients."""

    def __init__(self, keys, dtype=torch.float64):
        self.dtype = dtype
        self.keys = {"kv_heads": keys["heads"], "head_width": keys["width"] // keys["heads"], "norm": "rmsnorm",
                     "norm_bias": False, "bias": False, "qkv_bias": False, "tied_head": False, "gated_mlp": False,
                     "positions": "learned", "qk_norm": "none", "logit_cap": 0.0, "rope.theta": 10000.0,
                     "rope.fraction": 1.0, "rope.scaling": "none", "norm_place": "before", "norm_offset": False,
                     "embedding_scaled": False, "token_types": 0, "score_width": 0, "score_cap": 0.0, "window": 0,
                     "global_every": 0, "rope.local_theta": 0.0, "head_transform": False, "head_bias": False,
                     "objective": "next_token", **keys}
        self.parameters = {}

    def __getattr__(self, key):
        return self.keys[key]

    def parameter(self, name, rows, cols):
        if name not in self.parameters:
            if name.endswith(".gain"):
                values = torch.zeros(rows, cols) if self.norm_offset else torch.ones(rows, cols)
            elif name.endswith(".bias"):
                values = torch.zeros(rows, cols)
            else:
                random = Random(SEED, name)
                values = torch.tensor([random.normal() * self.init_std for _ in range(rows * cols)])
                values = values.float().double().view(rows, cols)
            self.parameters[name] = values.requires_grad_()
        return self.parameters[name].to(self.dtype)

    def linear(self, name, x, out, bias):
        y = x @ self.parameter(name, out, x.shape[-1]).T
        return y + self.parameter(name + ".bias", 1, out)[0] if bias else y

    def gain(self, name, width):
        gain = self.parameter(name + ".gain", 1, width)[0]
        return 1 + gain if self.norm_offset else gain

    def rmsnorm(self, name, x):
        y = (wide(x) * torch.rsqrt(wide(x).square().mean(-1, keepdim=True) + 1e-5)).to(self.dtype)
        return y * self.gain(name, x.shape[-1]) if self.norm_gain else y

    def layernorm(self, name, x):
        gain = self.gain(name, x.shape[-1]) if self.norm_gain else None
        bias = self.parameter(name + ".bias", 1, x.shape[-1])[0] if self.norm_bias else None
        return torch.nn.functional.layer_norm(x, x.shape[-1:], gain, bias, 1e-5)

    def normed(self, name, x):
        return self.layernorm(name, x) if self.norm == "layernorm" else self.rmsnorm(name, x)

    def is_local(self, layer):
        return self.window and not (self.global_every and (layer + 1) % self.global_every == 0)

    def frequencies(self, turned, layer):
        local = self.is_local(layer) and self.keys["rope.local_theta"]
        rates = (local or self.keys["rope.theta"]) ** (-torch.arange(0, turned, 2).double() / turned)
        if local:
            return rates
        if self.keys["rope.scaling"] == "linear":
            return rates / self.keys["rope.factor"]
        if self.keys["rope.scaling"] == "llama3":
            low, high = self.keys["rope.low_turns"], self.keys["rope.high_turns"]
            turns = self.keys["rope.original_context"] * rates / (2 * math.pi)
            smooth = ((turns - low) / (high - low)).clamp(0, 1)
            return (1 - smooth) * rates / self.keys["rope.factor"] + smooth * rates
        return rates

    def turned(self, x, layer):
        """x is [batch, heads, context, head width]; the pairs of a head lie in its two halves."""
        if self.positions != "rope":
            return x
        width = int(self.head_width * self.keys["rope.fraction"]) // 2 * 2
        angles = torch.arange(self.context).double()[:, None] * self.frequencies(width, layer)[None, :]
        cosine = torch.cat([angles.cos(), angles.cos()], -1).float().double()
        sine = torch.cat([angles.sin(), angles.sin()], -1).float().double()
        cosine, sine = cosine.to(self.dtype), sine.to(self.dtype)
        part, rest = x[..., :width], x[..., width:]
        half = torch.cat([-part[..., width // 2:], part[..., : width // 2]], -1)
        return torch.cat([part * cosine + half * sine, rest], -1)

    def heads_of(self, layer, part, x, heads):
        name = f"layer{layer}.attention.{part}"
        x = self.linear(name, x, heads * self.head_width, self.bias or self.qkv_bias)
        x = x.view(BATCH, self.context, heads, self.head_width).transpose(1, 2)
        if part == "value":
            return x
        if self.qk_norm == "before_rope":
            x = self.rmsnorm(name + ".norm", x)
        x = self.turned(x, layer)
        if self.qk_norm == "after_rope":
            x = self.rmsnorm(name + ".norm", x)
        return x

    def hidden_from(self, layer):
        """[context, context]: what a row does not see of the columns."""
        position = torch.arange(self.context)
        distance = position[:, None] - position[None, :]
        if self.objective != "next_token":
            return torch.zeros_like(distance, dtype=torch.bool)
        return (distance < 0) | (distance >= (self.window if self.is_local(layer) else self.context))

    def attention(self, layer, x):
        group = self.heads // self.kv_heads
        query = self.heads_of(layer, "query", x, self.heads)
        key = self.heads_of(layer, "key", x, self.kv_heads).repeat_interleave(group, dim=1)
        value = self.heads_of(layer, "value", x, self.kv_heads).repeat_interleave(group, dim=1)
        scores = query @ key.transpose(-1, -2) / math.sqrt(self.score_width or self.head_width)
        if self.score_cap:
            scores = self.score_cap * torch.tanh(scores / self.score_cap)
        mixed = torch.softmax(scores.masked_fill(self.hidden_from(layer), -math.inf), -1) @ value
        mixed = mixed.transpose(1, 2).reshape(BATCH, self.context, self.heads * self.head_width)
        return self.linear(f"layer{layer}.attention.output", mixed, self.width, self.bias)

    def activated(self, x):
        return self.activation_of(wide(x)).to(self.dtype)

    def activation_of(self, x):
        if self.activation == "gelu":
            return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        if self.activation == "gelu_erf":
            return torch.nn.functional.gelu(x)
        if self.activation == "silu":
            return torch.nn.functional.silu(x)
        return torch.relu(x).square() if self.activation == "relu_squared" else torch.relu(x)

    def mlp(self, layer, x):
        at = f"layer{layer}."
        up = self.linear(at + "mlp.up", x, self.mlp_width, self.bias)
        if self.gated_mlp:
            active = self.activated(self.linear(at + "mlp.gate", x, self.mlp_width, self.bias)) * up
        else:
            active = self.activated(up)
        return self.linear(at + "mlp.down", active, self.width, self.bias)

    def sublayer(self, name, f, layer, x):
        name = f"layer{layer}.{name}"
        if self.norm_place == "after":
            return self.normed(name + ".norm", x + f(layer, x))
        y = f(layer, self.normed(name + ".norm", x))
        return x + (self.normed(name + ".post_norm", y) if self.norm_place == "around" else y)

    def loss(self, tokens, targets):
        """Tokens, or the patches of images."""
        if self.objective == "label":
            first = self.parameter("embedding.class", 1, self.width).expand(BATCH, 1, self.width)
            x = torch.cat([first, self.linear("embedding.patch", tokens, self.width, self.bias)], 1)
        else:
            table = self.parameter("embedding.token", self.vocabulary, self.width)
            x = table[tokens] * (math.sqrt(self.width) if self.embedding_scaled else 1)
        if self.positions == "learned":
            x = x + self.parameter("embedding.position", self.context, self.width)
        if self.token_types:
            x = x + self.parameter("embedding.type", self.token_types, self.width)[0]
        if self.embedding_norm:
            x = self.normed("embedding.norm", x)
        for layer in range(self.layers):
            x = self.sublayer("attention", self.attention, layer, x)
            x = self.sublayer("mlp", self.mlp, layer, x)
        if self.final_norm:
            x = self.normed("final_norm", x)
        if self.objective == "label":
            x = x[:, :1]
        if self.head_transform:
            x = self.activated(self.linear("head.transform", x, self.width, self.bias))
            x = self.normed("head.norm", x)
        head = table if self.tied_head else self.parameter("head", self.vocabulary, self.width)
        logits = x @ head.T
        if self.head_bias:
            logits = logits + self.parameter("head.bias", 1, self.vocabulary)[0]
        if self.logit_cap:
            logits = self.logit_cap * torch.tanh(wide(logits) / self.logit_cap)
        return torch.nn.functional.cross_entropy(wide(logits).flatten(0, 1), targets.flatten(), ignore_index=NO_TARGET)


def hidden_at(sequence, context):
    """15 % of the positions, any of them equally likely (Knuth, The Art of Computer Programming 2, 3.4.2, S)."""
    random, left, hidden = Random(SEED, f"hidden {sequence}"), max(1, (context * 15 + 50) // 100), []
    for position in range(context):
        if random.next() % (context - position) < left:
            hidden.append(position)
            left -= 1
    return hidden


def images_of(step, keys):
    patches, labels = [], []
    for image in range(step * BATCH, (step + 1) * BATCH):
        random = Random(SEED, f"image {image}")
        patches.append([[random.normal() for _ in range(keys["patch_values"])] for _ in range(keys["context"] - 1)])
        labels.append([Random(SEED, f"label {image}").next() % keys["vocabulary"]])
    return torch.tensor(patches).float().double(), torch.tensor(labels)


def inputs_of(step, keys):
    if keys.get("objective") == "label":
        return images_of(step, keys)
    tokens, targets = [], []
    for sequence in range(step * BATCH, (step + 1) * BATCH):
        random = Random(SEED, f"synthetic {sequence}")
        drawn = [random.next() % keys["vocabulary"] for _ in range(keys["context"] + 1)]
        tokens.append(drawn[:-1])
        targets.append(drawn[1:])
        if keys.get("objective") == "masked_token":
            hidden = hidden_at(sequence, keys["context"])
            targets[-1] = [drawn[i] if i in hidden else NO_TARGET for i in range(keys["context"])]
            tokens[-1] = [keys["vocabulary"] - 1 if i in hidden else drawn[i] for i in range(keys["context"])]
    return torch.tensor(tokens), torch.tensor(targets)


GOLDEN_ELEMENTS = 30


def some_of(gradient):
    """Every n-th element."""
    flat = gradient.flatten()
    return flat[:: max(1, len(flat) // GOLDEN_ELEMENTS)]


def golden_of_gradient(gradient):
    return {"norm": gradient.norm().item(), "elements": some_of(gradient).tolist()}


def golden_of(keys):
    model = Model(keys)
    loss = model.loss(*inputs_of(0, keys))
    loss.backward()
    return {"keys": keys, "loss": loss.item(), "parameters": sum(p.numel() for p in model.parameters.values()),
            "gradients": {name: golden_of_gradient(p.grad) for name, p in model.parameters.items()}}


def rate_of(step, keys):
    warmup = keys.get("warmup_steps", 0)
    if step < warmup:
        return keys["learning_rate"] * (step + 1) / warmup
    progress = (step - warmup) / (STEPS - warmup)
    shape = {"constant": 1, "linear": 1 - progress, "cosine": 0.5 * (1 + math.cos(math.pi * progress))}
    return keys["learning_rate"] * shape[keys["rate_schedule"]]


def training_of(keys, run, dtype=torch.float64):
    model = Model(keys, dtype)
    model.loss(*inputs_of(0, keys))  # makes the parameters
    parameters = list(model.parameters.values())
    decay = run.get("weight_decay", 0)
    if run["optimizer"] == "adamw":
        optimizer = torch.optim.AdamW(parameters, lr=1, betas=(run["beta1"], run["beta2"]), eps=run["epsilon"],
                                      weight_decay=decay)
    else:
        optimizer = torch.optim.SGD(parameters, lr=1, momentum=run.get("momentum", 0))
    losses, micro_batches = [], run.get("accumulate", 1)
    for step in range(STEPS):
        optimizer.zero_grad()
        losses.append(0)
        for batch in range(step * micro_batches, (step + 1) * micro_batches):
            loss = model.loss(*inputs_of(batch, keys)) / micro_batches  # all have as many tokens
            loss.backward()
            losses[-1] += loss.item()
        if "clip" in run:
            torch.nn.utils.clip_grad_norm_(parameters, run["clip"])
        for group in optimizer.param_groups:
            group["lr"] = rate_of(step, run)
        if run["optimizer"] == "sgd":  # decoupled, as for AdamW
            with torch.no_grad():
                for parameter in parameters:
                    parameter.mul_(1 - rate_of(step, run) * decay)
        optimizer.step()
    return {"run": run, "losses": losses}


def mixed_of(keys):
    """What double gives over some steps, and how far bf16 is from that: of gradients in the first step, on the elements
    that golden_of_gradient() keeps, and of the losses, on average."""
    double, half = Model(keys), Model(keys, torch.bfloat16)
    for model in double, half:
        model.loss(*inputs_of(0, keys)).backward()
    errors = {name: (some_of(half.parameters[name].grad) - some_of(p.grad)).norm().item()
              for name, p in double.parameters.items()}
    run = OPTIMIZERS[MIXED_OPTIMIZER]
    expected = training_of(keys, run)["losses"]
    rounded = training_of(keys, run, torch.bfloat16)["losses"]
    return {"losses": expected, "gradient_errors": errors,
            "loss_error": sum(abs(a - b) for a, b in zip(rounded, expected)) / STEPS}


print(json.dumps(compact({
    "batch": BATCH, "steps": STEPS, "seed": SEED,
    "models": {name: golden_of(keys) for name, keys in CASES.items()},
    "optimized": OPTIMIZED, "mixed_optimizer": MIXED_OPTIMIZER, "mixed": {name: mixed_of(CASES[name]) for name in MIXED},
    "optimizers": {name: training_of(CASES[OPTIMIZED], run) for name, run in OPTIMIZERS.items()},
})))
