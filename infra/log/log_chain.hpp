#pragma once
// The hash chain over the events of a partition: one value that no change of history leaves alone.

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "events/record.hpp"

struct evp_md_ctx_st;

namespace teamflow::infra {

/// `hash(n) = SHA-256(hash(n-1), event n)`, and `hash(0)` is that of log and partition. Takes the
/// valid events of a partition in order. Sealed text is hashed as it lies there, so that an erasure
/// changes nothing. Where a record lies is no part of it, nor are ghosts; and one of two equal
/// chains at the same place means the same events. One thread.
class log_chain {
public:
    using hash = std::array<unsigned char, 32>;

    log_chain(const events::uuid& log, events::partition_id partition);
    ~log_chain();
    log_chain(log_chain&&) noexcept;
    log_chain& operator=(log_chain&&) noexcept;

    void add(const events::record& event);

    [[nodiscard]] const hash& head() const { return head_; }

    /// Events so far.
    [[nodiscard]] std::int64_t events() const { return events_; }

private:
    struct free_context {
        void operator()(evp_md_ctx_st* context) const;
    };

    void hash_in();

    std::unique_ptr<evp_md_ctx_st, free_context> context_;
    hash head_{};
    std::int64_t events_ = 0;
    /// What is hashed next; kept for its memory.
    std::string bytes_;
};

/// What an event means, in one way only: every part behind its length, numbers in eight bytes, what
/// is absent unlike what is empty. Appends to `out`.
void append_canonical(std::string& out, const events::record& event);

}  // namespace teamflow::infra
