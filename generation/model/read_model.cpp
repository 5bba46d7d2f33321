#include "generation/model/read_model.hpp"

#include <algorithm>
#include <functional>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "events/json/read.hpp"
#include "generation/model/check_model.hpp"
#include "generation/model/document.hpp"
#include "generation/model/near.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

constexpr std::size_t max_faults = 100;

std::string joined(std::string_view path, std::string_view name) {
    std::string whole(path);
    whole += path.empty() || name.empty() ? "" : ".";
    return whole += name;
}

template <class T>
std::vector<std::string_view> member_names() {
    std::vector<std::string_view> names;
    json::for_each_member<T>([&](auto descriptor) { names.emplace_back(descriptor.name); });
    return names;
}

class model_reader {
public:
    model read(const bj::value& from) {
        model made;
        model_document document;
        if (!described(from, "", document)) {
            return made;
        }
        if (document.schema != model_schema) {
            fault_at("schema", "not_allowed", "must be 1, the only version there is");
        }
        made.app = std::move(document.app);
        if (document.enums) {
            each_named(*document.enums, "enums", [&](const std::string& name, const bj::value& of) {
                read_enum(name, of, made);
            });
        }
        each_named(
            document.entities,
            "entities",
            [&](const std::string& name, const bj::value& of) { read_entity(name, of, made); }
        );
        return made;
    }

    faults take() { return std::move(faults_); }

private:
    void fault_at(std::string path, std::string code, std::string message) {
        faults_.push_back({std::move(path), std::move(code), std::move(message), 0});
    }

    /// The walk over described structs, with near matches for what it does not know. Whatever is
    /// no fault has been read even if something else is.
    template <class T>
    bool described(
        const bj::value& from,
        std::string_view path,
        T& into,
        std::vector<std::string_view> also_known = {}
    ) {
        json::reader walk(json::unknown_members::refuse);
        walk.value(from, into);
        auto names = member_names<T>();
        names.insert(names.end(), also_known.begin(), also_known.end());
        for (auto& problem : walk.take_faults()) {
            std::string message = std::move(problem.message);
            if (problem.code == "unknown_field") {
                message = "is not known here" + suggestion(problem.field, names);
            }
            fault_at(joined(path, problem.field), problem.code, std::move(message));
        }
        return from.is_object();
    }

    void each_named(
        const bj::value& from,
        const std::string& path,
        const std::function<void(const std::string&, const bj::value&)>& read
    ) {
        const auto* const object = from.if_object();
        if (object == nullptr) {
            // A member that is missing was told already.
            if (!from.is_null() || path == "enums") {
                fault_at(path, "wrong_type", "must map names to what they mean");
            }
            return;
        }
        for (const auto& member : *object) {
            read(std::string(member.key()), member.value());
        }
    }

    void read_enum(const std::string& name, const bj::value& from, model& into) {
        enumeration made{name, {}};
        json::reader walk(json::unknown_members::refuse);
        walk.value(from, made.values);
        for (auto& problem : walk.take_faults()) {
            fault_at(joined("enums." + name, problem.field), problem.code, problem.message);
        }
        into.enums.push_back(std::move(made));
    }

    void read_entity(const std::string& name, const bj::value& from, model& into) {
        const std::string path = "entities." + name;
        entity_document parts;
        if (!described(from, path, parts)) {
            return;
        }
        entity made;
        made.name = name;
        made.description = std::move(parts.description);
        made.plural = std::move(parts.plural);
        made.id = std::move(parts.id);
        made.soft_delete = parts.soft_delete;
        made.audit = parts.audit;
        made.versioned = parts.versioned;
        made.indexes = std::move(parts.indexes).value_or(std::vector<std::vector<std::string>>{});
        made.api = std::move(parts.api).value_or(generation::api{});
        each_named(
            parts.fields,
            path + ".fields",
            [&](const std::string& field, const bj::value& of) {
                read_field(field, of, path, made);
            }
        );
        if (parts.relations) {
            each_named(
                *parts.relations,
                path + ".relations",
                [&](const std::string& relation_name, const bj::value& of) {
                    relation one;
                    described(of, path + ".relations." + relation_name, one);
                    one.name = relation_name;
                    const bool is_link = one.kind == relation_kind::many_to_many;
                    (is_link ? made.links : made.relations).push_back(std::move(one));
                }
            );
        }
        read_checks(parts.checks, path + ".checks", made);
        into.entities.push_back(std::move(made));
    }

    void read_field(
        const std::string& name, const bj::value& from, const std::string& path, entity& into
    ) {
        field made;
        bj::value rest = from;
        if (auto* const object = rest.if_object()) {
            if (const auto* const initial = object->if_contains("default")) {
                made.initial = *initial;
                object->erase("default");
            }
        }
        described(rest, path + ".fields." + name, made, {"default"});
        made.name = name;
        into.fields.push_back(std::move(made));
    }

    void read_checks(const std::optional<bj::value>& from, const std::string& path, entity& into) {
        if (!from) {
            return;
        }
        each_named(*from, path, [&](const std::string& name, const bj::value& condition) {
            if (const auto* const text = condition.if_string()) {
                into.checks.emplace_back(name, std::string(*text));
            } else {
                fault_at(joined(path, name), "wrong_type", "must be a condition, as a text");
            }
        });
    }

    faults faults_;
};

faults in_order(faults found, const source& from) {
    for (auto& each : found) {
        each.line = from.line_of(each.path);
    }
    std::ranges::sort(found, [](const fault& left, const fault& right) {
        return std::tie(left.line, left.path) < std::tie(right.line, right.path);
    });
    if (found.size() > max_faults) {
        found.resize(max_faults);
    }
    return found;
}

}  // namespace

std::expected<model, faults> read_model(const source& from) {
    model_reader reader;
    model made = reader.read(from.value);
    faults found = reader.take();
    if (found.empty()) {
        found = check_model(made);
    }
    if (!found.empty()) {
        return std::unexpected(in_order(std::move(found), from));
    }
    return made;
}

std::expected<model, faults> read_model(std::string_view text, source_format format) {
    const auto from = parse_source(text, format);
    if (!from) {
        return std::unexpected(faults{from.error()});
    }
    return read_model(*from);
}

}  // namespace teamflow::generation
