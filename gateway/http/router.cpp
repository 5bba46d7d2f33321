#include "gateway/http/router.hpp"

#include <algorithm>
#include <stdexcept>

#include "gateway/http/percent.hpp"

namespace teamflow::gateway {

namespace {

/// Takes the next segment off a path that begins with a slash.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

route_index router::add(method verb, std::string_view path) {
    const auto fail = [&](const char* why) {
        throw std::invalid_argument("route " + std::string(path) + ": " + why);
    };
    if (path.empty() || path.front() != '/' || verb == method::other) {
        fail("a route needs a path from the root and a known method");
    }
    std::vector<std::string> names;
    std::size_t at = 0;
    for (auto rest = path; !rest.empty();) {
        const auto segment = take_segment(rest);
        if (is_parameter(segment)) {
            names.emplace_back(segment.substr(1, segment.size() - 2));
        } else if (segment.find_first_of("{}%?#") != std::string_view::npos) {
            fail("a segment is neither literal nor {parameter}");
        }
        at = child(at, segment);
    }
    auto& place = nodes_[at].routes[static_cast<std::size_t>(verb)];
    if (place != none) {
        fail("there is such a route already");
    }
    place = parameters_.size();
    rebuild_allow(nodes_[at]);
    parameters_.push_back(std::move(names));
    return parameters_.size() - 1;
}

std::size_t router::child(std::size_t parent, std::string_view segment) {
    if (is_parameter(segment)) {
        if (nodes_[parent].parameter == none) {
            nodes_[parent].parameter = nodes_.size();
            nodes_.emplace_back();
        }
        return nodes_[parent].parameter;
    }
    for (const auto& [text, next] : nodes_[parent].literals) {
        if (text == segment) {
            return next;
        }
    }
    nodes_[parent].literals.emplace_back(segment, nodes_.size());
    nodes_.emplace_back();
    return nodes_.size() - 1;
}

void router::rebuild_allow(node& place) {
    const auto has = [&](method verb) {
        return place.routes[static_cast<std::size_t>(verb)] != none;
    };
    place.allow.clear();
    for (std::size_t i = 0; i < method_count; ++i) {
        const auto verb = static_cast<method>(i);
        if (has(verb) || verb == method::options || (verb == method::head && has(method::get))) {
            place.allow += place.allow.empty() ? "" : ", ";
            place.allow += to_string(verb);
        }
    }
}

std::size_t router::find(std::size_t at, std::string_view rest, path_match& into) const {
    const auto& here = nodes_[at];
    if (rest.empty()) {
        return here.allow.empty() ? none : at;
    }
    const auto segment = take_segment(rest);
    for (const auto& [text, next] : here.literals) {
        if (text == segment) {
            const auto found = find(next, rest, into);
            if (found != none) {
                return found;
            }
        }
    }
    if (here.parameter == none || segment.empty()) {
        return none;
    }
    into.values.push_back(segment);
    const auto found = find(here.parameter, rest, into);
    if (found == none) {
        into.values.pop_back();
    }
    return found;
}

match_outcome router::match(method verb, std::string_view path, path_match& into) const {
    into.values.clear();
    into.decoded.clear();
    if (path.empty() || path.front() != '/') {
        return match_outcome::not_found;
    }
    const auto at = find(0, path, into);
    if (at == none) {
        return match_outcome::not_found;
    }
    const auto& found = nodes_[at];
    into.allow = found.allow;
    // Decoded text is never longer than the path, so the views stay where they are.
    into.decoded.reserve(path.size());
    for (auto& value : into.values) {
        if (value.find('%') != std::string_view::npos) {
            const auto start = into.decoded.size();
            if (!decode_percent(value, into.decoded, false)) {
                return match_outcome::malformed_path;
            }
            value = std::string_view(into.decoded).substr(start);
        }
    }
    auto route = none;
    if (verb != method::other) {
        route = found.routes[static_cast<std::size_t>(verb)];
    }
    if (route == none && verb == method::head) {
        route = found.routes[static_cast<std::size_t>(method::get)];
    }
    if (route == none) {
        return verb == method::options ? match_outcome::options : match_outcome::method_not_allowed;
    }
    into.route = route;
    return match_outcome::found;
}

}  // namespace teamflow::gateway
