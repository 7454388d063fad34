#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small models in the layout that transformers publishes, as safetensors files, and the loss that each has on its first
step: computed from the published tensors themselves, after the classes GPT2LMHeadModel, LlamaForCausalLM and
Phi3ForCausalLM, by whose names they go. Numbers are double; weights are what the file's format leaves of them.

    /usr/bin/python3 weights_reference.py weights          (Debian: python3-torch)
"""
import json
import math
import pathlib
import struct
import sys

import torch
from microgpt_reference import Random

torch.set_default_dtype(torch.float64)

SEED, BATCH = 1, 2
WIDTH, HEADS, KV_HEADS, CONTEXT, MLP, VOCABULARY, LAYERS = 12, 4, 2, 7, 20, 13, 2
HEAD = WIDTH // HEADS
LLAMA_KEYS = {"positions": "rope", "kv_heads": KV_HEADS, "head_width": 4, "gated_mlp": True, "activation": "silu"}


def numbers(shape, scale=0.3, center=0.0):
    random = Random(SEED, f"{numbers.count}")
    numbers.count += 1
    values = [center + scale * random.normal() for _ in range(math.prod(shape))]
    return torch.tensor(values).reshape(shape)


numbers.count = 0


def tokens():
    inputs, targets = [], []
    for sequence in range(BATCH):
        random = Random(SEED, f"synthetic {sequence}")
        drawn = [random.next() % VOCABULARY for _ in range(CONTEXT + 1)]
        inputs.append(drawn[:-1])
        targets.append(drawn[1:])
    return torch.tensor(inputs), torch.tensor(targets)


def attend(q, k, v):
    """[batch, context, heads * width] each, with fewer heads of k and v maybe."""
    width = q.shape[-1] // HEADS

    def heads(x):
        x = x.view(BATCH, CONTEXT, -1, width).transpose(1, 2)
        return x.repeat_interleave(HEADS // x.shape[1], dim=1)

    scores = heads(q) @ heads(k).transpose(-1, -2) / math.sqrt(width)
    hidden = torch.ones(CONTEXT, CONTEXT, dtype=torch.bool).triu(1)
    mixed = torch.softmax(scores.masked_fill(hidden, -math.inf), -1) @ heads(v)
    return mixed.transpose(1, 2).reshape(BATCH, CONTEXT, -1)


def turned(x):
    x = x.view(BATCH, CONTEXT, -1, 4)
    angles = torch.arange(CONTEXT).double()[:, None] * 10000.0 ** (-torch.arange(0, 4, 2).double() / 4)[None, :]
    cosine, sine = (torch.cat([f(angles)] * 2, -1)[:, None] for f in (torch.cos, torch.sin))
    half = torch.cat([-x[..., 2:], x[..., :2]], -1)
    return (x * cosine + half * sine).reshape(BATCH, CONTEXT, -1)


def cross_entropy(logits, targets):
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).item()


def gpt2_tensors():
    """As OpenAI's file: without a prefix, with the mask and more positions than are used here."""
    w = {"wte.weight": numbers((VOCABULARY, WIDTH)), "wpe.weight": numbers((CONTEXT + 3, WIDTH))}
    for layer in range(LAYERS):
        at = f"h.{layer}."
        for norm in ("ln_1", "ln_2"):
            w[at + norm + ".weight"], w[at + norm + ".bias"] = numbers((WIDTH,), center=1), numbers((WIDTH,))
        for name, ins, outs in (("attn.c_attn", WIDTH, 3 * WIDTH), ("attn.c_proj", WIDTH, WIDTH),
                                ("mlp.c_fc", WIDTH, MLP), ("mlp.c_proj", MLP, WIDTH)):
            w[at + name + ".weight"], w[at + name + ".bias"] = numbers((ins, outs)), numbers((outs,))
        w[at + "attn.bias"] = torch.ones(1, 1, CONTEXT, CONTEXT).tril()
    w["ln_f.weight"], w["ln_f.bias"] = numbers((WIDTH,), center=1), numbers((WIDTH,))
    return w


def gpt2_loss(w):
    inputs, targets = tokens()
    x = w["wte.weight"][inputs] + w["wpe.weight"][:CONTEXT]

    def norm(name, x):
        return torch.nn.functional.layer_norm(x, (WIDTH,), w[name + ".weight"], w[name + ".bias"], 1e-5)

    def conv(name, x):
        return x @ w[name + ".weight"] + w[name + ".bias"]

    for layer in range(LAYERS):
        at = f"h.{layer}."
        q, k, v = conv(at + "attn.c_attn", norm(at + "ln_1", x)).split(WIDTH, -1)
        x = x + conv(at + "attn.c_proj", attend(q, k, v))
        up = conv(at + "mlp.c_fc", norm(at + "ln_2", x))
        active = 0.5 * up * (1 + torch.tanh(math.sqrt(2 / math.pi) * (up + 0.044715 * up**3)))
        x = x + conv(at + "mlp.c_proj", active)
    return cross_entropy(norm("ln_f", x) @ w["wte.weight"].T, targets)


def llama_tensors(fused):
    q, kv = HEADS * 4, KV_HEADS * 4
    w = {"model.embed_tokens.weight": numbers((VOCABULARY, WIDTH))}
    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            w[at + norm + ".weight"] = numbers((WIDTH,), center=1)
        shapes = {"self_attn.qkv_proj": (q + 2 * kv, WIDTH), "mlp.gate_up_proj": (2 * MLP, WIDTH)} if fused else {
            "self_attn.q_proj": (q, WIDTH), "self_attn.k_proj": (kv, WIDTH), "self_attn.v_proj": (kv, WIDTH),
            "mlp.gate_proj": (MLP, WIDTH), "mlp.up_proj": (MLP, WIDTH)}
        for name, shape in {**shapes, "self_attn.o_proj": (WIDTH, q), "mlp.down_proj": (WIDTH, MLP)}.items():
            w[at + name + ".weight"] = numbers(shape)
    w["model.norm.weight"] = numbers((WIDTH,), center=1)
    w["lm_head.weight"] = numbers((VOCABULARY, WIDTH))
    return w


def llama_loss(w):
    inputs, targets = tokens()
    x = w["model.embed_tokens.weight"][inputs]

    def norm(name, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * w[name + ".weight"]

    def project(name, x):
        return x @ w[name + ".weight"].T

    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        y = norm(at + "input_layernorm", x)
        if at + "self_attn.qkv_proj.weight" in w:
            q, k, v = project(at + "self_attn.qkv_proj", y).split([HEADS * 4, KV_HEADS * 4, KV_HEADS * 4], -1)
        else:
            q, k, v = (project(f"{at}self_attn.{part}_proj", y) for part in "qkv")
        x = x + project(at + "self_attn.o_proj", attend(turned(q), turned(k), v))
        y = norm(at + "post_attention_layernorm", x)
        if at + "mlp.gate_up_proj.weight" in w:
            gate, up = project(at + "mlp.gate_up_proj", y).chunk(2, -1)
        else:
            gate, up = project(at + "mlp.gate_proj", y), project(at + "mlp.up_proj", y)
        x = x + project(at + "mlp.down_proj", torch.nn.functional.silu(gate) * up)
    return cross_entropy(norm("model.norm", x) @ w["lm_head.weight"].T, targets)


TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def rounded(tensors, kind):
    return {name: tensor.to(TYPES[kind]) for name, tensor in tensors.items()}


def write(path, tensors, kind):
    header, data = {}, b""
    for name, tensor in tensors.items():
        bits = tensor if kind == "F32" else tensor.view(torch.int16)
        content = bits.contiguous().numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


SMALL = {"layers": LAYERS, "width": WIDTH, "heads": HEADS, "context": CONTEXT, "mlp_width": MLP, "vocabulary": VOCABULARY,
         "embedding_norm": False, "final_norm": True, "norm_gain": True}
GPT2_KEYS = {"norm": "layernorm", "norm_bias": True, "bias": True, "activation": "gelu", "tied_head": True}

folder = pathlib.Path(sys.argv[1])
golden = {}
for name, kind, keys, tensors, loss in (("gpt2", "F32", GPT2_KEYS, gpt2_tensors(), gpt2_loss),
                                        ("llama", "F16", LLAMA_KEYS, llama_tensors(fused=False), llama_loss),
                                        ("phi3", "BF16", LLAMA_KEYS, llama_tensors(fused=True), llama_loss)):
    stored = rounded(tensors, kind)
    write(folder / f"{name}.safetensors", stored, kind)
    golden[name] = {"keys": {**SMALL, **keys}, "loss": loss({name: each.double() for name, each in stored.items()})}
(folder / "golden.json").write_text(json.dumps({"batch": BATCH, "models": golden}, indent=1) + "\n")
