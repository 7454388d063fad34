// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/lasting.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

namespace gradus::schedule {
namespace {

/// Address ranges that were written, each as its begin and end; they do not overlap.
class WrittenRanges {
public:
    bool touches(ip::AddressRange range) const {
        const auto after = ranges_.lower_bound(range.end());
        return after != ranges_.begin() && std::prev(after)->second > range.base;
    }
    void add(ip::AddressRange range) {
        std::uint64_t begin = range.base, end = range.end();
        for (auto next = ranges_.lower_bound(end); next != ranges_.begin();) {
            const auto each = std::prev(next);
            if (each->second <= begin) break;
            begin = std::min(begin, each->first);
            end = std::max(end, each->second);
            next = ranges_.erase(each);
        }
        ranges_.emplace(begin, end);
    }

private:
    std::map<std::uint64_t, std::uint64_t> ranges_;
};

bool shares_memory(const Tensor& tensor) {
    return tensor.kind == TensorKind::activation || tensor.kind == TensorKind::activation_gradient;
}

} // namespace

// Backwards: a tensor's last write comes first, and what was written later is known by then. What no operator writes
// was never there.
void mark_lasting(Graph& graph) {
    WrittenRanges later;
    std::vector<bool> seen(graph.tensors.size());
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        std::vector<TensorId> written;
        for (unsigned i = 0; i < node->operands.size(); ++i) {
            const TensorId id = node->operands[i].tensor;
            if (id == no_tensor || !writes(node->op, i) || seen[id] || !shares_memory(graph.tensor(id))) continue;
            seen[id] = true;
            written.push_back(id);
        }
        for (const TensorId id : written) {
            Tensor& tensor = graph.tensors[id];
            tensor.lasts = !later.touches({tensor.address, tensor.bytes()});
        }
        for (const TensorId id : written)
            later.add({graph.tensor(id).address, graph.tensor(id).bytes()});
    }
    for (TensorId id = 0; id < graph.tensors.size(); ++id)
        if (shares_memory(graph.tensor(id)) && !seen[id]) graph.tensors[id].lasts = false;
}

} // namespace gradus::schedule
