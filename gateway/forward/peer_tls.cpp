#include "gateway/forward/peer_tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ssl/host_name_verification.hpp>

namespace teamflow::gateway {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_peer_tls(const std::string& certificate) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    context->set_options(
        ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
        ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression
    );
    context->set_default_verify_paths();
    if (!certificate.empty()) {
        context->load_verify_file(certificate);
        // Known below as our own; a client is never asked for it.
        context->use_certificate_chain_file(certificate);
        auto* store = SSL_CTX_get_cert_store(context->native_handle());
        X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    }
    context->set_verify_mode(ssl::verify_peer);
    return context;
}

void expect_peer(ssl::stream<boost::asio::ip::tcp::socket>& stream, const std::string& host) {
    SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
    const X509* own = SSL_CTX_get0_certificate(SSL_get_SSL_CTX(stream.native_handle()));
    stream.set_verify_callback([host, own](bool preverified, ssl::verify_context& check) {
        const X509* leaf = X509_STORE_CTX_get0_cert(check.native_handle());
        if (preverified && own != nullptr && X509_cmp(own, leaf) == 0) {
            return true;
        }
        return ssl::host_name_verification(host)(preverified, check);
    });
}

}  // namespace teamflow::gateway
