#include "tests/bench/load_generator.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace teamflow::bench {

namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// A file descriptor that is closed at the end.
class descriptor {
public:
    explicit descriptor(int value) : value_(value) {}

    descriptor(descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

    descriptor& operator=(descriptor&&) = delete;

    ~descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }

    [[nodiscard]] int get() const { return value_; }

private:
    int value_;
};

descriptor connect_to(std::uint16_t port) {
    descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* generic = &address;
    if (::connect(socket.get(), static_cast<const sockaddr*>(generic), sizeof address) != 0) {
        fail("connect");
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

struct connection {
    descriptor socket;
    unsigned index;
    std::uint64_t sequence = 0;
    std::string request{};
    std::string answer{};
    clock::time_point sent{};
    /// When the next request is due, if there is a rate.
    clock::time_point due{};
    bool is_waiting = false;
};

/// The size of the answer at the front of `bytes`, head included; 0 while the head is not whole.
std::size_t answer_size(std::string_view bytes, std::size_t& head_size) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return 0;
    }
    head_size = end + 4;
    constexpr std::string_view name = "\r\nContent-Length: ";
    const auto field = bytes.substr(0, end).find(name);
    std::size_t length = 0;
    if (field != std::string_view::npos) {
        const auto* digits = bytes.data() + field + name.size();
        std::from_chars(digits, bytes.data() + end, length);
    }
    return head_size + length;
}

/// Between two requests of one connection.
clock::duration interval_of(const load_options& options) {
    if (options.rate <= 0) {
        return {};
    }
    const std::chrono::duration<double> seconds(options.connections / options.rate);
    return std::chrono::duration_cast<clock::duration>(seconds);
}

/// The connections of one thread.
class load_thread {
public:
    load_thread(
        const load_options& options, const request_factory& make, const answer_observer& see
    )
        : options_(options),
          make_(make),
          see_(see),
          interval_(interval_of(options)),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

    void add(unsigned index) {
        connections_.push_back(
            std::make_unique<connection>(connection{connect_to(options_.port), index})
        );
        epoll_event interest{};
        interest.events = EPOLLIN;
        interest.data.ptr = connections_.back().get();
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connections_.back()->socket.get(), &interest);
    }

    void run(clock::time_point begin, clock::time_point end) {
        begin_ = begin;
        end_ = end;
        const auto start = clock::now();
        for (const auto& each : connections_) {
            each->due = start + interval_ * each->index / options_.connections;
            send_when_due(*each);
        }
        std::array<epoll_event, 64> ready{};
        const int patience_ms = options_.rate > 0 ? 1 : 50;
        while (clock::now() < end && result_.broken < connections_.size()) {
            const int count = ::epoll_wait(epoll_.get(), ready.data(), ready.size(), patience_ms);
            for (int i = 0; i < count; ++i) {
                auto* from =
                    static_cast<connection*>(ready.at(static_cast<std::size_t>(i)).data.ptr);
                receive(*from);
            }
            send_due();
        }
    }

    [[nodiscard]] const load_result& result() const { return result_; }

private:
    void send_due() {
        if (options_.rate <= 0) {
            return;
        }
        for (const auto& each : connections_) {
            if (each->is_waiting) {
                send_when_due(*each);
            }
        }
    }

    void send_when_due(connection& to) {
        to.is_waiting = options_.rate > 0 && clock::now() < to.due;
        if (!to.is_waiting) {
            to.due += interval_;
            send_next(to);
        }
    }

    void send_next(connection& to) {
        to.request.clear();
        make_(to.request, to.index, to.sequence++);
        to.sent = clock::now();
        std::string_view rest = to.request;
        while (!rest.empty()) {
            const auto count = ::send(to.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (count < 0) {
                drop(to);
                return;
            }
            rest.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    void receive(connection& from) {
        const auto count = ::recv(from.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (count <= 0) {
            if (count == 0 || errno != EAGAIN) {
                drop(from);
            }
            return;
        }
        from.answer.append(buffer_.data(), static_cast<std::size_t>(count));
        std::size_t head_size = 0;
        const auto size = answer_size(from.answer, head_size);
        if (size == 0 || from.answer.size() < size) {
            return;
        }
        const auto now = clock::now();
        if (now >= begin_ && now < end_) {
            record(from, now, head_size);
        }
        from.answer.clear();
        send_when_due(from);
    }

    void record(const connection& from, clock::time_point now, std::size_t head_size) {
        unsigned status = 0;
        std::from_chars(from.answer.data() + 9, from.answer.data() + 12, status);
        ++result_.requests;
        ++result_.by_status[status];
        result_.latency.add(now - from.sent);
        if (see_) {
            see_(from.index, status, std::string_view(from.answer).substr(head_size));
        }
    }

    void drop(const connection& broken) {
        ++result_.broken;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, broken.socket.get(), nullptr);
    }

    const load_options& options_;
    const request_factory& make_;
    const answer_observer& see_;
    clock::duration interval_;
    descriptor epoll_;
    std::vector<std::unique_ptr<connection>> connections_;
    std::array<char, 64 * 1024> buffer_{};
    clock::time_point begin_;
    clock::time_point end_;
    load_result result_;
};

}  // namespace

void histogram::add(std::chrono::nanoseconds latency) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 1));
    const auto top = static_cast<unsigned>(std::bit_width(value)) - 1;
    const auto shift = top > sub_bits ? top - sub_bits : 0;
    const auto sub = (value >> shift) & ((1U << sub_bits) - 1);
    ++buckets_.at((static_cast<std::size_t>(top) << sub_bits) + sub);
    ++count_;
}

void histogram::add(const histogram& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        buckets_.at(i) += other.buckets_.at(i);
    }
    count_ += other.count_;
}

double histogram::percentile_us(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_.at(i);
        if (seen > wanted) {
            const auto top = static_cast<unsigned>(i >> sub_bits);
            const auto sub = i & ((1U << sub_bits) - 1);
            const auto shift = top > sub_bits ? top - sub_bits : 0;
            const auto value = top > sub_bits ? ((1ULL << sub_bits) | sub) << shift : sub;
            return static_cast<double>(value) / 1000.0;
        }
    }
    return 0;
}

std::uint64_t load_result::succeeded() const {
    std::uint64_t sum = 0;
    for (const auto& [status, count] : by_status) {
        sum += status >= 200 && status < 300 ? count : 0;
    }
    return sum;
}

load_result run_load(
    const load_options& options, const request_factory& make, const answer_observer& see
) {
    std::vector<std::unique_ptr<load_thread>> shares;
    shares.reserve(options.threads);
    for (unsigned i = 0; i < options.threads; ++i) {
        shares.push_back(std::make_unique<load_thread>(options, make, see));
    }
    for (unsigned i = 0; i < options.connections; ++i) {
        shares[i % options.threads]->add(i);
    }
    const auto begin = clock::now() + options.warm_up;
    const auto end = begin + options.measured;
    std::vector<std::jthread> threads;
    threads.reserve(shares.size());
    for (const auto& share : shares) {
        threads.emplace_back([&share, begin, end] { share->run(begin, end); });
    }
    threads.clear();
    load_result total;
    total.elapsed = options.measured;
    for (const auto& share : shares) {
        const auto& part = share->result();
        total.requests += part.requests;
        total.broken += part.broken;
        total.latency.add(part.latency);
        for (const auto& [status, count] : part.by_status) {
            total.by_status[status] += count;
        }
    }
    return total;
}

}  // namespace teamflow::bench
