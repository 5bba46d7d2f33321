#pragma once
// Slows a fold of history down while live read models fall behind.

#include <chrono>
#include <functional>
#include <mutex>

#include "infra/postgres/session.hpp"

namespace teamflow::projections {

/// Shared by the threads of a fold, which calls it between its pieces.
class brake {
public:
    /// What the fold does meanwhile, one thread at a time.
    struct calls {
        /// Before each look at the live read models; throws what is to end the fold.
        std::function<void()> look;
        /// When it begins to give way (true), and when there is no need any more.
        std::function<void(bool)> tell;
        /// For as long; may end early.
        std::function<void(std::chrono::milliseconds)> wait;
    };

    /// `database` must outlive this, and is for it alone while the fold runs.
    brake(infra::postgres::session& database, calls with);

    /// Waits while a live read model is far behind, for a bounded time: a fold is to end one day,
    /// too. Throws what look() throws, and postgres_error.
    void give_way();

private:
    infra::postgres::session& database_;
    calls with_;
    std::mutex mutex_;
    bool is_on_ = false;
};

}  // namespace teamflow::projections
