#include "infra/test_clock.hpp"

#ifdef TEAMFLOW_FAILPOINTS

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>

namespace teamflow::infra {

namespace {

namespace ipc = boost::interprocess;

static_assert(std::endian::native == std::endian::little);

class mapped_clock final : public clock {
public:
    explicit mapped_clock(const char* path)
        : region_(
              ipc::file_mapping(path, ipc::read_write), ipc::read_write, 0, sizeof(std::int64_t)
          ) {}

    [[nodiscard]] events::timestamp now() const override {
        const std::int64_t set = std::atomic_ref(*time_ms()).load();
        return set == 0 ? machine_.now() : events::timestamp(std::chrono::milliseconds(set));
    }

private:
    [[nodiscard]] std::int64_t* time_ms() const {
        return static_cast<std::int64_t*>(region_.get_address());
    }

    ipc::mapped_region region_;
    system_clock machine_;
};

}  // namespace

std::unique_ptr<clock> make_decision_clock() {
    const char* path = std::getenv("TEAMFLOW_TEST_CLOCK");
    if (path != nullptr) {
        return std::make_unique<mapped_clock>(path);
    }
    return std::make_unique<system_clock>();
}

}  // namespace teamflow::infra

#else

namespace teamflow::infra {

std::unique_ptr<clock> make_decision_clock() {
    return std::make_unique<system_clock>();
}

}  // namespace teamflow::infra

#endif
