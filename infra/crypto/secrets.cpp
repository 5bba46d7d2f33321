#include "infra/crypto/secrets.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"

namespace teamflow::infra {

namespace {

namespace fs = std::filesystem;
using events::json::problems;

constexpr std::size_t max_file_bytes = 4096;

[[noreturn]] void fail(const fs::path& file, const char* what) {
    throw std::system_error(
        errno, std::generic_category(), fmt::format("{}: {}", file.native(), what)
    );
}

class descriptor {
public:
    descriptor(const fs::path& file, int flags)
        : number_(::open(file.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}

    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;

    ~descriptor() {
        if (is_open()) {
            ::close(number_);
        }
    }

    [[nodiscard]] bool is_open() const { return number_ >= 0; }

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

secrets parse_file(const fs::path& file, std::string_view text) {
    const auto document = events::json::parse(text);
    const auto texts = document ? events::json::read<secret_texts>(*document)
                                : std::unexpected(problems{{"", "malformed_json", "is no JSON"}});
    auto found = texts ? read_secrets(*texts) : std::unexpected(texts.error());
    if (!found) {
        const auto& first = found.error().front();
        throw std::runtime_error(fmt::format("{}: {} {}", file.native(), first.field, first.message)
        );
    }
    return *std::move(found);
}

secrets load(const fs::path& file, const descriptor& in) {
    struct stat status{};
    if (::fstat(in.number(), &status) != 0) {
        fail(file, "cannot be examined");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw std::runtime_error(fmt::format("{}: others may read it; chmod 600", file.native()));
    }
    std::string text(max_file_bytes, '\0');
    const ssize_t size = ::read(in.number(), text.data(), text.size());
    if (size < 0) {
        fail(file, "cannot be read");
    }
    text.resize(static_cast<std::size_t>(size));
    return parse_file(file, text);
}

/// Durable before anything is encrypted with it: a lost master key loses the data.
void write_durably(const fs::path& file, std::string_view text) {
    const descriptor out(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    const bool written =
        out.is_open() && ::fchmod(out.number(), S_IRUSR | S_IWUSR) == 0 &&
        ::write(out.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(out.number()) == 0;
    if (!written) {
        fail(file, "cannot be written");
    }
}

secrets create(const fs::path& file, random_source& random) {
    secrets made = secrets::make(random);
    const std::string text = events::json::to_json(secret_texts{
        .master_key = made.master_key.to_text(),
        .email_key = made.email_key.to_text(),
        .jwt_secret = made.jwt_secret.to_text(),
        .internal_secret = made.internal_secret.to_text(),
    });
    const fs::path unfinished = file.native() + ".new";
    write_durably(unfinished, text);
    fs::rename(unfinished, file);
    const descriptor directory(file.parent_path(), O_RDONLY | O_DIRECTORY);
    if (!directory.is_open() || ::fsync(directory.number()) != 0) {
        fail(file.parent_path(), "cannot be synced");
    }
    return made;
}

}  // namespace

secrets secrets::make(random_source& random) {
    return {
        .master_key = secret_key::make(random),
        .email_key = secret_key::make(random),
        .jwt_secret = secret_key::make(random),
        .internal_secret = secret_key::make(random),
    };
}

std::expected<secrets, problems> read_secrets(const secret_texts& texts) {
    problems wrong;
    const auto read = [&](const char* name, const std::string& text) {
        auto key = secret_key::from_text(text);
        if (!key) {
            wrong.push_back({name, "not_a_key", "must be 32 bytes in base64"});
        }
        return key;
    };
    const auto master_key = read("master_key", texts.master_key);
    const auto email_key = read("email_key", texts.email_key);
    const auto jwt_secret = read("jwt_secret", texts.jwt_secret);
    const auto internal_secret = read("internal_secret", texts.internal_secret);
    if (!master_key || !email_key || !jwt_secret || !internal_secret) {
        return std::unexpected(std::move(wrong));
    }
    return secrets{*master_key, *email_key, *jwt_secret, *internal_secret};
}

secrets load_or_create_secrets(const fs::path& directory, random_source& random) {
    const fs::path file = directory / "secrets.json";
    const descriptor in(file, O_RDONLY | O_NOFOLLOW);
    if (in.is_open()) {
        return load(file, in);
    }
    if (errno != ENOENT) {
        fail(file, "cannot be opened");
    }
    return create(file, random);
}

}  // namespace teamflow::infra
