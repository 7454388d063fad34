// SPDX-License-Identifier: Apache-2.0
// Just enough of an assembler for tests that need a few instructions at a known address. Registers are numbers,
// immediates are checked by nobody.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gradus::test {

enum Register : unsigned {
    x0,
    ra,
    sp,
    gp,
    tp,
    t0,
    t1,
    t2,
    s0,
    s1,
    a0,
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    a7,
    s2,
    s3,
    s4,
    s5,
    s6,
    s7,
    s8,
    s9,
    s10,
    s11,
    t3,
    t4,
    t5,
    t6
};

enum Csr : unsigned {
    mstatus = 0x300,
    mie = 0x304,
    mtvec = 0x305,
    mscratch = 0x340,
    mepc = 0x341,
    mcause = 0x342,
    mtval = 0x343,
    mip = 0x344,
    mcycle = 0xb00,
    minstret = 0xb02,
    cycle = 0xc00,
    time_csr = 0xc01,
    instret = 0xc02,
    mhartid = 0xf14
};

class Assembler {
public:
    explicit Assembler(std::uint64_t base) : base_(base) {}

    std::uint64_t here() const { return base_ + code_.size(); }
    /// The code, with all labels filled in.
    std::vector<std::uint8_t> code() {
        for (const auto& [place, label] : fixups_)
            patch(place, labels_.at(label) - (base_ + place));
        fixups_.clear();
        return code_;
    }
    std::uint64_t address(const std::string& label) const { return labels_.at(label); }

    void label(const std::string& name) { labels_[name] = here(); }
    void word(std::uint32_t bits) { append(&bits, 4); }
    void half(std::uint16_t bits) { append(&bits, 2); }

    void r(unsigned opcode, unsigned f3, unsigned f7, unsigned rd, unsigned rs1, unsigned rs2) {
        word(opcode | rd << 7 | f3 << 12 | rs1 << 15 | rs2 << 20 | f7 << 25);
    }
    void i(unsigned opcode, unsigned f3, unsigned rd, unsigned rs1, std::int64_t immediate) {
        word(opcode | rd << 7 | f3 << 12 | rs1 << 15 | static_cast<std::uint32_t>(immediate) << 20);
    }
    void s(unsigned f3, unsigned rs2, std::int64_t immediate, unsigned rs1) {
        const auto bits = static_cast<std::uint32_t>(immediate);
        word(0x23 | (bits & 31) << 7 | f3 << 12 | rs1 << 15 | rs2 << 20 | (bits >> 5 & 127) << 25);
    }
    void b(unsigned f3, unsigned rs1, unsigned rs2, const std::string& to) {
        fixups_.emplace_back(code_.size(), to);
        word(0x63 | f3 << 12 | rs1 << 15 | rs2 << 20);
    }

    void addi(unsigned rd, unsigned rs1, std::int64_t v) { i(0x13, 0, rd, rs1, v); }
    void nop() { addi(0, 0, 0); }
    void mv(unsigned rd, unsigned rs) { addi(rd, rs, 0); }
    void slli(unsigned rd, unsigned rs1, unsigned v) { i(0x13, 1, rd, rs1, v); }
    void srli(unsigned rd, unsigned rs1, unsigned v) { i(0x13, 5, rd, rs1, v); }
    void andi(unsigned rd, unsigned rs1, std::int64_t v) { i(0x13, 7, rd, rs1, v); }
    void add(unsigned rd, unsigned a, unsigned b) { r(0x33, 0, 0, rd, a, b); }
    void sub(unsigned rd, unsigned a, unsigned b) { r(0x33, 0, 0x20, rd, a, b); }
    void xor_(unsigned rd, unsigned a, unsigned b) { r(0x33, 4, 0, rd, a, b); }
    void mul(unsigned rd, unsigned a, unsigned b) { r(0x33, 0, 1, rd, a, b); }
    void divu(unsigned rd, unsigned a, unsigned b) { r(0x33, 5, 1, rd, a, b); }
    void lb(unsigned rd, std::int64_t v, unsigned base) { i(0x03, 0, rd, base, v); }
    void lh(unsigned rd, std::int64_t v, unsigned base) { i(0x03, 1, rd, base, v); }
    void lw(unsigned rd, std::int64_t v, unsigned base) { i(0x03, 2, rd, base, v); }
    void ld(unsigned rd, std::int64_t v, unsigned base) { i(0x03, 3, rd, base, v); }
    void lbu(unsigned rd, std::int64_t v, unsigned base) { i(0x03, 4, rd, base, v); }
    void sb(unsigned rs, std::int64_t v, unsigned base) { s(0, rs, v, base); }
    void sh(unsigned rs, std::int64_t v, unsigned base) { s(1, rs, v, base); }
    void sw(unsigned rs, std::int64_t v, unsigned base) { s(2, rs, v, base); }
    void sd(unsigned rs, std::int64_t v, unsigned base) { s(3, rs, v, base); }
    void beq(unsigned a, unsigned c, const std::string& to) { b(0, a, c, to); }
    void bne(unsigned a, unsigned c, const std::string& to) { b(1, a, c, to); }
    void blt(unsigned a, unsigned c, const std::string& to) { b(4, a, c, to); }
    void jal(unsigned rd, const std::string& to) {
        fixups_.emplace_back(code_.size(), to);
        word(0x6f | rd << 7);
    }
    void j(const std::string& to) { jal(0, to); }
    void jalr(unsigned rd, unsigned rs1, std::int64_t v = 0) { i(0x67, 0, rd, rs1, v); }
    /// AMO or LR/SC: `f5` as in the manual, `f3` 2 for words, 3 for doublewords.
    void amo(unsigned f5, unsigned f3, unsigned rd, unsigned rs2, unsigned rs1) { r(0x2f, f3, f5 << 2, rd, rs1, rs2); }
    void csrrw(unsigned rd, unsigned csr, unsigned rs1) { i(0x73, 1, rd, rs1, csr); }
    void csrrs(unsigned rd, unsigned csr, unsigned rs1) { i(0x73, 2, rd, rs1, csr); }
    void csrrc(unsigned rd, unsigned csr, unsigned rs1) { i(0x73, 3, rd, rs1, csr); }
    void csrw(unsigned csr, unsigned rs1) { csrrw(0, csr, rs1); }
    void csrr(unsigned rd, unsigned csr) { csrrs(rd, csr, 0); }
    void fence_i() { word(0x0000100f); }
    void ecall() { word(0x00000073); }
    void ebreak() { word(0x00100073); }
    void mret() { word(0x30200073); }
    void wfi() { word(0x10500073); }

    void li(unsigned rd, std::uint64_t value) {
        const auto wide = static_cast<std::int64_t>(value);
        if (wide >= -2048 && wide < 2048) return addi(rd, 0, wide);
        const std::int64_t low = static_cast<std::int64_t>(value << 52) >> 52;
        const std::uint64_t rest = value - static_cast<std::uint64_t>(low);
        if (wide == static_cast<std::int32_t>(wide) &&
            static_cast<std::int64_t>(rest) == static_cast<std::int32_t>(rest)) {
            word(0x37 | rd << 7 | static_cast<std::uint32_t>(rest));
            if (low) i(0x1b, 0, rd, rd, low); // addiw
            return;
        }
        li(rd, static_cast<std::uint64_t>(static_cast<std::int64_t>(rest) >> 12));
        slli(rd, rd, 12);
        if (low) addi(rd, rd, low);
    }
    /// Address of a label behind or ahead, with auipc and addi: two instructions.
    void la(unsigned rd, const std::string& to) {
        fixups_.emplace_back(code_.size(), to);
        word(0x17 | rd << 7);
        addi(rd, rd, 0);
    }

private:
    void append(const void* data, unsigned bytes) {
        const auto* begin = static_cast<const std::uint8_t*>(data);
        code_.insert(code_.end(), begin, begin + bytes);
    }
    void patch(std::size_t place, std::uint64_t distance) {
        const auto d = static_cast<std::uint32_t>(distance);
        std::uint32_t bits, second;
        std::memcpy(&bits, &code_[place], 4);
        if ((bits & 0x7f) == 0x63) {
            bits |= (d >> 11 & 1) << 7 | (d >> 1 & 15) << 8 | (d >> 5 & 63) << 25 | (d >> 12 & 1) << 31;
        } else if ((bits & 0x7f) == 0x6f) {
            bits |= (d & 0xff000) | (d >> 11 & 1) << 20 | (d >> 1 & 1023) << 21 | (d >> 20 & 1) << 31;
        } else {
            bits |= (d + 0x800) & 0xfffff000;
            std::memcpy(&second, &code_[place + 4], 4);
            second |= d << 20;
            std::memcpy(&code_[place + 4], &second, 4);
        }
        std::memcpy(&code_[place], &bits, 4);
    }

    std::uint64_t base_;
    std::vector<std::uint8_t> code_;
    std::map<std::string, std::uint64_t> labels_;
    std::vector<std::pair<std::size_t, std::string>> fixups_;
};

} // namespace gradus::test
