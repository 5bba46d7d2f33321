// Personal fields leave the system here, and only here: everything inside holds them sealed.
#include <algorithm>

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

namespace {

/// What json::write makes of a personal field, up to the person's id.
constexpr std::string_view opening = R"({"person":")";
constexpr std::string_view middle = R"(","sealed":")";
constexpr std::string_view closing = R"("})";
constexpr std::size_t uuid_length = 36;

struct sealed_field {
    std::size_t begin = 0;
    std::size_t end = 0;
    events::personal content;
};

/// The personal fields of a JSON text that our own writer made: the form is fixed to the letter,
/// and inside of a string its quotes would be escaped.
std::vector<sealed_field> find_sealed(std::string_view json) {
    std::vector<sealed_field> fields;
    std::size_t at = json.find(opening);
    for (; at != std::string_view::npos; at = json.find(opening, at + 1)) {
        const std::size_t id_at = at + opening.size();
        const std::size_t middle_at = id_at + uuid_length;
        if (json.substr(middle_at, middle.size()) != middle) {
            continue;
        }
        const std::size_t sealed_at = middle_at + middle.size();
        const std::size_t end = json.find('"', sealed_at);
        const auto person = events::parse_uuid(json.substr(id_at, uuid_length));
        if (!person || json.substr(end, closing.size()) != closing) {
            continue;
        }
        fields.push_back(
            {.begin = at,
             .end = end + closing.size(),
             .content =
                 {.person = events::user_id{*person},
                  .sealed = std::string(json.substr(sealed_at, end - sealed_at))}}
        );
    }
    return fields;
}

}  // namespace

task<std::string> open_personal(services& with, std::string json) {
    const auto fields = find_sealed(json);
    if (fields.empty()) {
        co_return json;
    }
    std::vector<events::user_id> persons;
    persons.reserve(fields.size());
    for (const auto& field : fields) {
        persons.push_back(field.content.person);
    }
    std::ranges::sort(persons);
    const auto repeated = std::ranges::unique(persons);
    persons.erase(repeated.begin(), repeated.end());
    co_await with.keys.load(std::move(persons));
    std::string opened;
    opened.reserve(json.size());
    std::size_t at = 0;
    for (const auto& field : fields) {
        opened.append(json, at, field.begin - at);
        events::json::write_string(opened, with.keys.reveal(field.content));
        at = field.end;
    }
    opened.append(json, at);
    co_return opened;
}

}  // namespace teamflow::gateway
