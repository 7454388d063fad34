// SPDX-License-Identifier: Apache-2.0
// A family of published models as data: what each field of its config.json says about the model. A field is named in
// one of three ways: it becomes a key of [model], it must have a certain value because nothing else is supported, or it
// changes nothing that Gradus computes. Any other field is refused by name: what it would change, nobody knows.
//
// A new family is a file in this folder, and its name in families.cpp.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace gradus::scenario {

/// "model.width" of "hidden_size".
struct NumberField {
    const char* field;
    const char* key;
    const char* otherwise = ""; ///< the value where the field is missing or null; empty: it is required
    const char* times = "";     ///< `otherwise` is so often the value of this field, a number that was read before
    const char* if_null = "";   ///< the value where the field is null; empty: as where it is missing
};

/// "model.tied_head" of "tie_word_embeddings": true or false.
struct FlagField {
    const char* field;
    const char* key;
    bool otherwise = false;
};

/// "model.activation" of "hidden_act".
struct ChoiceField {
    const char* field;
    const char* key;
    std::vector<std::pair<const char*, const char*>> values; ///< in the file, of the key
    const char* otherwise = "";                              ///< as in NumberField
};

/// Has this value, is null or is missing.
struct FixedField {
    const char* field;
    nlohmann::json value;
};

struct Family {
    std::vector<const char*> types;                          ///< "model_type" of its files
    std::vector<std::pair<const char*, const char*>> always; ///< keys and values that all of its models have
    std::vector<NumberField> numbers;
    std::vector<FlagField> flags;
    std::vector<ChoiceField> choices;
    std::vector<FixedField> fixed;
    std::vector<const char*> ignored; ///< beside those that no family minds
    bool rope = false;                ///< "rope_theta", "rope_scaling" and "partial_rotary_factor" are of its models
    const char* rope_theta = "10000"; ///< where the field is missing
    bool window = false;              ///< "sliding_window" and its kin are
    bool images = false;              ///< "image_size", "patch_size", "num_channels" and labels are of its models
    unsigned global_every = 0;        ///< all of its models have a window, but for every n-th layer; 0: some models do
};

/// All of them.
const std::vector<Family>& families();
/// Of files of any family, they say nothing about what is computed in training.
const std::vector<const char*>& fields_without_meaning();

} // namespace gradus::scenario
