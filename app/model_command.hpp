#pragma once
// `teamflow model`: what a model is in other forms, and the schema of all.

#include <string>

namespace teamflow::app {

struct model_arguments {
    /// As of `teamflow generate`; empty with `schema`.
    std::string model;
    bool schema = false;
    bool hash = false;
    /// Of generation::exchange_format; empty for the canonical form.
    std::string to;
};

/// Prints the canonical form, the model in another language, the hash, or the JSON Schema of
/// models. 1 if the model is not right, with every fault on standard error.
int run_model(const model_arguments& with);

}  // namespace teamflow::app
