// SPDX-License-Identifier: Apache-2.0
// Where weights come from: a safetensors file, or a folder with model.safetensors, or with the shards that its
// model.safetensors.index.json lists.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/weights/safetensors_reader.h"

namespace gradus::weights {

class Source {
public:
    /// Throws WeightsError, and scenario::FileError for what is not there.
    explicit Source(const std::string& path);

    const std::string& path() const { return path_; }
    /// Of all files together, by name.
    const std::map<std::string, std::size_t>& tensors() const { return file_of_; }
    bool has(const std::string& name) const { return file_of_.count(name) > 0; }
    const StoredTensor& at(const std::string& name) const { return reader(name).header().tensors.at(name); }
    const SafetensorsReader& reader(const std::string& name) const { return files_[file_of_.at(name)]; }
    std::vector<float> values(const std::string& name) { return files_[file_of_.at(name)].values(name); }
    /// Of the first file.
    const std::map<std::string, std::string>& metadata() const { return files_.front().header().metadata; }

private:
    void add_file(const std::string& path);
    void add_shards(const std::string& folder, const std::string& index);

    std::string path_;
    std::vector<SafetensorsReader> files_;
    std::map<std::string, std::size_t> file_of_;
};

} // namespace gradus::weights
