#pragma once
// Where the private PostgreSQL keeps its data and its socket, and where its programs are.

#include <filesystem>
#include <string>

#include "infra/postgres/server_process.hpp"

namespace teamflow::infra::postgres {

struct server_place {
    std::filesystem::path data;
    std::filesystem::path log;
    std::filesystem::path socket_directory;
};

/// `directory` must exist. Data lie in `directory`/postgres if the account can reach it, else
/// under /var/lib/teamflow by a hash of `directory`. Creates what stands above them.
/// Errors: std::runtime_error.
server_place choose_place(const std::filesystem::path& directory, const server_account& account);

/// Creates the socket directory, for the account alone: whoever reaches the socket is let in.
/// Errors: std::runtime_error, also if someone else owns a directory of that name.
void make_socket_directory(const std::filesystem::path& directory, const server_account& account);

/// The folder of `postgres` and `initdb`: of the major version that made `data`, or the newest.
/// Errors: std::runtime_error that names what is missing.
std::filesystem::path find_programs(const std::filesystem::path& data);

/// An exclusive lock that ends with the process, however it ends.
class directory_lock {
public:
    /// Errors: std::runtime_error that names the process that has it.
    explicit directory_lock(const std::filesystem::path& file);
    ~directory_lock();
    directory_lock(const directory_lock&) = delete;
    directory_lock& operator=(const directory_lock&) = delete;

private:
    int descriptor_;
};

}  // namespace teamflow::infra::postgres
