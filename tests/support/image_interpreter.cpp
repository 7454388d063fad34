// SPDX-License-Identifier: Apache-2.0
#include "tests/support/image_interpreter.h"

#include <cstring>
#include <stdexcept>

#include "ip/common/command.h"
#include "ip/common/element.h"

namespace gradus::test {
ImageInterpreter::ImageInterpreter(std::vector<std::uint8_t> image, std::uint64_t image_base, ip::AddressRange memory,
                                   Storage storage)
    : image_(std::move(image)), image_base_(image_base), memory_(memory), storage_(storage),
      values_(memory.bytes / 2, 0.0) {
    if (image_.size() < sizeof header_) throw std::invalid_argument("an image is at least its header");
    std::memcpy(&header_, image_.data(), sizeof header_);
    if (header_.magic != IMAGE_MAGIC || header_.version != IMAGE_VERSION || header_.update_stride == 0 ||
        header_.op_offset + std::uint64_t{header_.op_count} * header_.op_bytes > image_.size())
        throw std::invalid_argument("not an image of this version");
    for (std::uint64_t i = 0; i < header_.op_count; ++i)
        ops_.push_back(op_record(image_.data() + header_.op_offset + i * header_.op_bytes, header_.op_bytes));
}

std::uint32_t ImageInterpreter::load_index(std::uint64_t address) const {
    if (memory_.contains(address, 4)) {
        const auto value = static_cast<float>(get(address)); // an index that is a constant, bit by bit
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, 4);
        return bits;
    }
    if (address < image_base_ || address - image_base_ + 4 > image_.size())
        throw std::out_of_range("outside the image");
    std::uint32_t bits = 0;
    std::memcpy(&bits, image_.data() + (address - image_base_), 4);
    return bits;
}

double ImageInterpreter::load(std::uint64_t address, unsigned /*format*/) const { return get(address); }

void ImageInterpreter::store(std::uint64_t address, unsigned format, double value, double /*parts*/) {
    set(address, value, format);
}

double ImageInterpreter::get(std::uint64_t address) const {
    if (memory_.contains(address, 2)) return values_[(address - memory_.base) / 2];
    const std::uint32_t bits = load_index(address);
    float value = 0;
    std::memcpy(&value, &bits, 4);
    return value;
}

void ImageInterpreter::set(std::uint64_t address, double value, unsigned format) {
    if (!memory_.contains(address, 2)) throw std::out_of_range("outside the memory of tensors");
    const double rounded = format == FORMAT_BF16 ? schedule::rounded_to_bf16(value) : static_cast<float>(value);
    values_[(address - memory_.base) / 2] = storage_ == Storage::fp32 ? rounded : value;
}

std::vector<double> ImageInterpreter::read(std::uint64_t address, std::size_t count, unsigned format) const {
    std::vector<double> result(count);
    for (std::size_t i = 0; i < count; ++i)
        result[i] = get(address + ip::element_bytes(static_cast<std::uint8_t>(format)) * i);
    return result;
}

void ImageInterpreter::write(std::uint64_t address, const std::vector<float>& values, unsigned format) {
    for (std::size_t i = 0; i < values.size(); ++i)
        set(address + ip::element_bytes(static_cast<std::uint8_t>(format)) * i, values[i], format);
}

double ImageInterpreter::run_step(std::uint32_t step) {
    for (const OpRecord& op : ops_)
        execute(op, step);
    return get(header_.loss_address);
}

double ImageInterpreter::run_forward(std::uint32_t step) {
    for (const OpRecord& op : ops_)
        if (op.phase == COMMAND_PHASE_FORWARD) execute(op, step);
    return get(header_.loss_address);
}

void ImageInterpreter::execute(const OpRecord& op, std::uint32_t step) {
    image_update update{};
    std::memcpy(&update, image_.data() + header_.update_offset + std::uint64_t{step} * header_.update_stride,
                sizeof update);
    schedule::execute<double>(op, op.operand.data(), update, *this);
}

} // namespace gradus::test
