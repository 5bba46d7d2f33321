#pragma once
// The prepared statements of one connection: which SQL text has which name on the server.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "infra/postgres/error.hpp"
#include "infra/postgres/types.hpp"

namespace teamflow::infra::postgres {

/// SQL prepared under a name. The same SQL with other parameter types is another one.
struct prepared_statement {
    std::string sql;
    std::vector<type_number> types;
    std::string name;
    /// Why the server did not take it, once that is known.
    std::optional<postgres_error> failure;
};

/// A bounded least-recently-used set. It says what to do; the connection does it.
class prepared_statements {
public:
    explicit prepared_statements(std::size_t size_max) : size_max_(size_max) {}

    /// The statement if it is known; it becomes the most recently used.
    std::shared_ptr<prepared_statement> find(
        std::string_view sql, std::span<const type_number> types
    );

    /// Adds one that is not known. The caller must prepare it on the server.
    std::shared_ptr<prepared_statement> add(
        std::string_view sql, std::span<const type_number> types
    );

    /// Takes out the least recently used one if there are too many. The caller must deallocate it.
    std::shared_ptr<prepared_statement> evict();

    /// Forgets `statement`; false if it was forgotten before.
    bool drop(const std::shared_ptr<prepared_statement>& statement);

    [[nodiscard]] std::size_t size() const { return recent_.size(); }

private:
    using recency = std::list<std::shared_ptr<prepared_statement>>;

    static std::size_t hash(std::string_view sql, std::span<const type_number> types);
    recency::iterator locate(std::string_view sql, std::span<const type_number> types);
    void forget(recency::iterator which);

    recency recent_;
    std::unordered_multimap<std::size_t, recency::iterator> by_hash_;
    std::size_t size_max_;
    std::uint64_t named_ = 0;
};

}  // namespace teamflow::infra::postgres
