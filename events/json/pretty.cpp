#include "events/json/pretty.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>

#include "events/json/write.hpp"

namespace teamflow::events::json {

namespace {

namespace bj = boost::json;

constexpr std::size_t line_length = 80;

class printer {
public:
    void print(const bj::value& value) {
        if (const auto* object = value.if_object()) {
            print(*object);
        } else if (const auto* array = value.if_array()) {
            print(*array);
        } else if (const auto* number = value.if_double()) {
            // Boost.JSON would say 1.5E0.
            write_number(text_, *number);
        } else {
            text_ += bj::serialize(value);
        }
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void print(const bj::object& object) {
        if (object.empty()) {
            text_ += "{}";
            return;
        }
        open('{');
        bool first = true;
        for (const auto& member : object) {
            next(first);
            write_string(text_, member.key());
            text_ += ": ";
            print(member.value());
        }
        close('}');
    }

    void print(const bj::array& array) {
        if (is_short(array)) {
            print_in_line(array);
            return;
        }
        open('[');
        bool first = true;
        for (const auto& element : array) {
            next(first);
            print(element);
        }
        close(']');
    }

    void print_in_line(const bj::array& array) {
        text_ += '[';
        bool first = true;
        for (const auto& element : array) {
            text_ += first ? "" : ", ";
            first = false;
            print(element);
        }
        text_ += ']';
    }

    static bool is_short(const bj::array& array) {
        return std::ranges::none_of(array, &bj::value::is_structured) &&
               bj::serialize(array).size() <= line_length;
    }

    void open(char bracket) {
        text_ += bracket;
        depth_ += 1;
    }

    void next(bool& first) {
        text_ += first ? "\n" : ",\n";
        first = false;
        text_.append(2 * depth_, ' ');
    }

    void close(char bracket) {
        depth_ -= 1;
        text_ += '\n';
        text_.append(2 * depth_, ' ');
        text_ += bracket;
    }

    std::string text_;
    std::size_t depth_ = 0;
};

}  // namespace

std::string pretty(const bj::value& value) {
    printer out;
    out.print(value);
    return out.take() + '\n';
}

}  // namespace teamflow::events::json
