#pragma once
// Thrown where a bounded queue is full: the work was not begun and may be tried again.

#include <chrono>
#include <stdexcept>
#include <string>

namespace teamflow::infra {

/// Answered as 503 with Retry-After. Nothing has happened when it is thrown.
class overloaded : public std::runtime_error {
public:
    explicit overloaded(
        const std::string& what, std::chrono::seconds retry_after = std::chrono::seconds{1}
    )
        : std::runtime_error(what), retry_after_(retry_after) {}

    [[nodiscard]] std::chrono::seconds retry_after() const { return retry_after_; }

private:
    std::chrono::seconds retry_after_;
};

}  // namespace teamflow::infra
