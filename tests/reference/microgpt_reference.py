#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A character-level transformer trained in float32 by PyTorch: golden numbers for Gradus, of which it shares nothing.

Architecture and training follow A. Karpathy's microgpt: token + position embedding, RMSNorm, pre-normalized attention
and MLP without biases or gains, a separate head; Adam with a learning rate that falls linearly to zero; one document a
step. Random numbers follow the specification in platform/schedule/random.h, gradients come from torch.autograd.

    microgpt_reference.py [--steps 1000] [--output microgpt_golden.json]
"""
import argparse
import gzip
import json
import math

import numpy
import torch

TEXT = "/usr/share/dict/propernames.gz"
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
SEED = 1
LAYERS, WIDTH, HEADS, CONTEXT, MLP_WIDTH = 1, 16, 4, 16, 64
EPSILON_NORM, INIT_STD = 1e-5, 0.08
LEARNING_RATE, BETA1, BETA2, EPSILON = 0.01, 0.85, 0.99, 1e-8
GOLDEN_LOSSES = 100
MASK64 = (1 << 64) - 1


class Random:
    def __init__(self, seed, stream):
        digest = 0xCBF29CE484222325
        for byte in stream.encode("latin-1"):
            digest = ((digest ^ byte) * 0x100000001B3) & MASK64
        self.state = seed ^ digest
        self.spare = None

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK64
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
        return z ^ (z >> 31)

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        u = ((self.next() >> 11) + 1) * 2.0**-53
        v = (self.next() >> 11) * 2.0**-53
        radius = math.sqrt(-2.0 * math.log(u))
        self.spare = radius * math.sin(2.0 * math.pi * v)
        return radius * math.cos(2.0 * math.pi * v)


def read_documents():
    with gzip.open(TEXT, "rb") as file:
        lines = [line.strip(" \t\r").lower() for line in file.read().decode("latin-1").split("\n")]
    lines = [line for line in lines if line]
    documents = [line for line in lines if all(character in ALPHABET for character in line)]
    order = list(range(len(documents)))
    random = Random(SEED, "shuffle")
    for i in range(len(order) - 1, 0, -1):
        j = random.next() % (i + 1)
        order[i], order[j] = order[j], order[i]
    symbols = sorted(set("".join(documents)))
    return [documents[i] for i in order], symbols, len(lines) - len(documents)


def initial_parameters(vocabulary):
    shapes = {"embedding.token": (vocabulary, WIDTH), "embedding.position": (CONTEXT, WIDTH)}
    for layer in range(LAYERS):
        for name in ("query", "key", "value", "output"):
            shapes[f"layer{layer}.attention.{name}"] = (WIDTH, WIDTH)
        shapes[f"layer{layer}.mlp.up"] = (MLP_WIDTH, WIDTH)
        shapes[f"layer{layer}.mlp.down"] = (WIDTH, MLP_WIDTH)
    shapes["head"] = (vocabulary, WIDTH)
    parameters = {}
    for name, (rows, cols) in shapes.items():
        random = Random(SEED, name)
        values = numpy.array([random.normal() * INIT_STD for _ in range(rows * cols)], dtype=numpy.float32)
        parameters[name] = torch.from_numpy(values.reshape(rows, cols)).requires_grad_()
    return parameters


def rms_norm(x):
    return x * torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + EPSILON_NORM)


def loss_of(parameters, tokens, targets):
    """Mean cross-entropy of one document; the causal mask keeps padding out, so there is none here."""
    n = len(tokens)
    x = rms_norm(parameters["embedding.token"][tokens] + parameters["embedding.position"][:n])
    future = torch.ones(n, n, dtype=torch.bool).triu(1)
    for layer in range(LAYERS):
        at = f"layer{layer}.attention."
        normed = rms_norm(x)
        query, key, value = (
            (normed @ parameters[at + name].T).view(n, HEADS, WIDTH // HEADS).transpose(0, 1)
            for name in ("query", "key", "value")
        )
        scores = (query @ key.transpose(1, 2)) / math.sqrt(WIDTH // HEADS)
        mixed = torch.softmax(scores.masked_fill(future, -math.inf), dim=-1) @ value
        x = x + mixed.transpose(0, 1).reshape(n, WIDTH) @ parameters[at + "output"].T
        hidden = torch.relu(rms_norm(x) @ parameters[f"layer{layer}.mlp.up"].T)
        x = x + hidden @ parameters[f"layer{layer}.mlp.down"].T
    return torch.nn.functional.cross_entropy(x @ parameters["head"].T, targets)


def train(steps):
    documents, symbols, skipped = read_documents()
    boundary = len(symbols)
    parameters = initial_parameters(boundary + 1)
    initial = {
        name: {"sum": p.detach().double().sum().item(), "squares": p.detach().double().square().sum().item()}
        for name, p in parameters.items()
    }
    optimizer = torch.optim.Adam(parameters.values(), lr=LEARNING_RATE, betas=(BETA1, BETA2), eps=EPSILON)
    losses, gradients = [], {}
    for step in range(steps):
        document = documents[step % len(documents)]
        sequence = [boundary] + [symbols.index(character) for character in document] + [boundary]
        n = min(CONTEXT, len(sequence) - 1)
        loss = loss_of(parameters, torch.tensor(sequence[:n]), torch.tensor(sequence[1 : n + 1]))
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            gradients = {name: p.grad.flatten().tolist() for name, p in parameters.items()}
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - step / steps)
        optimizer.step()
        losses.append(loss.item())
    return {
        "documents": len(documents),
        "skipped": skipped,
        "symbols": "".join(symbols),
        "parameters": sum(p.numel() for p in parameters.values()),
        "steps": steps,
        "initial": initial,
        "losses": losses[:GOLDEN_LOSSES],
        "last_50_mean_loss": sum(losses[-50:]) / len(losses[-50:]),
        "gradients": gradients,
    }


def compact(value):
    """Floats with nine significant digits, enough for every float32."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [compact(element) for element in value]
    if isinstance(value, dict):
        return {key: compact(element) for key, element in value.items()}
    return value


def main():
    arguments = argparse.ArgumentParser(description="Trains the reference model and writes its golden numbers.")
    arguments.add_argument("--steps", type=int, default=1000, help="training steps (1000)")
    arguments.add_argument("--output", help="golden file to write; none: only print")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    golden = compact(train(options.steps))
    print(f"first loss {golden['losses'][0]}, mean of the last 50 of {golden['steps']}: {golden['last_50_mean_loss']}")
    if options.output:
        with open(options.output, "w", encoding="ascii") as file:
            body = (f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in golden.items())
            file.write("{\n" + ",\n".join(body) + "\n}\n")


if __name__ == "__main__":
    main()
