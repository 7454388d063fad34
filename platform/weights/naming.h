// SPDX-License-Identifier: Apache-2.0
// How a family of published models names its tensors, as data. "{}" stands for the number of a layer.
//
// A new family is a file in namings/ and its name in namings.cpp there.
#pragma once

#include <string>
#include <vector>

#include "platform/scenario/parameters.h"

namespace gradus::weights {

/// How a published tensor lies in its file. Ours are [out, in], and rows of one vector.
enum class Form {
    same,       ///< [out, in]; of a vector [n]
    transposed, ///< [in, out]
    positions,  ///< as ours, with more rows than the run's context maybe: those are left out
    one_row,    ///< [1, 1, n]
    one_batch,  ///< [1, rows, cols]
    patches     ///< [out, channels, side, side]
};

/// A published tensor, and the parameters that it holds, rows behind rows.
struct PublishedTensor {
    const char* name;
    std::vector<const char*> parameters;
    Form form = Form::same;
};

/// A published tensor that is the copy of a parameter, in files of models whose head is the embedding.
struct PublishedCopy {
    const char* name;
    const char* of; ///< another published tensor
};

struct Naming {
    const char* family;
    bool (*fits)(const scenario::ModelParameters& model);
    const char* prefix; ///< that files of the model without its head leave out
    std::vector<PublishedTensor> tensors;
    std::vector<PublishedCopy> copies = {}; ///< where the model has no parameter for them
    std::vector<const char*> ignored = {};  ///< patterns of names: what is no parameter of ours, without the prefix
    std::vector<std::pair<const char*, const char*>> endings = {}; ///< of older files, and what they are now
};

/// All of them. Of two that fit a model and its parameters, the first is for files to be written.
const std::vector<Naming>& namings();

} // namespace gradus::weights
