#include "events/json/differences.hpp"

#include <algorithm>

namespace teamflow::events::json {

namespace {

using boost::json::value;

class comparison {
public:
    void compare(const value& before, const value& after) {
        if (before == after) {
            return;
        }
        if (before.is_object() && after.is_object() && !is_sealed(before) && !is_sealed(after)) {
            compare_members(before.get_object(), after.get_object());
        } else if (before.is_array() && after.is_array()) {
            compare_places(before.get_array(), after.get_array());
        } else {
            found_.push_back({path_, {to_json(before)}, {to_json(after)}});
        }
    }

    std::vector<difference> take() { return std::move(found_); }

private:
    static bool is_sealed(const value& of) {
        const auto& members = of.get_object();
        return members.size() == 2 && members.contains("person") && members.contains("sealed");
    }

    void compare_members(const boost::json::object& before, const boost::json::object& after) {
        for (const auto& [name, now] : after) {
            const auto* const was = before.if_contains(name);
            within(name, was != nullptr ? *was : value(), now);
        }
        for (const auto& [name, was] : before) {
            if (!after.contains(name)) {
                within(name, was, {});
            }
        }
    }

    void compare_places(const boost::json::array& before, const boost::json::array& after) {
        for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
            within(
                std::to_string(i),
                i < before.size() ? before[i] : value(),
                i < after.size() ? after[i] : value()
            );
        }
    }

    void within(std::string_view name, const value& before, const value& after) {
        const std::size_t length = path_.size();
        path_ += '/';
        for (const char letter : name) {
            if (letter == '~') {
                path_ += "~0";
            } else if (letter == '/') {
                path_ += "~1";
            } else {
                path_ += letter;
            }
        }
        compare(before, after);
        path_.resize(length);
    }

    std::string path_;
    std::vector<difference> found_;
};

}  // namespace

std::vector<difference> differences(
    const boost::json::value& before, const boost::json::value& after
) {
    comparison all;
    all.compare(before, after);
    return all.take();
}

}  // namespace teamflow::events::json
