#pragma once
// From method and path to the index of a route, whatever the caller keeps under that index.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/method.hpp"

namespace teamflow::gateway {

using route_index = std::size_t;

/// What a path led to. The values point into the path, or into `decoded` where it had escapes;
/// used again for the next request.
struct path_match {
    route_index route = 0;
    /// One for each `{name}` of the template, in its order, decoded.
    std::vector<std::string_view> values;
    std::string decoded;
    /// For the Allow field, when the path exists and the method does not.
    std::string_view allow;
};

enum class match_outcome : std::uint8_t {
    found,
    not_found,
    method_not_allowed,
    /// OPTIONS on a path that has no such route of its own.
    options,
    /// A segment is not percent-encoded UTF-8.
    malformed_path,
};

/// A trie of path segments. Literal segments win over `{parameter}` segments. A trailing slash
/// makes another path. GET routes answer HEAD. Filled once, then readable from any thread.
class router {
public:
    router() : nodes_(1) {}

    /// `path` is a template such as `/tasks/{id}/time/start`. Returns 0, 1, 2, … in the order of
    /// the calls. Throws std::invalid_argument for a malformed template or a second route of the
    /// same method and path.
    route_index add(method verb, std::string_view path);

    /// Looks `path` (as sent, without query) up.
    match_outcome match(method verb, std::string_view path, path_match& into) const;

    /// The names of the route's parameters, in the order of path_match::values.
    [[nodiscard]] const std::vector<std::string>& parameters(route_index route) const {
        return parameters_[route];
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct node {
        std::vector<std::pair<std::string, std::size_t>> literals;
        std::size_t parameter = none;
        std::array<std::size_t, method_count> routes = {none, none, none, none, none, none, none};
        std::string allow;
    };

    std::size_t child(std::size_t parent, std::string_view segment);
    std::size_t find(std::size_t at, std::string_view rest, path_match& into) const;
    static void rebuild_allow(node& place);

    std::vector<node> nodes_;
    std::vector<std::vector<std::string>> parameters_;
};

}  // namespace teamflow::gateway
