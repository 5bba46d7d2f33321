#include "generation/compose.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "events/json/described.hpp"
#include "events/json/parse.hpp"
#include "events/json/pretty.hpp"
#include "events/json/write.hpp"
#include "generation/embedded_files.hpp"
#include "generation/model/canonical.hpp"
#include "generation/python/long_lines.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

constexpr std::string_view domain_suffix = ".yaml";

/// Relative, without empty or dotted steps, whatever a pattern's directory says.
bool is_safe(std::string_view path) {
    const bool printable = std::ranges::all_of(path, [](char c) { return c > ' ' && c <= '~'; });
    if (path.empty() || path.starts_with('/') || path.contains('\\') || !printable) {
        return false;
    }
    const std::string framed = "/" + std::string(path) + "/";
    return !framed.contains("//") && !framed.contains("/../") && !framed.contains("/./");
}

class composer {
public:
    composer(const model& of, const take_file& take, const composition& how)
        : model_(of),
          take_(take),
          how_(how),
          options_(options_of(of, how)),
          app_(make_view(of, options_)) {
        for (const auto& each : of.entities) {
            entities_.emplace_back(entity_view(of, each));
        }
    }

    bool run(const pattern_library& patterns) {
        for (const auto& each : patterns.all()) {
            try {
                if (is_on(each) && !add(each, patterns)) {
                    return false;
                }
            } catch (const std::runtime_error& why) {
                throw std::runtime_error("pattern " + each.name + ": " + why.what());
            }
        }
        return put({".generator/app.json", events::json::pretty(canonical(model_)), "generator"}) &&
               put({".generator/manifest.json", manifest(), "generator"});
    }

private:
    [[nodiscard]] bool is_on(const pattern& each) const {
        return std::ranges::all_of(each.options, [&](option wanted) {
            return options_.contains(wanted);
        });
    }

    bool add(const pattern& from, const pattern_library& patterns) {
        for (const auto& wanted : from.requires_) {
            if (!is_on(*patterns.find(wanted))) {
                throw std::runtime_error("requires `" + wanted + "`, which is left out");
            }
        }
        const rendering text(from.text);
        const std::string origin = from.name + "@" + std::to_string(from.version);
        for (const auto& path : from.paths) {
            const rendering place(path);
            if (from.each == scope::app) {
                if (!fill(place, text, {"", "", origin, from.executable}, app_)) {
                    return false;
                }
                continue;
            }
            for (std::size_t i = 0; i < entities_.size(); ++i) {
                const std::string& name = model_.entities[i].name;
                if (!fill(place, text, {"", "", origin, from.executable, name}, entities_[i])) {
                    return false;
                }
            }
        }
        return true;
    }

    bool fill(
        const rendering& place, const rendering& text, generated_file file, const view_data& with
    ) {
        file.path = place.fill(with, app_);
        file.content = text.fill(with, app_);
        if (file.path.ends_with(".py")) {
            file.content = python::broken_up(file.content);
        }
        return put(std::move(file));
    }

    bool put(generated_file file) {
        if (!is_safe(file.path)) {
            throw std::runtime_error("`" + file.path + "` does not stay inside of the application");
        }
        bj::object entry{
            {"origin", file.origin},
            {"sha256", sha256(file.content)},
            {"bytes", file.content.size()}
        };
        if (!files_.emplace(file.path, std::move(entry)).second) {
            throw std::runtime_error("`" + file.path + "` is made twice");
        }
        return take_(std::move(file));
    }

    std::string manifest() const {
        bj::object files;
        for (const auto& [path, entry] : files_) {
            files[path] = entry;
        }
        return events::json::pretty(bj::object{
            {"generator", "teamflow " TEAMFLOW_VERSION},
            {"model_sha256", hash(model_)},
            {"composition", *events::json::parse(events::json::to_json(how_))},
            {"options", option_names()},
            {"files", std::move(files)}
        });
    }

    bj::array option_names() const {
        bj::array names;
        for (const auto each : options_) {
            names.emplace_back(events::json::enum_name(each));
        }
        return names;
    }

    const model& model_;
    const take_file& take_;
    const composition& how_;
    option_set options_;
    view_data app_;
    std::vector<view_data> entities_;
    std::map<std::string, bj::object> files_;
};

}  // namespace

bool compose(
    const model& of, const pattern_library& patterns, const take_file& take, const composition& how
) {
    return composer(of, take, how).run(patterns);
}

std::vector<generated_file> compose(
    const model& of, const pattern_library& patterns, const composition& how
) {
    std::vector<generated_file> all;
    const take_file take = [&](generated_file file) {
        all.push_back(std::move(file));
        return true;
    };
    compose(of, patterns, take, how);
    return all;
}

std::vector<std::string_view> domain_names() {
    std::vector<std::string_view> names;
    for (const auto& file : domain_files::files()) {
        names.push_back(file.path.substr(0, file.path.size() - domain_suffix.size()));
    }
    return names;
}

std::string_view domain_source(std::string_view name) {
    for (const auto& file : domain_files::files()) {
        if (file.path.substr(0, file.path.size() - domain_suffix.size()) == name) {
            return file.content;
        }
    }
    return {};
}

}  // namespace teamflow::generation
