#pragma once
// All routes of the program behind the transport: authentication, rates and access come first.

#include <memory>
#include <span>
#include <vector>

#include "gateway/api/route.hpp"
#include "gateway/http/service.hpp"

namespace teamflow::gateway {

/// The whole table, family by family. A new family adds its line in gateway/api/api.cpp.
routes all_routes();

class api {
public:
    /// A set of services and the thread on which it is used.
    struct place {
        const boost::asio::execution_context* thread;
        services* with;
    };

    api(routes table, std::vector<place> places);

    /// Registers every route, and the one for commands of other processes. The api must outlive the
    /// service.
    void install(http_service& into) const;

    [[nodiscard]] std::span<const route> table() const { return table_; }

private:
    [[nodiscard]] services& services_of(const boost::asio::execution_context& thread) const;
    task<response> answer(const route& where, request& http) const;
    task<response> answer_process(request& http) const;

    routes table_;
    std::vector<place> places_;
};

/// Where a route is served: `/api/v1` and its path, or the path at the root.
std::string full_path(const route& where);

}  // namespace teamflow::gateway
