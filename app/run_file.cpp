#include "app/run_file.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"

namespace teamflow::app {

run_file::run_file(const std::filesystem::path& directory, const run_info& content)
    : path_(directory / "run.json") {
    const auto fresh = directory / "run.json.new";
    std::ofstream out(fresh);
    out << events::json::to_json(content) << '\n';
    out.close();
    if (!out) {
        throw std::runtime_error(fresh.string() + " cannot be written");
    }
    std::filesystem::rename(fresh, path_);
}

run_file::~run_file() {
    std::error_code gone;
    std::filesystem::remove(path_, gone);
}

std::optional<run_info> read_run_file(const std::filesystem::path& directory) {
    const std::ifstream in(directory / "run.json");
    if (!in) {
        return std::nullopt;
    }
    std::ostringstream text;
    text << in.rdbuf();
    const auto value = events::json::parse(text.str());
    const auto content =
        value ? events::json::read<run_info>(*value) : std::unexpected(events::json::problems{});
    return content ? std::optional(*content) : std::nullopt;
}

}  // namespace teamflow::app
