#pragma once
// DIR/run.json: where a running `teamflow dev` is found by other commands and by tests.

#include <filesystem>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>

namespace teamflow::app {

struct run_info {
    int pid = 0;
    std::string url;
    std::string postgres_url;
};
BOOST_DESCRIBE_STRUCT(run_info, (), (pid, url, postgres_url))

/// Written whole or not at all; removed by the destructor.
class run_file {
public:
    run_file(const std::filesystem::path& directory, const run_info& content);
    ~run_file();
    run_file(const run_file&) = delete;
    run_file& operator=(const run_file&) = delete;

private:
    std::filesystem::path path_;
};

/// What the file of a directory says; nullopt without one.
std::optional<run_info> read_run_file(const std::filesystem::path& directory);

}  // namespace teamflow::app
