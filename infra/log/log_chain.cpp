#include "infra/log/log_chain.hpp"

#include <cstring>
#include <stdexcept>
#include <string_view>

#include <openssl/evp.h>

#include <boost/endian/conversion.hpp>

namespace teamflow::infra {

namespace {

/// Another encoding is another chain: it would get another name, and old anchors none.
constexpr std::string_view name = "teamflow log chain 1";

void append_number(std::string& out, std::int64_t number) {
    boost::endian::native_to_big_inplace(number);
    std::array<char, sizeof number> bytes{};
    std::memcpy(bytes.data(), &number, sizeof number);
    out.append(bytes.data(), bytes.size());
}

void append_text(std::string& out, std::string_view text) {
    append_number(out, static_cast<std::int64_t>(text.size()));
    out += text;
}

void append_uuid(std::string& out, const events::uuid& id) {
    out.append(id.begin(), id.end());
}

}  // namespace

void append_canonical(std::string& out, const events::record& event) {
    const auto& head = event.head;
    append_uuid(out, head.id.value);
    append_text(out, head.type);
    append_number(out, head.schema_version);
    append_uuid(out, head.organization.value);
    append_text(out, head.stream);
    append_number(out, head.stream_version);
    append_text(out, head.actor);
    append_number(out, head.time.time_since_epoch().count());
    append_uuid(out, head.correlation_id);
    append_number(out, head.causation_id.has_value() ? 1 : 0);
    append_uuid(out, head.causation_id.value_or(events::uuid{}));
    append_text(out, head.traceparent);
    append_uuid(out, event.commit.id.value);
    append_number(out, event.commit.index);
    append_number(out, event.commit.count);
    append_text(out, event.data);
    append_number(out, event.once.has_value() ? 1 : 0);
    if (event.once) {
        append_text(out, event.once->key);
        append_text(out, event.once->fingerprint);
        append_text(out, event.once->answer);
    }
}

void log_chain::free_context::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

log_chain::log_chain(const events::uuid& log, events::partition_id partition)
    : context_(EVP_MD_CTX_new()) {
    append_text(bytes_, name);
    append_uuid(bytes_, log);
    append_number(bytes_, partition);
    hash_in();
}

log_chain::~log_chain() = default;
log_chain::log_chain(log_chain&&) noexcept = default;
log_chain& log_chain::operator=(log_chain&&) noexcept = default;

void log_chain::add(const events::record& event) {
    bytes_.assign(head_.begin(), head_.end());
    append_canonical(bytes_, event);
    hash_in();
    ++events_;
}

void log_chain::hash_in() {
    unsigned size = 0;
    if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1 ||
        EVP_DigestUpdate(context_.get(), bytes_.data(), bytes_.size()) != 1 ||
        EVP_DigestFinal_ex(context_.get(), head_.data(), &size) != 1 || size != head_.size()) {
        throw std::runtime_error("SHA-256 is not available");
    }
}

}  // namespace teamflow::infra
