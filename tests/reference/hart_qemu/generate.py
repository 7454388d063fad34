#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes golden.txt: random instruction sequences and what qemu-system-riscv64 makes of them.

Needs riscv64-unknown-elf-gcc and qemu-system-riscv64; the test that reads golden.txt needs neither.

    tests/reference/hart_qemu/generate.py [cases] > tests/reference/hart_qemu/golden.txt

A line is one case: its code in hex, as it lies in memory from CODE + case * STRIDE on, and a hash of the registers x1 to x31
and of the data afterwards. Registers and data start with the numbers of initial() and data(), which the test computes too.
x2, x8 and x9 point into the data.
"""
import random
import subprocess
import sys
import tempfile
from pathlib import Path

CODE, STRIDE, DATA, DATA_BYTES = 0x80010000, 1024, 0x80100000, 256
MASK = (1 << 64) - 1
EDGES = [0, 1, MASK, 1 << 63, (1 << 63) - 1, 1 << 31, (1 << 31) - 1, MASK - (1 << 31) + 1, 0xffffffff, 2, MASK - 1, 64, 63, 32]
POINTERS = {2: 64, 8: 0, 9: 128}


def mix(value):  # splitmix64
    value = (value + 0x9e3779b97f4a7c15) & MASK
    value = ((value ^ value >> 30) * 0xbf58476d1ce4e5b9) & MASK
    value = ((value ^ value >> 27) * 0x94d049bb133111eb) & MASK
    return value ^ value >> 31


def initial(case, register):
    if register in POINTERS:
        return DATA + POINTERS[register]
    value = mix(case * 64 + register)
    return EDGES[value // 4 % len(EDGES)] if value % 4 == 0 else value >> (value // 4 % 64)


def data(case, index):
    return mix(case * 64 + 32 + index)


def instruction(rng, label):
    free = [r for r in range(1, 32) if r not in POINTERS]
    rd, base = rng.choice(free), rng.choice(list(POINTERS))
    a, b = rng.randrange(32), rng.randrange(32)
    c = rng.choice([r for r in range(8, 16) if r not in POINTERS])
    kind = rng.randrange(13)
    if kind == 0:
        return f"{rng.choice('add sub sll slt sltu xor srl sra or and addw subw sllw srlw sraw'.split())} x{rd}, x{a}, x{b}"
    if kind == 1:
        return f"{rng.choice('addi slti sltiu xori ori andi addiw'.split())} x{rd}, x{a}, {rng.randrange(-2048, 2048)}"
    if kind == 2:
        return f"{rng.choice('slli srli srai'.split())} x{rd}, x{a}, {rng.randrange(64)}"
    if kind == 3:
        return f"{rng.choice('slliw srliw sraiw'.split())} x{rd}, x{a}, {rng.randrange(32)}"
    if kind in (4, 5):
        return f"{rng.choice('mul mulh mulhsu mulhu mulw div divu rem remu divw divuw remw remuw'.split())} x{rd}, x{a}, x{b}"
    if kind == 6:
        return f"{rng.choice('lui auipc'.split())} x{rd}, {rng.randrange(1 << 20)}"
    if kind == 7:
        return f"{rng.choice('lb lh lw ld lbu lhu lwu'.split())} x{rd}, {rng.randrange(120)}(x{base})"
    if kind == 8:
        return f"{rng.choice('sb sh sw sd'.split())} x{a}, {rng.randrange(120)}(x{base})"
    if kind == 9:
        return f"{rng.choice('beq bne blt bge bltu bgeu'.split())} x{a}, x{b}, {label}"
    if kind == 10:
        op = rng.choice("swap add xor and or min max minu maxu".split())
        return f"amo{op}.{rng.choice('wd')} x{rd}, x{a}, (x{base})"
    if kind == 11:
        width = rng.choice("wd")
        return f"lr.{width} x{rd}, (x{base})\nsc.{width} x{rng.choice(free)}, x{a}, (x{base})"
    # Operand patterns that the assembler turns into 16-bit instructions.
    offset = 8 * rng.randrange(8)
    return rng.choice([
        f"addi x{rd}, x{rd}, {rng.randrange(-32, 32)}", f"addiw x{rd}, x{rd}, {rng.randrange(-32, 32)}",
        f"li x{rd}, {rng.randrange(-32, 32)}", f"lui x{rd}, {rng.randrange(1, 32)}", f"andi x{c}, x{c}, {rng.randrange(-32, 32)}",
        f"srli x{c}, x{c}, {rng.randrange(1, 64)}", f"srai x{c}, x{c}, {rng.randrange(1, 64)}", f"slli x{rd}, x{rd}, {rng.randrange(1, 64)}",
        f"mv x{rd}, x{b or 1}", f"add x{rd}, x{rd}, x{b or 1}", f"addi x{c}, sp, {4 * rng.randrange(1, 256)}",
        *[f"{op} x{c}, x{c}, x{rng.randrange(8, 16)}" for op in "sub xor or and subw addw".split()],
        f"lw x{c}, {offset}(x8)", f"ld x{c}, {offset}(x9)", f"sw x{c}, {offset}(x8)", f"sd x{c}, {offset}(x9)",
        f"lw x{rd}, {offset}(sp)", f"ld x{rd}, {offset}(sp)", f"sw x{b}, {offset}(sp)", f"sd x{b}, {offset}(sp)",
        f"beqz x{c}, {label}", f"bnez x{c}, {label}", f"j {label}",
    ])


def block(rng, case):
    lines = []
    for index in range(40):
        ahead = min(40, index + rng.randrange(1, 4))
        lines += [f".Lc{case}_{index}:", instruction(rng, f".Lc{case}_{ahead}")]
    return "\n".join(lines + [f".Lc{case}_40:", f"end{case}:"])


HARNESS = f"""
.option norelax
.text
.global _start
_start:
    li s11, 0
next:
    la t0, cases
    la t2, registers
    slli t3, s11, 3
    add t0, t0, t3
    ld t0, 0(t0)
    beqz t0, finish
    la t4, inputs
    li t5, {(32 + DATA_BYTES // 8) * 8}
    mul t5, t5, s11
    add t4, t4, t5
    li t5, {DATA}
    addi t6, t4, 256
    li a0, {DATA_BYTES // 8}
copy: ld a1, 0(t6)
    sd a1, 0(t5)
    addi t6, t6, 8
    addi t5, t5, 8
    addi a0, a0, -1
    bnez a0, copy
    la t3, save_index
    sd s11, 0(t3)
    csrw mscratch, t2
    csrw mepc, t0
    li t3, 0x1800
    csrw mstatus, t3
    mv x31, t4
    {"".join(f"ld x{r}, {8 * r}(x31); " for r in range(1, 32))}
    mret
done:
    csrrw x31, mscratch, x31
    {"".join(f"sd x{r}, {8 * r}(x31); " for r in range(1, 31))}
    csrr x1, mscratch
    sd x1, 248(x31)
    li t0, 0x6c62272e07bb0142
    li t1, 0x100000001b3
    addi t2, x31, 8
    li t3, 31
    call fold
    li t2, {DATA}
    li t3, {DATA_BYTES // 8}
    call fold
    li t1, 0x10000000
    li t2, 60
digit: srl t3, t0, t2
    andi t3, t3, 15
    la t4, digits
    add t4, t4, t3
    lbu t4, 0(t4)
    sb t4, 0(t1)
    addi t2, t2, -4
    bgez t2, digit
    li t4, 10
    sb t4, 0(t1)
    la t3, save_index
    ld s11, 0(t3)
    addi s11, s11, 1
    j next
fold: ld t4, 0(t2)
    xor t0, t0, t4
    mul t0, t0, t1
    srli t4, t0, 29
    xor t0, t0, t4
    addi t2, t2, 8
    addi t3, t3, -1
    bnez t3, fold
    ret
finish:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    j finish
digits: .ascii "0123456789abcdef"
.balign 8
registers: .zero 256
save_index: .dword 0
"""


def main():
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rng = random.Random(1)
    source = HARNESS + "cases:\n" + "".join(f".dword begin{c}\n" for c in range(cases)) + ".dword 0\n"
    source += '.section .cases, "ax"\n'
    for case in range(cases):
        source += f".org {case * STRIDE}\nbegin{case}:\n{block(rng, case)}\n    j done\n"
    source += '.section .inputs, "a"\ninputs:\n'
    for case in range(cases):
        source += "".join(f".dword {initial(case, r)}\n" for r in range(32))
        source += "".join(f".dword {data(case, i)}\n" for i in range(DATA_BYTES // 8))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "program.S").write_text(source)
        (path / "link.ld").write_text(f"""
ENTRY(_start) SECTIONS {{ . = 0x80000000; .text : {{ *(.text) }} . = {CODE}; .cases : {{ *(.cases) }}
    . = 0x80200000; .inputs : {{ *(.inputs) }} }}""")
        subprocess.run(["riscv64-unknown-elf-gcc", "-march=rv64imac_zicsr", "-mabi=lp64", "-mcmodel=medany", "-nostdlib", "-Wl,--no-relax",
                        "-Wl,--no-warn-rwx-segments", "-T", path / "link.ld", path / "program.S", "-o", path / "program.elf"], check=True)
        subprocess.run(["riscv64-unknown-elf-objcopy", "-O", "binary", "-j", ".cases", path / "program.elf", path / "cases.bin"], check=True)
        symbols = subprocess.run(["riscv64-unknown-elf-nm", path / "program.elf"], check=True, capture_output=True, text=True).stdout
        ends = {line.split()[2]: int(line.split()[0], 16) for line in symbols.splitlines()}
        output = subprocess.run(["qemu-system-riscv64", "-machine", "virt", "-bios", "none", "-nographic", "-kernel", path / "program.elf"],
                                check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120).stdout.split()
        code = (path / "cases.bin").read_bytes()
        assert len(output) == cases, f"{len(output)} hashes for {cases} cases"
        for case, digest in enumerate(output):
            begin = case * STRIDE
            print(code[begin:ends[f"end{case}"] - CODE].hex(), digest)


if __name__ == "__main__":
    main()
