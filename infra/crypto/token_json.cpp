#include "infra/crypto/token_json.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

namespace teamflow::infra {

namespace {

namespace json = boost::json;

constexpr std::size_t max_members = 64;
constexpr std::size_t max_depth = 16;

/// Receives the parser's callbacks (the names and signatures are Boost.JSON's) and keeps the
/// members of the outermost object. Returning false stops the parser with `ec`.
class member_collector {
public:
    constexpr static std::size_t max_object_size = std::size_t(-1);
    constexpr static std::size_t max_array_size = std::size_t(-1);
    constexpr static std::size_t max_key_size = std::size_t(-1);
    constexpr static std::size_t max_string_size = std::size_t(-1);

    std::vector<token_member> members;

    bool on_document_begin(json::error_code&) { return true; }

    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&) {
        spoil_list();
        ++depth_;
        return true;
    }

    bool on_object_end(std::size_t, json::error_code&) {
        --depth_;
        return true;
    }

    bool on_array_begin(json::error_code& ec) {
        if (depth_ == 1) {
            in_list_ = true;
            members.back().value = std::vector<std::string>{};
        }
        spoil_list();
        return depth_++ > 0 || refuse(ec);
    }

    bool on_array_end(std::size_t, json::error_code&) {
        if (--depth_ == 1) {
            in_list_ = false;
        }
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, json::error_code& ec) {
        text_.append(part.data(), part.size());
        return part.find('\0') == json::string_view::npos || refuse(ec);
    }

    bool on_key(json::string_view part, std::size_t size, json::error_code& ec) {
        if (!on_key_part(part, size, ec)) {
            return false;
        }
        std::string name = std::exchange(text_, {});
        if (depth_ != 1) {
            return true;
        }
        const bool known = std::ranges::find(members, name, &token_member::name) != members.end();
        if (known || members.size() == max_members) {
            return refuse(ec);
        }
        members.push_back({std::move(name), unread_value{}});
        return true;
    }

    bool on_string_part(json::string_view part, std::size_t size, json::error_code& ec) {
        return on_key_part(part, size, ec);
    }

    bool on_string(json::string_view part, std::size_t size, json::error_code& ec) {
        if (!on_key_part(part, size, ec)) {
            return false;
        }
        std::string text = std::exchange(text_, {});
        if (depth_ == 2 && in_list_) {
            if (auto* list = std::get_if<std::vector<std::string>>(&members.back().value)) {
                list->push_back(std::move(text));
            }
            return true;
        }
        return put(std::move(text), ec);
    }

    bool on_number_part(json::string_view, json::error_code&) { return true; }

    bool on_int64(std::int64_t value, json::string_view, json::error_code& ec) {
        return put(value, ec);
    }

    bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) {
        return put(unread_value{}, ec);
    }

    bool on_double(double, json::string_view, json::error_code& ec) {
        return put(unread_value{}, ec);
    }

    bool on_bool(bool value, json::error_code& ec) { return put(value, ec); }

    bool on_null(json::error_code& ec) { return put(unread_value{}, ec); }

    bool on_comment_part(json::string_view, json::error_code&) { return true; }

    bool on_comment(json::string_view, json::error_code&) { return true; }

private:
    static bool refuse(json::error_code& ec) {
        ec = json::error::syntax;
        return false;
    }

    /// Keeps what stands directly in the outermost object; drops what is nested deeper.
    bool put(token_value value, json::error_code& ec) {
        if (depth_ == 0) {
            return refuse(ec);
        }
        if (depth_ == 1) {
            members.back().value = std::move(value);
        }
        spoil_list();
        return true;
    }

    /// An array that holds anything but strings is no list of strings.
    void spoil_list() {
        if (depth_ == 2 && in_list_) {
            members.back().value = unread_value{};
        }
    }

    std::string text_;
    std::size_t depth_ = 0;
    bool in_list_ = false;
};

}  // namespace

const token_value* token_object::find(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &token_member::name);
    return found == members_.end() ? nullptr : &found->value;
}

std::optional<token_object> parse_token_object(std::string_view json_text) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::basic_parser<member_collector> parser(options);
    json::error_code ec;
    const std::size_t read = parser.write_some(false, json_text.data(), json_text.size(), ec);
    if (ec || !parser.done() || read != json_text.size()) {
        return std::nullopt;
    }
    return token_object(std::move(parser.handler().members));
}

}  // namespace teamflow::infra
