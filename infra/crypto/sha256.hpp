#pragma once
// SHA-256 over bytes that come piece by piece, at the speed of the processor's own instructions.

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace teamflow::infra {

/// One thread at a time. Throws std::runtime_error when OpenSSL does not offer SHA-256.
class sha256_sum {
public:
    sha256_sum();

    void add(std::string_view bytes);

    /// The sum over all that was added so far, in lower-case hexadecimal. More can be added.
    [[nodiscard]] std::string hex() const;

private:
    struct free_context {
        void operator()(evp_md_ctx_st* owned) const noexcept;
    };

    std::unique_ptr<evp_md_ctx_st, free_context> under_way_;
};

}  // namespace teamflow::infra
