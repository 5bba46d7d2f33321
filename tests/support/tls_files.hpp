#pragma once
// A fresh key with its self-signed certificate, as files.

#include <filesystem>

namespace teamflow::tests {

/// Both files are gone at the end.
class tls_files {
public:
    /// Throws std::runtime_error when OpenSSL or the file system fails.
    tls_files();
    ~tls_files();
    tls_files(const tls_files&) = delete;
    tls_files& operator=(const tls_files&) = delete;

    [[nodiscard]] std::filesystem::path certificate() const { return directory_ / "cert.pem"; }

    [[nodiscard]] std::filesystem::path key() const { return directory_ / "key.pem"; }

private:
    std::filesystem::path directory_;
};

}  // namespace teamflow::tests
