#include "gateway/routes/families.hpp"
#include "query/projection_status.hpp"

namespace teamflow::gateway {

namespace {

struct projection_list {
    std::vector<query::projection_view> projections;
};
BOOST_DESCRIBE_STRUCT(projection_list, (), (projections))

task<query_result<projection_list>> list_projections(call& under_way, no_body) {
    auto& with = under_way.with;
    projection_list list;
    std::optional<std::string> any;
    list.projections = co_await query::projection_status(with.database, with.log.tail(), any);
    co_return just(std::move(list));
}

task<query_result<query::projection_view>> show_projection(call& under_way, no_body) {
    auto& with = under_way.with;
    std::string name(under_way.http.path_value("name"));
    auto found = co_await query::projection_status(with.database, with.log.tail(), name);
    if (found.empty()) {
        co_return std::unexpected(not_found("projection", name));
    }
    co_return just(std::move(found.front()));
}

}  // namespace

routes admin_routes() {
    return {
        query<no_body, projection_list>(
            "/admin/projections",
            access::operator_only,
            "How all read models stand",
            {},
            list_projections
        ),
        query<no_body, query::projection_view>(
            "/admin/projections/{name}",
            access::operator_only,
            "How one read model stands",
            {},
            show_projection
        ),
    };
}

}  // namespace teamflow::gateway
