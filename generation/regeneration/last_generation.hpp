#pragma once
// What the generator knows of an application that it made: the model, and what each file was.

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "generation/model/fault.hpp"
#include "generation/model/model.hpp"
#include "generation/options.hpp"

namespace teamflow::generation {

inline constexpr std::string_view model_path = ".generator/app.json";
inline constexpr std::string_view manifest_path = ".generator/manifest.json";

/// The text of a file of the application as it is now, if it is there.
using read_file = std::function<std::optional<std::string>(std::string_view path)>;

struct last_generation {
    generation::model model;
    /// Path and SHA-256 of each file as it was written.
    std::map<std::string, std::string> hashes;
    boost::json::object manifest;
    composition how;

    /// Whether the file was written with this very text.
    [[nodiscard]] bool wrote(const std::string& path, std::string_view text) const;
};

/// Refused where the application was not generated, or what the generator keeps for itself is not
/// what it wrote.
std::expected<last_generation, faults> read_last(const read_file& read);

}  // namespace teamflow::generation
