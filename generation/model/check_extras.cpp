#include "generation/model/check_extras.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <set>
#include <string>
#include <vector>

#include "generation/model/names.hpp"
#include "generation/model/near.hpp"

namespace teamflow::generation {

namespace {

constexpr std::size_t max_identifier = 63;
constexpr std::array<std::string_view, 3> login_names{"AuthUser", "Credentials", "Token"};
constexpr std::array<std::string_view, 1> audit_names{"AuditEntry"};

std::string table_of(const entity& of) {
    return of.plural.value_or(plural(snake_case(of.name)));
}

class checker {
public:
    checker(const model& of, const report_fault& report) : model_(of), report_(report) {}

    void check() {
        // The others were told already, and have no table.
        const auto is_named = [](const entity& each) {
            return entity_name_fault(each.name).empty();
        };
        for (const auto& each : model_.entities | std::views::filter(is_named)) {
            tables_.insert(table_of(each));
        }
        for (const auto& each : model_.entities | std::views::filter(is_named)) {
            check_entity(each, "entities." + each.name);
        }
    }

private:
    void check_entity(const entity& of, const std::string& path) {
        if (model_.app.auth.value == auth_kind::jwt) {
            reserve(of, path, login_names, user_table, "the login");
        }
        const bool has_audit =
            std::ranges::any_of(model_.entities, [](const entity& e) { return e.audit.value; });
        if (has_audit) {
            reserve(of, path, audit_names, audit_table, "the audit");
        }
        if (of.soft_delete.value && of.find_field("deleted_at") != nullptr) {
            report_(
                path + ".fields.deleted_at", "name_collision", "is the column that soft_delete adds"
            );
        }
        if (of.versioned.value) {
            check_version(of, path);
        }
        const bool changes = of.can(operation::update) || of.can(operation::delete_);
        if (of.audit.value && !changes && !of.can(operation::create)) {
            report_(path + ".audit", "not_allowed", "no operation makes a change to note");
        }
        if (of.versioned.value && !changes) {
            report_(path + ".versioned", "not_allowed", "no operation changes a row");
        }
        for (const auto& each : of.relations) {
            if (each.through) {
                report_(
                    path + ".relations." + each.name + ".through",
                    "not_allowed",
                    "is only for many_to_many"
                );
            }
        }
        for (const auto& each : of.links) {
            check_link(of, each, path + ".relations." + each.name);
        }
    }

    /// The class has an attribute for each of these.
    void check_version(const entity& of, const std::string& path) {
        constexpr auto name = "version";
        const bool is_field = of.find_field(name) != nullptr;
        if (is_field || of.find_relation(name) != nullptr || of.find_link(name) != nullptr) {
            report_(
                path + (is_field ? ".fields." : ".relations.") + name,
                "name_collision",
                "is the column that versioned adds"
            );
        }
    }

    template <std::size_t N>
    void reserve(
        const entity& of,
        const std::string& path,
        const std::array<std::string_view, N>& names,
        std::string_view table,
        const std::string& by
    ) {
        if (std::ranges::find(names, of.name) != names.end() || table_of(of) == table ||
            (by == "the login" && table_of(of) == "auth")) {
            report_(path, "name_collision", "is taken by " + by + ": choose another name");
        }
    }

    void check_link(const entity& of, const relation& link, const std::string& path) {
        if (const auto why = field_name_fault(link.name); !why.empty()) {
            report_(path, "bad_name", "the name " + why);
        }
        if (of.find_field(link.name) != nullptr || taken_by_column(of, link.name)) {
            report_(path, "name_collision", "has the name of a field or relation");
        }
        if (link.required.value) {
            report_(path + ".required", "not_allowed", "is not for many_to_many");
        }
        if (link.on_delete != decltype(link.on_delete){}) {
            report_(
                path + ".on_delete",
                "not_allowed",
                "is not for many_to_many: the link goes with either side"
            );
        }
        if (link.through) {
            if (const auto why = snake_name_fault(*link.through); !why.empty()) {
                report_(path + ".through", "bad_name", why);
            }
        }
        const auto* const target = model_.find_entity(link.to);
        if (target == nullptr) {
            std::vector<std::string_view> names;
            names.reserve(model_.entities.size());
            for (const auto& each : model_.entities) {
                names.emplace_back(each.name);
            }
            report_(path + ".to", "unknown_entity", "is no entity" + suggestion(link.to, names));
            return;
        }
        check_table(of, link, *target, path);
    }

    static bool taken_by_column(const entity& of, const std::string& name) {
        return std::ranges::any_of(of.relations, [&](const relation& each) {
            return each.name == name || each.column() == name;
        });
    }

    void check_table(
        const entity& of, const relation& link, const entity& target, const std::string& path
    ) {
        const std::string table = link_table(of, link);
        if (!tables_.insert(table).second) {
            report_(
                path,
                "name_collision",
                "needs the table `" + table + "`, which is there: set `through`"
            );
        }
        const std::string source_key = "fk_" + table + "_" + link_source(of) + "_" + table_of(of);
        const std::string target_key =
            "fk_" + table + "_" + link_target(of, link) + "_" + table_of(target);
        if (std::max(source_key.size(), target_key.size()) > max_identifier) {
            report_(
                path,
                "too_long",
                "makes the name `" +
                    std::ranges::max({source_key, target_key}, {}, &std::string::size) +
                    "`, and PostgreSQL takes 63 characters: set a shorter `through`"
            );
        }
    }

    const model& model_;
    const report_fault& report_;
    std::set<std::string> tables_;
};

}  // namespace

void check_extras(const model& of, const report_fault& report) {
    checker(of, report).check();
}

std::string link_table(const entity& of, const relation& link) {
    return link.through.value_or(table_of(of) + "_" + link.name);
}

std::string link_source(const entity& of) {
    return snake_case(of.name) + "_id";
}

std::string link_target(const entity& of, const relation& link) {
    return (link.to == of.name ? link.name : snake_case(link.to)) + "_id";
}

}  // namespace teamflow::generation
