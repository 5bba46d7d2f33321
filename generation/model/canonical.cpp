#include "generation/model/canonical.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "events/json/described.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

template <class T>
bj::value value_of(const T& from) {
    if constexpr (json::described_enum<T>) {
        return bj::value(json::enum_name(from));
    } else if constexpr (json::is_instance<T, std::vector>) {
        bj::array all;
        for (const auto& each : from) {
            all.push_back(value_of(each));
        }
        return all;
    } else {
        return bj::value(from);
    }
}

/// The described members that say something.
template <class T>
void put_members(bj::object& into, const T& from) {
    json::for_each_member<T>([&](auto descriptor) {
        using member_type = std::remove_cvref_t<decltype(from.*descriptor.pointer)>;
        const auto& member = from.*descriptor.pointer;
        if constexpr (json::is_defaulted<member_type>) {
            if (member != member_type{}) {
                into[descriptor.name] = value_of(member.value);
            }
        } else if constexpr (json::is_instance<member_type, std::optional>) {
            if (member) {
                into[descriptor.name] = value_of(*member);
            }
        } else {
            into[descriptor.name] = value_of(member);
        }
    });
}

bj::object canonical(const field& of) {
    bj::object made;
    put_members(made, of);
    if (of.initial) {
        made["default"] = *of.initial;
    }
    return made;
}

template <class T>
void put_text(bj::object& into, std::string_view name, const std::optional<T>& text) {
    if (text) {
        into[name] = *text;
    }
}

bj::object canonical(const entity& of) {
    bj::object made;
    put_text(made, "id", of.id);
    put_text(made, "description", of.description);
    put_text(made, "plural", of.plural);
    for (const auto& [name, option] :
         {std::pair("soft_delete", of.soft_delete),
          std::pair("audit", of.audit),
          std::pair("versioned", of.versioned)}) {
        if (option.value) {
            made[name] = true;
        }
    }
    bj::object fields;
    for (const auto& each : of.fields) {
        fields[each.name] = canonical(each);
    }
    made["fields"] = std::move(fields);
    bj::object relations;
    for (const auto* const all : {&of.relations, &of.links}) {
        for (const auto& each : *all) {
            bj::object one;
            put_members(one, each);
            relations[each.name] = std::move(one);
        }
    }
    if (!relations.empty()) {
        made["relations"] = std::move(relations);
    }
    if (!of.indexes.empty()) {
        made["indexes"] = value_of(of.indexes);
    }
    if (!of.checks.empty()) {
        bj::object checks;
        for (const auto& [name, text] : of.checks) {
            checks[name] = text;
        }
        made["checks"] = std::move(checks);
    }
    bj::object asked;
    put_members(asked, of.api);
    if (!asked.empty()) {
        made["api"] = std::move(asked);
    }
    return made;
}

}  // namespace

bj::value canonical(const model& of) {
    bj::object made{{"schema", model_schema}};
    bj::object app;
    put_members(app, of.app);
    made["app"] = std::move(app);
    if (!of.enums.empty()) {
        bj::object enums;
        for (const auto& each : of.enums) {
            enums[each.name] = value_of(each.values);
        }
        made["enums"] = std::move(enums);
    }
    bj::object entities;
    for (const auto& each : of.entities) {
        entities[each.name] = canonical(each);
    }
    made["entities"] = std::move(entities);
    return made;
}

std::string sha256(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    std::string made;
    for (unsigned int i = 0; i < size; ++i) {
        made += fmt::format("{:02x}", digest[i]);
    }
    return made;
}

std::string hash(const model& of) {
    return sha256(bj::serialize(canonical(of)));
}

}  // namespace teamflow::generation
