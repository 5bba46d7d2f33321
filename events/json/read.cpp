#include "events/json/read.hpp"

namespace teamflow::events::json {

namespace {

/// Enough to mend any honest form; a hostile body does not get a megabyte of faults back.
constexpr std::size_t max_faults = 100;

struct measure {
    std::size_t code_points = 0;
    bool control = false;
};

measure measure_text(std::string_view text) {
    measure seen;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        seen.code_points += (byte & 0xC0U) != 0x80U ? 1 : 0;
        seen.control =
            seen.control || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
    }
    return seen;
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

void reader::fault(std::string_view code, std::string message) {
    if (problems_.size() < max_faults) {
        problems_.push_back({path_, std::string(code), std::move(message)});
    }
}

void reader::number(const boost::json::value& from, double& into) {
    if (!from.is_number()) {
        fault("wrong_type", "must be a number");
        return;
    }
    into = from.to_number<double>();
}

bool reader::string(const boost::json::value& from, std::string& into) {
    const auto* text = from.if_string();
    if (text == nullptr) {
        fault("wrong_type", "must be a text");
        return false;
    }
    into.assign(text->data(), text->size());
    return true;
}

void reader::texts(const boost::json::value& from, std::map<std::string, std::string>& into) {
    const auto* object = from.if_object();
    if (object == nullptr) {
        fault("wrong_type", "must be an object of texts");
        return;
    }
    for (const auto& member : *object) {
        within(member.key(), [&] { string(member.value(), into[member.key()]); });
    }
}

void reader::limited_text(
    const boost::json::value& from, std::string& into, std::size_t min, std::size_t max
) {
    if (!string(from, into)) {
        return;
    }
    const measure seen = measure_text(into);
    if (seen.code_points < min || (min > 0 && is_blank(into))) {
        fault(
            into.empty() || is_blank(into) ? "empty" : "too_short",
            "must have at least " + std::to_string(min) + " characters"
        );
    } else if (seen.code_points > max) {
        fault("too_long", "must have at most " + std::to_string(max) + " characters");
    } else if (seen.control) {
        fault("control_character", "must not contain control characters");
    }
}

void reader::unknown(std::string_view name) {
    within(name, [&] { fault("unknown_field", "is not a field of this request"); });
}

}  // namespace teamflow::events::json
