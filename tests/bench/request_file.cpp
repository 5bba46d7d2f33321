#include "tests/bench/request_file.hpp"

#include <cstdint>
#include <fstream>
#include <stdexcept>

namespace teamflow::bench {

std::vector<std::string> read_requests(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<std::string> requests;
    std::string line;
    while (std::getline(in, line)) {
        std::string request(std::stoul(line), '\0');
        in.read(request.data(), static_cast<std::streamsize>(request.size()));
        if (!in) {
            throw std::runtime_error(file + " ends within a request");
        }
        requests.push_back(std::move(request));
    }
    if (requests.empty()) {
        throw std::runtime_error(file + " has no requests");
    }
    return requests;
}

std::chrono::milliseconds milliseconds_of(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace teamflow::bench
