#include "gateway/forward/peer_client.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/forward/peer_connection.hpp"

namespace teamflow::gateway {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using clock = std::chrono::steady_clock;

namespace {

using connection_ptr = std::unique_ptr<peer_connection>;

struct unused_connection {
    connection_ptr connection;
    clock::time_point since;
};

struct waiting_request {
    clock::time_point until;
    /// True: it may open or take a connection now.
    std::move_only_function<void(bool)> resume;
};

/// What is known of one address.
struct peer {
    peer_place where;
    /// Requests that have a connection or are about to.
    std::size_t busy = 0;
    /// The newest last.
    std::vector<unused_connection> unused;
    std::deque<waiting_request> waiting;
};

using peer_ptr = std::shared_ptr<peer>;

peer_connection::request make_request(const peer_place& where, peer_request what) {
    peer_connection::request made(http::verb::post, what.target, 11);
    made.set(http::field::host, where.host + ':' + where.port);
    made.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : what.fields) {
        made.set(boost::beast::string_view(name.data(), name.size()), value);
    }
    made.body() = std::move(what.body);
    made.prepare_payload();
    return made;
}

std::unexpected<peer_failure> failed(bool was_sent, std::string why) {
    return std::unexpected(peer_failure{.was_sent = was_sent, .why = std::move(why)});
}

}  // namespace

/// Outlives the client for as long as a request is under way.
struct peer_client::shared : std::enable_shared_from_this<shared> {
    shared(
        asio::any_io_executor where, std::shared_ptr<asio::ssl::context> secure, const limits& how
    )
        : executor(std::move(where)), tls(std::move(secure)), bounds(how), timer(executor) {}

    /// One of the connections that an address may have at once.
    class slot {
    public:
        slot(shared& all, peer_ptr of) : all_(all), peer_(std::move(of)) {}

        ~slot() { all_.leave(*peer_); }

        slot(const slot&) = delete;
        slot& operator=(const slot&) = delete;

    private:
        shared& all_;
        peer_ptr peer_;
    };

    peer_ptr find(const std::string& address);
    task<bool> enter(peer_ptr of, clock::time_point until);
    void leave(peer& of);
    task<std::expected<connection_ptr, peer_failure>> connect(peer_ptr to, clock::time_point until);
    void watch(peer_connection& busy, clock::time_point until);
    void keep(peer& of, connection_ptr done);
    void schedule();
    void sweep();
    void sweep_used(clock::time_point now);
    void end();

    asio::any_io_executor executor;
    std::shared_ptr<asio::ssl::context> tls;
    limits bounds;
    asio::steady_timer timer;
    bool is_sweeping = false;
    bool has_ended = false;
    std::map<std::string, peer_ptr, std::less<>> peers;
    boost::intrusive::list<peer_connection, boost::intrusive::constant_time_size<false>> used;
};

peer_client::peer_client(
    asio::any_io_executor executor, std::shared_ptr<asio::ssl::context> tls, limits how
)
    : shared_(std::make_shared<shared>(std::move(executor), std::move(tls), how)) {}

peer_client::~peer_client() {
    shared_->end();
}

task<std::expected<peer_answer, peer_failure>> peer_client::post(
    std::string address, peer_request what, patience how
) {
    const auto self = shared_;
    const auto to = self->find(address);
    if (to == nullptr) {
        co_return failed(false, "no address of a process: " + address);
    }
    const bool may_begin = co_await self->enter(to, how.until);
    if (!may_begin) {
        co_return failed(false, "too many requests to " + address + " are under way");
    }
    const shared::slot held(*self, to);
    auto connected = co_await self->connect(to, how.until);
    if (!connected) {
        co_return failed(false, address + " cannot be reached: " + connected.error().why);
    }
    auto& connection = *connected;
    connection->is_worthwhile = std::move(how.is_worthwhile);
    const auto request = make_request(to->where, std::move(what));
    const auto unsent = co_await connection->write(request);
    if (unsent) {
        co_return failed(false, "the connection to " + address + " broke: " + unsent.message());
    }
    peer_connection::parser answer;
    answer.body_limit(self->bounds.answer_bytes);
    const auto unread = co_await connection->read(answer);
    if (unread) {
        co_return failed(true, address + " did not answer: " + unread.message());
    }
    const bool keeps = answer.get().keep_alive();
    peer_answer made{.status = answer.get().result_int(), .body = std::move(answer.get().body())};
    if (keeps) {
        self->keep(*to, std::move(connection));
    }
    co_return made;
}

peer_ptr peer_client::shared::find(const std::string& address) {
    const auto known = peers.find(address);
    if (known != peers.end()) {
        return known->second;
    }
    auto where = parse_place(address);
    if (!where || (where->is_tls && tls == nullptr)) {
        return nullptr;
    }
    auto made = std::make_shared<peer>();
    made->where = *std::move(where);
    peers.emplace(address, made);
    return made;
}

/// Takes one of the connections that the address may have; false when none got free in time.
task<bool> peer_client::shared::enter(peer_ptr of, clock::time_point until) {
    schedule();
    if (of->busy < bounds.connections) {
        ++of->busy;
        co_return true;
    }
    if (of->waiting.size() >= bounds.waiting) {
        co_return false;
    }
    const auto wait = [&of, until](auto handler) {
        of->waiting.push_back({until, std::move(handler)});
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(bool)>(
        wait, asio::use_awaitable
    );
}

/// The next in line takes the place over.
void peer_client::shared::leave(peer& of) {
    if (of.waiting.empty()) {
        --of.busy;
        return;
    }
    auto next = std::move(of.waiting.front());
    of.waiting.pop_front();
    asio::post(executor, [resume = std::move(next.resume)] mutable { resume(true); });
}

/// An open connection, watched over: one that nobody uses, or a new one.
task<std::expected<connection_ptr, peer_failure>> peer_client::shared::connect(
    peer_ptr to, clock::time_point until
) {
    while (!to->unused.empty()) {
        auto newest = std::move(to->unused.back().connection);
        to->unused.pop_back();
        if (!newest->is_over()) {
            watch(*newest, until);
            co_return newest;
        }
    }
    auto made = std::make_unique<peer_connection>(executor, to->where.is_tls ? tls.get() : nullptr);
    watch(*made, std::min(until, clock::now() + bounds.connect));
    const auto unreachable = co_await made->open(to->where);
    if (unreachable) {
        co_return failed(false, unreachable.message());
    }
    made->deadline = until;
    co_return made;
}

void peer_client::shared::watch(peer_connection& busy, clock::time_point until) {
    busy.deadline = until;
    used.push_back(busy);
}

void peer_client::shared::keep(peer& of, connection_ptr done) {
    done->unlink();
    done->is_worthwhile = nullptr;
    if (!has_ended) {
        of.unused.push_back({std::move(done), clock::now()});
    }
}

void peer_client::shared::schedule() {
    if (is_sweeping || has_ended) {
        return;
    }
    is_sweeping = true;
    timer.expires_after(bounds.sweep);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
        self->is_sweeping = false;
        if (!cancelled) {
            self->sweep();
        }
    });
}

void peer_client::shared::sweep_used(clock::time_point now) {
    for (auto next = used.begin(); next != used.end();) {
        auto& connection = *next++;
        if (connection.is_worthwhile && !connection.is_worthwhile()) {
            connection.is_worthwhile = nullptr;
            connection.deadline = std::min(connection.deadline, now + bounds.last_wait);
        }
        if (connection.deadline <= now) {
            connection.cut();
        }
    }
}

void peer_client::shared::sweep() {
    const auto now = clock::now();
    sweep_used(now);
    std::vector<waiting_request> late;
    for (const auto& [address, known] : peers) {
        std::erase_if(known->unused, [&](const unused_connection& unused) {
            return unused.since + bounds.idle <= now;
        });
        // All wait equally long, so the oldest one is the first to give up.
        while (!known->waiting.empty() && known->waiting.front().until <= now) {
            late.push_back(std::move(known->waiting.front()));
            known->waiting.pop_front();
        }
    }
    std::erase_if(peers, [](const auto& entry) {
        return entry.second->busy == 0 && entry.second->unused.empty();
    });
    for (auto& request : late) {
        request.resume(false);
    }
    if (!peers.empty()) {
        schedule();
    }
}

void peer_client::shared::end() {
    has_ended = true;
    timer.cancel();
    for (auto& connection : used) {
        connection.cut();
    }
    for (const auto& [address, known] : peers) {
        known->unused.clear();
    }
}

}  // namespace teamflow::gateway
