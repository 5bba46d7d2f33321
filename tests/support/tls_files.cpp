#include "tests/support/tls_files.hpp"

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace teamflow::tests {

namespace {

struct free_openssl {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

    void operator()(X509* certificate) const { X509_free(certificate); }

    void operator()(BIO* file) const { BIO_free(file); }
};

void expect(bool holds) {
    if (!holds) {
        throw std::runtime_error("a certificate could not be made");
    }
}

std::unique_ptr<BIO, free_openssl> open_file(const std::filesystem::path& path) {
    std::unique_ptr<BIO, free_openssl> file(BIO_new_file(path.c_str(), "w"));
    expect(file != nullptr);
    return file;
}

}  // namespace

tls_files::tls_files() {
    std::string pattern = (std::filesystem::temp_directory_path() / "teamflow-tls-XXXXXX").string();
    expect(::mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
    const std::unique_ptr<EVP_PKEY, free_openssl> key(
        EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
    );
    const std::unique_ptr<X509, free_openssl> certificate(X509_new());
    expect(key != nullptr && certificate != nullptr);
    auto* made = certificate.get();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), 0);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key.get());
    const std::string name = "localhost";
    const void* bytes = name.data();
    auto* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(
        subject, "CN", MBSTRING_ASC, static_cast<const unsigned char*>(bytes), -1, -1, 0
    );
    X509_set_issuer_name(made, subject);
    expect(X509_sign(made, key.get(), EVP_sha256()) > 0);
    expect(PEM_write_bio_X509(open_file(this->certificate()).get(), made) == 1);
    const auto key_file = open_file(this->key());
    expect(
        PEM_write_bio_PrivateKey(
            key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr
        ) == 1
    );
}

tls_files::~tls_files() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

}  // namespace teamflow::tests
