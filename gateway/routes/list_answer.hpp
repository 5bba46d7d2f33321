#pragma once
// How routes answer with a page of a list.

#include <utility>

#include "gateway/api/query_parameters.hpp"
#include "gateway/api/route.hpp"
#include "query/paging.hpp"

namespace teamflow::gateway {

/// teamflow::query, whose name query() hides here.
namespace queries = teamflow::query;

/// The answer of a list, or 422 that names the bad parameters. `Answer` derives from
/// queries::page_bounds and adds the array of rows, named after the resource.
template <class Answer, class Row>
query_result<Answer> list_answer(std::expected<queries::page<Row>, events::json::problems> found) {
    if (!found) {
        return std::unexpected(bad_parameters(std::move(found.error())));
    }
    return just(Answer{std::move(found->bounds), std::move(found->rows)});
}

}  // namespace teamflow::gateway
