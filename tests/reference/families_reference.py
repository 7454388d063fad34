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
                     "rope.fraction": 1.0, "rope.scaling": "none", **keys}
        self.parameters = {}

    def __getattr__(self, key):
        return self.keys[key]

    def parameter(self, name, rows, cols):
        if name not in self.parameters:
            if name.endswith(".gain"):
                values = torch.ones(rows, cols)
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

    def rmsnorm(self, name, x):
        y = (wide(x) * torch.rsqrt(wide(x).square().mean(-1, keepdim=True) + 1e-5)).to(self.dtype)
        return y * self.parameter(name + ".gain", 1, x.shape[-1])[0] if self.norm_gain else y

    def layernorm(self, name, x):
        gain = self.parameter(name + ".gain", 1, x.shape[-1])[0] if self.norm_gain else None
        bias = self.parameter(name + ".bias", 1, x.shape[-1])[0] if self.norm_bias else None
        return torch.nn.functional.layer_norm(x, x.shape[-1:], gain, bias, 1e-5)

    def normed(self, name, x):
        return self.layernorm(name, x) if self.norm == "layernorm" else self.rmsnorm(name, x)

    def frequencies(self, turned):
        rates = self.keys["rope.theta"] ** (-torch.arange(0, turned, 2).double() / turned)
        if self.keys["rope.scaling"] == "linear":
            return rates / self.keys["rope.factor"]
        if self.keys["rope.scaling"] == "llama3":
            low, high = self.keys["rope.low_turns"], self.keys["rope.high_turns"]
            turns = self.keys["rope.original_context"] * rates / (2 * math.pi)
            smooth = ((turns - low) / (high - low)).clamp(0, 1)
            return (1 - smooth) * rates / self.keys["rope.factor"] + smooth * rates
        return rates

    def turned(self, x):
        """x is [batch, heads, context, head width]; the pairs of a head lie in its two halves."""
        if self.positions != "rope":
            return x
        width = int(self.head_width * self.keys["rope.fraction"]) // 2 * 2
        angles = torch.arange(self.context).double()[:, None] * self.frequencies(width)[None, :]
        cosine = torch.cat([angles.cos(), angles.cos()], -1).float().double()
        sine = torch.cat([angles.sin(), angles.sin()], -1).float().double()
        cosine, sine = cosine.to(self.dtype), sine.to(self.dtype)
        part, rest = x[..., :width], x[..., width:]
        half = torch.cat([-part[..., width // 2:], part[..., : width // 2]], -1)
        return torch.cat([part * cosine + half * sine, rest], -1)

    def heads_of(self, name, x, heads, is_value=False):
        x = self.linear(name, x, heads * self.head_width, self.bias or self.qkv_bias)
        x = x.view(BATCH, self.context, heads, self.head_width).transpose(1, 2)
        if is_value:
            return x
        if self.qk_norm == "before_rope":
            x = self.rmsnorm(name + ".norm", x)
        x = self.turned(x)
        if self.qk_norm == "after_rope":
            x = self.rmsnorm(name + ".norm", x)
        return x

    def attention(self, at, x):
        group = self.heads // self.kv_heads
        query = self.heads_of(at + "attention.query", x, self.heads)
        key = self.heads_of(at + "attention.key", x, self.kv_heads).repeat_interleave(group, dim=1)
        value = self.heads_of(at + "attention.value", x, self.kv_heads, True).repeat_interleave(group, dim=1)
        future = torch.ones(self.context, self.context, dtype=torch.bool).triu(1)
        scores = (query @ key.transpose(-1, -2) / math.sqrt(self.head_width)).masked_fill(future, -math.inf)
        mixed = torch.softmax(scores, -1) @ value
        mixed = mixed.transpose(1, 2).reshape(BATCH, self.context, self.heads * self.head_width)
        return self.linear(at + "attention.output", mixed, self.width, self.bias)

    def activated(self, x):
        return self.activation_of(wide(x)).to(self.dtype)

    def activation_of(self, x):
        if self.activation == "gelu":
            return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        if self.activation == "silu":
            return torch.nn.functional.silu(x)
        return torch.relu(x).square() if self.activation == "relu_squared" else torch.relu(x)

    def mlp(self, at, x):
        up = self.linear(at + "mlp.up", x, self.mlp_width, self.bias)
        if self.gated_mlp:
            active = self.activated(self.linear(at + "mlp.gate", x, self.mlp_width, self.bias)) * up
        else:
            active = self.activated(up)
        return self.linear(at + "mlp.down", active, self.width, self.bias)

    def loss(self, tokens, targets):
        table = self.parameter("embedding.token", self.vocabulary, self.width)
        x = table[tokens]
        if self.positions == "learned":
            x = x + self.parameter("embedding.position", self.context, self.width)
        if self.embedding_norm:
            x = self.normed("embedding.norm", x)
        for layer in range(self.layers):
            at = f"layer{layer}."
            x = x + self.attention(at, self.normed(at + "attention.norm", x))
            x = x + self.mlp(at, self.normed(at + "mlp.norm", x))
        if self.final_norm:
            x = self.normed("final_norm", x)
        head = table if self.tied_head else self.parameter("head", self.vocabulary, self.width)
        logits = x @ head.T
        if self.logit_cap:
            logits = self.logit_cap * torch.tanh(wide(logits) / self.logit_cap)
        return torch.nn.functional.cross_entropy(wide(logits).flatten(0, 1), targets.flatten())


def inputs_of(step, keys):
    tokens, targets = [], []
    for sequence in range(BATCH):
        random = Random(SEED, f"synthetic {step * BATCH + sequence}")
        drawn = [random.next() % keys["vocabulary"] for _ in range(keys["context"] + 1)]
        tokens.append(drawn[:-1])
        targets.append(drawn[1:])
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
    losses = []
    for step in range(STEPS):
        loss = model.loss(*inputs_of(step, keys))
        optimizer.zero_grad()
        loss.backward()
        if "clip" in run:
            torch.nn.utils.clip_grad_norm_(parameters, run["clip"])
        for group in optimizer.param_groups:
            group["lr"] = rate_of(step, run)
        if run["optimizer"] == "sgd":  # decoupled, as for AdamW
            with torch.no_grad():
                for parameter in parameters:
                    parameter.mul_(1 - rate_of(step, run) * decay)
        optimizer.step()
        losses.append(loss.item())
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
