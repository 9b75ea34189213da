#include <brio/load/lead.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/load/follow_line.hpp>
#include <brio/load/followers.hpp>
#include <brio/runtime/resolve.hpp>
#include <brio/runtime/socket.hpp>

namespace brio::load::follow {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr std::size_t most_strangers = 64;  // connections that have not greeted, at a time
constexpr std::size_t most_said = 20;       // of those who were refused; all are counted
constexpr nanoseconds greets_within = 5s;
constexpr nanoseconds heartbeat_every = 1s;
constexpr nanoseconds looks_every = 50ms;

struct Peer {
    Peer(runtime::File socket, std::string its_address)
        : line(std::move(socket)),
          address(std::move(its_address)) {}

    Line line;
    const std::string address;
    nanoseconds heard = monotonic_now();
    bool is_follower = false;
    std::optional<std::size_t> number;  // once the run has begun
    bool is_over = false;
};

std::string address_of(int socket) {
    runtime::Endpoint endpoint;
    endpoint.size = sizeof endpoint.storage;
    const bool is_known =
        ::getpeername(socket, reinterpret_cast<sockaddr*>(&endpoint.storage), &endpoint.size) == 0;
    return is_known ? runtime::text_of(endpoint) : "somebody";
}

std::string kind_of(std::string_view scenario, const std::vector<std::string>& types) {
    if (scenario.empty()) {
        return "no scenario";
    }
    std::string text = concat({"the scenario ", scenario, " ("});
    for (std::size_t i = 0; i < types.size(); ++i) {
        text += concat({i == 0 ? "" : ", ", types[i]});
    }
    return text + ")";
}

// In a time that tells nothing of where they differ.
bool are_equal(std::string_view a, std::string_view b) noexcept {
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    }
    return difference == 0;
}

class Leader {
public:
    Leader(const Plan& plan, const Lead& with, const RunOptions& options)
        : plan_(plan),
          with_(with),
          options_(options),
          listener_(runtime::listen_alone({with.address.host, with.address.port})) {
        if (with_.scenario != nullptr) {
            scenario_ = with_.scenario->name;
            for (const UserType& each : with_.scenario->types) {
                types_.push_back(each.name);
            }
        }
    }

    Outcome whole() {
        const bool is_v6 = with_.address.host.contains(':');
        with_.say(
            concat({"waits for ", integer_text(with_.followers),
                    " to make the load: start them with --follow ", is_v6 ? "[" : "", with_.address.host,
                    is_v6 ? "]" : "", ":", integer_text(runtime::port_of(listener_))}));
        while (count() < with_.followers) {
            turn();
            if (options_.rest(0ns)) {
                throw std::runtime_error(concat({"ended before all had come: ", integer_text(count()), " of ",
                                                 integer_text(with_.followers), " were there"}));
            }
        }
        begin();
        while (!followers_->are_over()) {
            turn();
            look();
            if (options_.rest(0ns)) {
                stop();
            }
        }
        if (refused_ > most_said) {
            with_.say(concat({integer_text(refused_), " in all were refused"}));
        }
        return finish();
    }

private:
    std::size_t count() const noexcept {
        return static_cast<std::size_t>(
            std::ranges::count_if(peers_, [](const auto& peer) { return peer->is_follower; }));
    }

    void turn() {
        std::vector<int> fds{listener_.fd()};
        for (const auto& peer : peers_) {
            fds.push_back(peer->line.fd());
        }
        wait_for(fds, looks_every);
        accept();
        const bool is_beat = monotonic_now() >= next_heartbeat_;
        for (const auto& peer : peers_) {
            if (is_beat && peer->is_follower) {
                peer->line.send(GoOn());
            }
            listen(*peer);
        }
        next_heartbeat_ = is_beat ? monotonic_now() + heartbeat_every : next_heartbeat_;
        std::erase_if(peers_, [](const auto& peer) { return peer->is_over; });
    }

    void accept() {
        const auto strangers = peers_.size() - count();
        for (auto room = most_strangers - std::min(strangers, most_strangers); room > 0; --room) {
            auto socket = runtime::accept_from(listener_.fd());
            if (!socket) {
                return;
            }
            const std::string address = address_of(socket.fd());
            peers_.push_back(std::make_unique<Peer>(std::move(socket), address));
        }
    }

    void listen(Peer& peer) {
        for (Message& message : peer.line.receive()) {
            if (!peer.is_over) {
                peer.heard = monotonic_now();
                take(peer, std::move(message));
            }
        }
        if (peer.is_over) {
            return;
        }
        const bool is_waiting = peer.is_follower && !peer.number;  // it has nothing to tell
        const auto silence = peer.is_follower ? Line::longest_silence + plan_.patience : greets_within;
        if (!peer.line.problem().empty()) {
            drop(peer, peer.line.problem());
        } else if (!is_waiting && monotonic_now() - peer.heard > silence) {
            drop(peer, "is silent");
        }
    }

    void take(Peer& peer, Message message) {
        if (auto* hello = std::get_if<Hello>(&message); hello != nullptr && !peer.is_follower) {
            greet(peer, *hello);
        } else if (auto* counted = std::get_if<Counted>(&message); counted != nullptr && peer.number) {
            followers_->counted(*peer.number, std::move(*counted));
        } else if (auto* ended = std::get_if<Ended>(&message); ended != nullptr && peer.number) {
            followers_->ended(*peer.number, std::move(*ended));
            say_lost();
            peer.is_over = true;
        } else if (auto* failed = std::get_if<Failed>(&message); failed != nullptr && peer.number) {
            drop(peer, failed->why);
        } else {
            drop(peer, "says what is not its turn to say");
        }
    }

    void greet(Peer& peer, const Hello& hello) {
        const std::string why = fault_of(hello);
        if (!why.empty()) {
            peer.line.send(Refuse{why});
            drop(peer, why);
            return;
        }
        peer.is_follower = true;
        peer.line.trust();
        peer.line.send(GoOn());
        with_.say(concat(
            {peer.address, " has come, ", integer_text(count()), " of ", integer_text(with_.followers)}));
    }

    std::string fault_of(const Hello& hello) const {
        if (hello.version != version) {
            return concat({"it speaks version ", integer_text(hello.version), " and the leader version ",
                           integer_text(version), ": take the same brio for both"});
        }
        if (!are_equal(hello.secret, with_.secret)) {
            return "it does not know the leader's secret: set BRIO_LOAD_SECRET to the same for both";
        }
        if (hello.scenario != scenario_ || hello.types != types_) {
            return concat({"it has ", kind_of(hello.scenario, hello.types), ", the leader ",
                           kind_of(scenario_, types_), ": start the same program for both"});
        }
        return count() < with_.followers ? "" : "all that the leader waited for have come";
    }

    void drop(Peer& peer, std::string_view why) {
        peer.is_over = true;
        if (peer.number) {
            followers_->lost(*peer.number, why);
            say_lost();
        } else if (++refused_ <= most_said) {
            with_.say(concat({peer.address, peer.is_follower ? " has gone: " : " was refused: ", why}));
        }
    }

    void say_lost() {
        for (; said_lost_ < followers_->lost().size(); ++said_lost_) {
            with_.say(followers_->lost()[said_lost_]);
        }
    }

    void begin() {
        std::vector<Peer*> chosen;
        std::vector<std::string> names;
        for (const auto& peer : peers_) {
            if (peer->is_follower) {
                peer->number = chosen.size();
                peer->heard = monotonic_now();
                chosen.push_back(peer.get());
                names.push_back(concat({"follower ", integer_text(chosen.size()), " (", peer->address, ")"}));
            }
        }
        followers_.emplace(std::move(names));
        for (Peer* peer : chosen) {
            Begin begin{.plan = plan_,
                        .share = {.number = *peer->number, .of = chosen.size()},
                        .request = {},
                        .wait = with_.wait};
            if (with_.request != nullptr) {
                auto& request = begin.request.emplace();
                request.method = with_.request->method;
                request.content_type = with_.request->content_type;
                request.body.append(with_.request->body.view());
                request.options = with_.request->options;
            }
            peer->line.send(std::move(begin));
        }
        with_.say("all have come, and begin");
    }

    void look() {
        while (auto look = followers_->next_look()) {
            if (!is_stopped_ && options_.look &&
                !options_.look({.at = look->at,
                                .since_last = look->since_last,
                                .so_far = followers_->so_far(),
                                .users = look->users})) {
                stop();
            }
        }
    }

    void stop() {
        if (std::exchange(is_stopped_, true)) {
            return;
        }
        followers_->stopped();
        for (const auto& peer : peers_) {
            if (peer->number) {
                peer->line.send(Stop());
            }
        }
    }

    Outcome finish() {
        Outcome outcome = followers_->outcome(plan_);
        outcome.was_interrupted = outcome.was_interrupted || is_stopped_;
        if (outcome.lost.size() == with_.followers && outcome.counted == 0ns) {
            throw std::runtime_error(concat({"nobody made load: ", outcome.lost.front()}));
        }
        return outcome;
    }

    const Plan& plan_;
    const Lead& with_;
    const RunOptions& options_;
    runtime::File listener_;
    std::string scenario_;
    std::vector<std::string> types_;
    std::vector<std::unique_ptr<Peer>> peers_;  // at most the followers and most_strangers
    std::optional<Followers> followers_;        // once the run has begun
    nanoseconds next_heartbeat_{};
    std::size_t refused_ = 0;
    std::size_t said_lost_ = 0;
    bool is_stopped_ = false;
};

}  // namespace

Outcome lead(const Plan& plan, const Lead& with, const RunOptions& options) {
    const auto threads = plan.threads * with.followers;
    if (plan.connections < threads) {
        throw std::invalid_argument(
            concat({"--connections ", integer_text(plan.connections), " are too few for ",
                    integer_text(threads), " threads in all: each needs one"}));
    }
    return Leader(plan, with, options).whole();
}

}  // namespace brio::load::follow
