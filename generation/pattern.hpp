#pragma once
// The pattern library: texts with places to fill in, each with a manifest.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/enum.hpp>
#include <boost/json/object.hpp>

#include "generation/options.hpp"

namespace teamflow::generation {

enum class category {
    core_config,
    database_async,
    observability,
    models_pydantic,
    models_sqlalchemy,
    repository_pattern,
    business_logic,
    api_routes,
    security_hardening,
    test_infrastructure,
    docker_infrastructure,
    project_config
};
BOOST_DESCRIBE_ENUM(
    category,
    core_config,
    database_async,
    observability,
    models_pydantic,
    models_sqlalchemy,
    repository_pattern,
    business_logic,
    api_routes,
    security_hardening,
    test_infrastructure,
    docker_infrastructure,
    project_config
)

/// In the order in which an application is put together.
enum class layer { core, data, services, api, security, tests, config };
BOOST_DESCRIBE_ENUM(layer, core, data, services, api, security, tests, config)

/// How often a pattern is rendered: once, or once for each entity.
enum class scope { app, entity };
BOOST_DESCRIBE_ENUM(scope, app, entity)

struct pattern {
    std::string name;
    int version = 0;
    generation::category category = category::core_config;
    generation::layer layer = layer::core;
    std::string summary;
    scope each = scope::app;
    /// Where its files go, below the application; these are templates too.
    std::vector<std::string> paths;
    /// Names of the patterns without which it does not work.
    std::vector<std::string> requires_;
    /// What must be on for it to be taken.
    std::vector<option> options;
    bool executable = false;
    std::string text;

    /// What the text and the paths name, each once, sorted.
    [[nodiscard]] std::vector<std::string> placeholders() const;
};

/// Patterns by layer, then by name. A pattern file is its manifest in YAML between two lines `---`,
/// then its text.
class pattern_library {
public:
    /// Those that were compiled in. Files of `directory`, if there is one, take the place of those
    /// with the same name or come in addition; a file that is no pattern, or a requirement that
    /// is not there, throws std::runtime_error with the file and the reason.
    explicit pattern_library(const std::optional<std::filesystem::path>& directory = std::nullopt);

    [[nodiscard]] const std::vector<pattern>& all() const { return patterns_; }

    [[nodiscard]] const pattern* find(std::string_view name) const;

private:
    void add(std::string_view path, std::string_view file);

    std::vector<pattern> patterns_;
};

/// A pattern's text, or a path, read once and filled in often.
class rendering {
public:
    /// Throws std::runtime_error where the text is no template.
    explicit rendering(const std::string& text);
    rendering(rendering&&) noexcept;
    ~rendering();

    /// Fills in from `inner`, and from `outer` what it does not have. Placeholders in two braces
    /// take names and numbers alone (letters, digits, blanks and `._-/`), those in three take code
    /// from the encoders. Throws std::runtime_error for a placeholder that nothing is known about
    /// and for a name with other characters in it.
    [[nodiscard]] std::string fill(const class view_data& inner, const class view_data& outer)
        const;

private:
    struct parsed;
    std::unique_ptr<parsed> parsed_;
};

/// A view in the form that rendering reads.
class view_data {
public:
    explicit view_data(const boost::json::object& from);
    view_data(view_data&&) noexcept;
    ~view_data();

    struct values;

    [[nodiscard]] const values& get() const { return *values_; }

private:
    std::unique_ptr<values> values_;
};

}  // namespace teamflow::generation
