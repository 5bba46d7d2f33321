#include "app/prove.hpp"

#include <cerrno>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "generation/embedded_files.hpp"

namespace teamflow::app {

namespace {

std::vector<std::string> command_of(const prove_arguments& with) {
    const auto program = generation::proof_files::files().front().content;
    std::vector<std::string> words{"python3", "-c", std::string(program), with.directory.string()};
    const auto option = [&](const char* name, const auto& value) {
        if (value) {
            words.emplace_back(name);
            words.push_back(std::filesystem::path(*value).string());
        }
    };
    option("--json", with.report);
    option("--environment", with.environment);
    option("--python", with.python);
    if (with.quick) {
        words.emplace_back("--quick");
    }
    return words;
}

}  // namespace

int run_prove(const prove_arguments& with) {
    auto words = command_of(with);
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (auto& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    // In place of this program, so that signals reach the one that has something to put away.
    ::execvp(pointers.front(), pointers.data());
    throw std::system_error(errno, std::generic_category(), "cannot run python3");
}

}  // namespace teamflow::app
