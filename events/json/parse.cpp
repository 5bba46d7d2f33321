#include "events/json/parse.hpp"

#include <cmath>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/value_stack.hpp>

namespace teamflow::events::json {

namespace {

namespace bj = boost::json;

/// Builds the value, and counts the keys: a built object keeps one of equal keys, so that a sum of
/// sizes below the count betrays a duplicate.
struct counting_handler {
    static constexpr std::size_t max_object_size = bj::object::max_size();
    static constexpr std::size_t max_array_size = bj::array::max_size();
    static constexpr std::size_t max_key_size = bj::string::max_size();
    static constexpr std::size_t max_string_size = bj::string::max_size();

    bj::value_stack stack;
    std::size_t keys = 0;

    bool on_document_begin(bj::error_code&) { return true; }

    bool on_document_end(bj::error_code&) { return true; }

    bool on_object_begin(bj::error_code&) { return true; }

    bool on_object_end(std::size_t size, bj::error_code&) {
        stack.push_object(size);
        return true;
    }

    bool on_array_begin(bj::error_code&) { return true; }

    bool on_array_end(std::size_t size, bj::error_code&) {
        stack.push_array(size);
        return true;
    }

    bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
        stack.push_chars(part);
        return true;
    }

    bool on_key(bj::string_view rest, std::size_t, bj::error_code&) {
        stack.push_key(rest);
        ++keys;
        return true;
    }

    bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
        stack.push_chars(part);
        return true;
    }

    bool on_string(bj::string_view rest, std::size_t, bj::error_code&) {
        stack.push_string(rest);
        return true;
    }

    bool on_number_part(bj::string_view, bj::error_code&) { return true; }

    bool on_int64(std::int64_t number, bj::string_view, bj::error_code&) {
        stack.push_int64(number);
        return true;
    }

    bool on_uint64(std::uint64_t number, bj::string_view, bj::error_code&) {
        stack.push_uint64(number);
        return true;
    }

    bool on_double(double number, bj::string_view, bj::error_code& failure) {
        if (!std::isfinite(number)) {
            failure = bj::error::exponent_overflow;
            return false;
        }
        stack.push_double(number);
        return true;
    }

    bool on_bool(bool value, bj::error_code&) {
        stack.push_bool(value);
        return true;
    }

    bool on_null(bj::error_code&) {
        stack.push_null();
        return true;
    }

    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }

    bool on_comment(bj::string_view, bj::error_code&) { return true; }
};

bool has_nul(bj::string_view text) {
    return text.find('\0') != bj::string_view::npos;
}

struct survey {
    std::size_t keys = 0;
    bool nul = false;

    void visit(const bj::value& value) {
        if (const auto* object = value.if_object()) {
            keys += object->size();
            for (const auto& member : *object) {
                nul = nul || has_nul(member.key());
                visit(member.value());
            }
        } else if (const auto* array = value.if_array()) {
            for (const auto& element : *array) {
                visit(element);
            }
        } else if (const auto* text = value.if_string()) {
            nul = nul || has_nul(*text);
        }
    }
};

}  // namespace

std::expected<boost::json::value, parse_error> parse(
    std::string_view text, boost::json::storage_ptr storage
) {
    bj::parse_options options;
    options.max_depth = max_depth;
    bj::basic_parser<counting_handler> parser(options);
    parser.handler().stack.reset(std::move(storage));
    bj::error_code failure;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), failure);
    if (!failure && read < text.size()) {
        failure = bj::error::extra_data;
    }
    if (failure) {
        return std::unexpected(parse_error{failure.message() + " at byte " + std::to_string(read)});
    }
    bj::value value = parser.handler().stack.release();
    survey seen;
    seen.visit(value);
    if (seen.keys != parser.handler().keys) {
        return std::unexpected(parse_error{"an object has the same key twice"});
    }
    if (seen.nul) {
        return std::unexpected(parse_error{"a string contains U+0000"});
    }
    return value;
}

}  // namespace teamflow::events::json
