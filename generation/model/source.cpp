#include "generation/model/source.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "events/json/parse.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

/// Thrown through yaml-cpp and caught below.
struct refused : std::runtime_error {
    refused(int where, const std::string& what) : std::runtime_error(what), line(where) {}

    int line;
};

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

bool looks_like_number(std::string_view text) {
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    return !digits.empty() && digits[0] >= '0' && digits[0] <= '9';
}

/// A plain scalar by the core schema of YAML 1.2.
bj::value plain(const std::string& text) {
    if (text.empty() || text == "null" || text == "~" || text == "Null" || text == "NULL") {
        return nullptr;
    }
    if (text == "true" || text == "True" || text == "TRUE") {
        return true;
    }
    if (text == "false" || text == "False" || text == "FALSE") {
        return false;
    }
    if (looks_like_number(text)) {
        if (const auto whole = number<std::int64_t>(text)) {
            return *whole;
        }
        if (const auto real = number<double>(text); real && std::isfinite(*real)) {
            return *real;
        }
    }
    return bj::value(text);
}

/// Builds the value from the events of the parser.
class builder : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark&) override {}

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        no_anchor(mark, anchor);
        if (expects_key()) {
            throw refused(mark.line + 1, "a key must be a name");
        }
        scalar(mark, nullptr);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        throw refused(mark.line + 1, "aliases are not allowed in a model: write the value out");
    }

    void OnScalar(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        const std::string& value
    ) override {
        no_anchor(mark, anchor);
        if (value.find('\0') != std::string::npos) {
            throw refused(mark.line + 1, "U+0000 is not allowed");
        }
        if (expects_key()) {
            key(mark, value);
        } else if (tag == "!") {
            scalar(mark, bj::value(value));
        } else {
            plain_tag(mark, tag);
            scalar(mark, plain(value));
        }
    }

    void OnSequenceStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value
    ) override {
        open(mark, tag, anchor, bj::array{});
    }

    void OnSequenceEnd() override { close(); }

    void OnMapStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value
    ) override {
        open(mark, tag, anchor, bj::object{});
    }

    void OnMapEnd() override { close(); }

    source take() { return std::move(result_); }

private:
    struct level {
        bj::value container;
        std::optional<std::string> key;
        std::size_t path_length = 0;
    };

    [[nodiscard]] bool expects_key() const {
        return !open_.empty() && open_.back().container.is_object() && !open_.back().key;
    }

    static void no_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) {
            throw refused(mark.line + 1, "anchors are not allowed in a model");
        }
    }

    static void plain_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!") {
            throw refused(mark.line + 1, "tags are not allowed in a model: `" + tag + "`");
        }
    }

    void key(const YAML::Mark& mark, const std::string& name) {
        level& inside = open_.back();
        if (name == "<<") {
            throw refused(mark.line + 1, "merge keys are not allowed in a model");
        }
        if (inside.container.get_object().contains(name)) {
            throw refused(mark.line + 1, "`" + name + "` stands twice");
        }
        inside.key = name;
        step(name);
        result_.lines[path_] = mark.line + 1;
    }

    void step(const std::string& name) {
        path_ += path_.empty() ? "" : ".";
        path_ += name;
    }

    /// The path of a list's next element; a member's was made by its key.
    void enter(const YAML::Mark& mark) {
        if (!open_.empty() && open_.back().container.is_array()) {
            step(std::to_string(open_.back().container.get_array().size()));
            result_.lines[path_] = mark.line + 1;
        }
    }

    void scalar(const YAML::Mark& mark, bj::value value) {
        enter(mark);
        put(std::move(value));
    }

    void put(bj::value value) {
        if (open_.empty()) {
            result_.value = std::move(value);
            return;
        }
        level& inside = open_.back();
        if (auto* const array = inside.container.if_array()) {
            array->push_back(std::move(value));
        } else {
            inside.container.get_object()[*inside.key] = std::move(value);
            inside.key.reset();
        }
        path_.resize(inside.path_length);
    }

    void open(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, bj::value container
    ) {
        no_anchor(mark, anchor);
        plain_tag(mark, tag);
        if (open_.size() >= max_source_depth) {
            throw refused(mark.line + 1, "nested too deep");
        }
        if (expects_key()) {
            throw refused(mark.line + 1, "a key must be a name");
        }
        enter(mark);
        open_.push_back({std::move(container), std::nullopt, path_.size()});
    }

    void close() {
        bj::value made = std::move(open_.back().container);
        open_.pop_back();
        put(std::move(made));
    }

    source result_;
    std::vector<level> open_;
    std::string path_;
};

std::expected<source, fault> parse_yaml(std::string_view text) {
    std::istringstream stream{std::string(text)};
    builder build;
    try {
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(build)) {
            return std::unexpected(fault{"", "empty", "the model is empty", 0});
        }
        builder rest;
        if (parser.HandleNextDocument(rest)) {
            return std::unexpected(fault{"", "documents", "a model is a single document", 0});
        }
    } catch (const refused& why) {
        return std::unexpected(fault{"", "not_a_model", why.what(), why.line});
    } catch (const YAML::Exception& why) {
        return std::unexpected(fault{"", "syntax", why.msg, why.mark.line + 1});
    }
    return build.take();
}

bool is_utf8(std::string_view text) {
    // A string of JSON must be UTF-8, and the parser checks it.
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        quoted += byte < 0x20 || c == '"' || c == '\\' ? ' ' : c;
    }
    quoted += '"';
    return events::json::parse(quoted).has_value();
}

}  // namespace

int source::line_of(std::string_view path) const {
    while (true) {
        if (const auto found = lines.find(path); found != lines.end()) {
            return found->second;
        }
        const auto dot = path.rfind('.');
        if (dot == std::string_view::npos) {
            return 0;
        }
        path = path.substr(0, dot);
    }
}

std::expected<source, fault> parse_source(std::string_view text, source_format format) {
    if (text.size() > max_source_bytes) {
        return std::unexpected(fault{
            "",
            "too_large",
            "the model has " + std::to_string(text.size()) + " bytes; at most " +
                std::to_string(max_source_bytes) + " are read",
            0
        });
    }
    if (format == source_format::yaml) {
        if (!is_utf8(text) || text.contains('\0')) {
            return std::unexpected(
                fault{"", "not_utf8", "the model must be UTF-8 without U+0000", 0}
            );
        }
        return parse_yaml(text);
    }
    auto value = events::json::parse(text);
    if (!value) {
        return std::unexpected(fault{"", "syntax", value.error().message, 0});
    }
    return source{std::move(*value), {}};
}

}  // namespace teamflow::generation
