#pragma once
// Commands on their way from the gateway that a client talks to, to the one that decides them.
//
// They travel as JSON (commands/writer/command_wire.hpp) to a route that no document names, signed
// with a key that only the processes of this instance have. The sender has authenticated the
// client and taken the request from its rate; that the actor may issue the command is decided by
// the writer, as always.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "commands/writer/command_router.hpp"
#include "gateway/forward/peer_client.hpp"
#include "gateway/http/handler.hpp"
#include "infra/crypto/hmac.hpp"
#include "infra/crypto/secret_key.hpp"

namespace teamflow::gateway {

inline constexpr std::string_view forwarded_path = "/internal/commands";

/// Signs forwarded commands. All processes of an instance have the same secret.
infra::hmac_sha256 make_forwarding_key(const infra::secret_key& internal_secret);

/// Of one I/O thread.
class forwarding final : public commands::remote_commands {
public:
    /// `key` must outlive this; see peer_client for the rest.
    forwarding(
        boost::asio::any_io_executor executor,
        const infra::hmac_sha256& key,
        std::shared_ptr<boost::asio::ssl::context> tls,
        peer_client::limits how = {}
    );

    task<std::variant<commands::command_outcome, commands::undelivered>> send(
        std::string address, commands::command_request request, commands::answer_patience patience
    ) override;

private:
    void tell_refusal(const std::string& address, unsigned status);

    const infra::hmac_sha256& key_;
    peer_client client_;
    /// Addresses whose refusal the log has told; until they take a command.
    std::set<std::string, std::less<>> refusing_;
};

/// Answers a forwarded command on the thread of `router`. A request that was not signed with `key`
/// gets the answer of a path that does not exist.
task<response> answer_forwarded(
    request& http, commands::command_router& router, const infra::hmac_sha256& key
);

}  // namespace teamflow::gateway
