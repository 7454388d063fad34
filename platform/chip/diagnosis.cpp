// SPDX-License-Identifier: Apache-2.0
#include "platform/chip/diagnosis.h"

#include <cstddef>
#include <fmt/format.h>

#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"

namespace gradus::chip {

namespace {

struct Field {
    std::size_t offset;
    const char* name;
};

const std::vector<Field> header_fields = {
    {offsetof(command_header, opcode), "opcode"},       {offsetof(command_header, flags), "flags"},
    {offsetof(command_header, phase), "phase"},         {offsetof(command_header, reserved0), "reserved0"},
    {offsetof(command_header, layer), "layer"},         {offsetof(command_header, op), "op"},
    {offsetof(command_header, step), "step"},           {offsetof(command_header, reserved1), "reserved1"},
    {offsetof(command_header, waits), "waits[0]"},      {offsetof(command_header, waits) + 8, "waits[1]"},
    {offsetof(command_header, waits) + 16, "waits[2]"}, {offsetof(command_header, waits) + 24, "waits[3]"},
};

const std::vector<Field> dma_fields = {
    {offsetof(dma_body, src), "src"},
    {offsetof(dma_body, dst), "dst"},
    {offsetof(dma_body, index), "index"},
    {offsetof(dma_body, rows), "rows"},
    {offsetof(dma_body, cols), "cols"},
    {offsetof(dma_body, src_pitch), "src_pitch"},
    {offsetof(dma_body, dst_pitch), "dst_pitch"},
    {offsetof(dma_body, index_rows), "index_rows"},
    {offsetof(dma_body, fill), "fill"},
    {offsetof(dma_body, src_format), "src_format"},
    {offsetof(dma_body, dst_format), "dst_format"},
    {offsetof(dma_body, mode), "mode"},
    {offsetof(dma_body, reserved), "reserved"},
};

const std::vector<Field> matrix_fields = {
    {offsetof(matrix_body, a), "a"},
    {offsetof(matrix_body, b), "b"},
    {offsetof(matrix_body, c), "c"},
    {offsetof(matrix_body, bias), "bias"},
    {offsetof(matrix_body, m), "m"},
    {offsetof(matrix_body, n), "n"},
    {offsetof(matrix_body, k), "k"},
    {offsetof(matrix_body, a_pitch), "a_pitch"},
    {offsetof(matrix_body, b_pitch), "b_pitch"},
    {offsetof(matrix_body, c_pitch), "c_pitch"},
    {offsetof(matrix_body, a_format), "a_format"},
    {offsetof(matrix_body, b_format), "b_format"},
    {offsetof(matrix_body, c_format), "c_format"},
    {offsetof(matrix_body, mode), "mode"},
    {offsetof(matrix_body, reserved), "reserved"},
};

const std::vector<Field> vector_fields = {
    {offsetof(vector_body, dst), "dst"},
    {offsetof(vector_body, a), "a"},
    {offsetof(vector_body, b), "b"},
    {offsetof(vector_body, c), "c"},
    {offsetof(vector_body, rows), "rows"},
    {offsetof(vector_body, cols), "cols"},
    {offsetof(vector_body, dst_pitch), "dst_pitch"},
    {offsetof(vector_body, a_pitch), "a_pitch"},
    {offsetof(vector_body, b_pitch), "b_pitch"},
    {offsetof(vector_body, b_mode), "b_mode"},
    {offsetof(vector_body, reserved), "reserved"},
    {offsetof(vector_body, u), "scalar[0]"},
    {offsetof(vector_body, u) + 4, "index_limit"},
};

/// The last field that starts at or before `offset`.
const char* field_at(const std::vector<Field>& fields, std::size_t offset) {
    const char* name = fields.front().name;
    for (const Field& field : fields)
        if (field.offset <= offset) name = field.name;
    return name;
}

std::string field_name(const QueueSnapshot& queue, std::uint32_t offset) {
    if (offset < sizeof(command_header)) return field_at(header_fields, offset);
    const std::vector<Field>& body = queue.kind == observe::UnitKind::dma      ? dma_fields
                                     : queue.kind == observe::UnitKind::matrix ? matrix_fields
                                                                               : vector_fields;
    return field_at(body, offset - sizeof(command_header));
}

std::string count_of(std::uint32_t count) { return fmt::format("{} command{}", count, count == 1 ? "" : "s"); }

/// One line about a queue that has work but makes no progress.
std::string describe_stuck(const QueueSnapshot& queue, const std::vector<QueueSnapshot>& queues) {
    if (queue.state.status == QUEUE_STATUS_HALTED) return describe_halt(queue);
    if (!queue.waiting)
        return fmt::format("{} is at command {} of {} submitted", queue.name, queue.state.retired,
                           queue.state.submitted);
    const QueueSnapshot& other = queues[queue.waiting->queue_plus_one - 1];
    std::string line =
        fmt::format("{} (command {}) waits until {} has retired {}; it has retired {}", queue.name, queue.state.retired,
                    other.name, count_of(queue.waiting->count), other.state.retired);
    if (static_cast<std::int32_t>(queue.waiting->count - other.state.submitted) > 0)
        line += fmt::format(" and only {} {} ever submitted: nobody will release this wait", other.state.submitted,
                            other.state.submitted == 1 ? "was" : "were");
    return line;
}

/// "dma0 -> matrix -> dma0" if following waits from `start` comes back to it.
std::string find_cycle(std::size_t start, const std::vector<QueueSnapshot>& queues) {
    std::string path = queues[start].name;
    std::size_t at = start;
    for (std::size_t hops = 0; hops < queues.size() && queues[at].waiting; ++hops) {
        at = queues[at].waiting->queue_plus_one - 1;
        path += " -> " + queues[at].name;
        if (at == start) return path;
    }
    return {};
}

} // namespace

std::string describe_halt(const QueueSnapshot& queue) {
    const std::string where = fmt::format("{} (byte {} of the descriptor)", field_name(queue, queue.state.error_field),
                                          queue.state.error_field);
    const std::string halted = fmt::format("{} halted at command {}: ", queue.name, queue.state.error_index);
    switch (queue.state.error) {
    case QUEUE_ERROR_OPCODE:
    case QUEUE_ERROR_VALUE:
        return halted + "illegal value in " + where;
    case QUEUE_ERROR_ADDRESS:
        return halted + "bad address in " + where + ": nothing answers there, or it is misaligned";
    case QUEUE_ERROR_FETCH:
        return halted + "its descriptor could not be read: nothing answers in the ring";
    case QUEUE_ERROR_INDEXED:
        return halted + "an index read from " + where + " is out of range";
    default:
        return halted + fmt::format("error {} in ", queue.state.error) + where;
    }
}

std::string describe_hang(const std::string& hart, const std::vector<QueueSnapshot>& queues) {
    std::string report = "the chip hangs: " + hart;
    bool any_stuck = false;
    std::string cycle;
    for (std::size_t i = 0; i < queues.size(); ++i) {
        const QueueSnapshot& queue = queues[i];
        if (queue.state.submitted == queue.state.retired) continue;
        any_stuck = true;
        report += "\n  " + describe_stuck(queue, queues);
        if (cycle.empty()) cycle = find_cycle(i, queues);
    }
    if (!cycle.empty()) report += "\n  these waits form a circle: " + cycle;
    if (!any_stuck) report += "\n  all queues are empty: no unit has work, none will raise an interrupt";
    return report;
}

} // namespace gradus::chip
