#include <brio/load/follow.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <expected>
#include <optional>
#include <stdexcept>
#include <utility>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/load/follow_line.hpp>
#include <brio/load/run.hpp>
#include <brio/load/url_user.hpp>
#include <brio/runtime/resolve.hpp>

namespace brio::load::follow {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds looks_every = 50ms;
constexpr nanoseconds tries_every = 500ms;

/// A connection to the leader, or why there is none.
std::expected<runtime::File, std::string> connect(const WebAddress& leader) {
    const auto found = runtime::look_up(leader.host, leader.port);
    if (!found) {
        return std::unexpected(found.error());
    }
    int failure = 0;
    for (const runtime::Endpoint& endpoint : *found) {
        runtime::File socket(::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const timeval patience{.tv_sec = 5, .tv_usec = 0};
        ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&endpoint.storage), endpoint.size) ==
            0) {
            return socket;
        }
        failure = errno;
    }
    return std::unexpected(std::strerror(failure));
}

class Follower {
public:
    explicit Follower(const Follow& with) : with_(with) {}

    Followed whole() {
        if (!find_leader() || !greet()) {
            return {};
        }
        auto begin = await_begin();
        return begin ? carry_out(*begin) : Followed();
    }

private:
    bool find_leader() {
        const auto until = monotonic_now() + Follow::longest_wait;
        const std::string where = concat({with_.leader.host, ":", integer_text(with_.leader.port)});
        for (bool is_first = true;; is_first = false) {
            auto socket = connect(with_.leader);
            if (socket) {
                line_.emplace(std::move(*socket));
                line_->trust();
                return true;
            }
            if (is_first) {
                with_.say(concat({"waits for the leader at ", where, ": ", socket.error()}));
            }
            if (monotonic_now() > until) {
                with_.say(concat({"no leader has come at ", where, ": is `load --lead` running there?"}));
                return false;
            }
            if (with_.rest(tries_every)) {
                return false;
            }
        }
    }

    bool greet() {
        Hello hello{.version = version, .secret = with_.secret, .scenario = {}, .types = {}};
        if (with_.scenario != nullptr) {
            hello.scenario = with_.scenario->name;
            for (const UserType& each : with_.scenario->types) {
                hello.types.push_back(each.name);
            }
        }
        heard_ = monotonic_now();
        return line_->send(hello);
    }

    // False: nothing more is to be expected of the leader, and why was said.
    bool is_led() {
        for (Message& message : line_->receive()) {
            heard_ = monotonic_now();
            if (auto* refuse = std::get_if<Refuse>(&message)) {
                with_.say(concat({"the leader refuses this follower: ", refuse->why}));
                is_gone_ = true;
            } else if (std::holds_alternative<Stop>(message)) {
                is_stopped_ = true;
            } else if (auto* begin = std::get_if<Begin>(&message)) {
                begin_ = std::move(*begin);
            }
        }
        if (is_gone_) {
            return false;
        }
        if (!line_->problem().empty()) {
            is_gone_ = true;
            with_.say(concat({"the leader is gone: ", line_->problem()}));
        } else if (monotonic_now() - heard_ > Line::longest_silence) {
            is_gone_ = true;
            with_.say("the leader is gone: it is silent");
        }
        return !is_gone_;
    }

    std::optional<Begin> await_begin() {
        while (!begin_) {
            wait_for({line_->fd()}, looks_every);
            if (!is_led() || with_.rest(0ns)) {
                return std::nullopt;
            }
        }
        return std::exchange(begin_, std::nullopt);
    }

    Followed carry_out(Begin& begin) {
        RunOptions options;
        options.engine = {.certificates = with_.certificates, .share = begin.share};
        options.look = [this](const Progress& progress) {
            Counted counted{.at = progress.at, .users = progress.users, .record = {}};
            counted.record.merge(progress.since_last);
            line_->send(std::move(counted));
            return is_to_go_on();
        };
        options.rest = [this](nanoseconds time) { return rest(time); };
        try {
            const Scenario scenario = scenario_of(begin);
            with_.say(concat({"begins: share ", integer_text(begin.share.number + 1), " of ",
                              integer_text(begin.share.of), " of the load on ", begin.plan.shown_target()}));
            Outcome outcome = run(begin.plan, scenario, options);
            return tell(std::move(outcome));
        } catch (const std::exception& error) {
            with_.say(error.what());
            line_->send(Failed{error.what()});
            line_->finish();
            return {};
        }
    }

    Scenario scenario_of(const Begin& begin) const {
        if (with_.scenario != nullptr) {
            return *with_.scenario;
        }
        const auto origin = Origin::of(begin.plan.target);
        if (!origin) {
            throw std::invalid_argument(origin.error());
        }
        const Request plain;
        return url_scenario(*origin, begin.request ? *begin.request : plain, begin.wait);
    }

    bool is_to_go_on() { return is_led() && !is_stopped_; }

    bool rest(nanoseconds time) {
        const auto until = monotonic_now() + time;
        for (;;) {
            if (!is_to_go_on() || with_.rest(0ns)) {
                return true;
            }
            const auto left = until - monotonic_now();
            if (left <= 0ns) {
                return false;
            }
            wait_for({line_->fd()}, std::min<nanoseconds>(left, looks_every));
        }
    }

    Followed tell(Outcome outcome) {
        const auto requests = outcome.record.total().requests();
        Ended ended{.counted = outcome.counted,
                    .cpu = outcome.cpu,
                    .most_users = outcome.most_users,
                    .was_interrupted = outcome.was_interrupted,
                    .record = std::move(outcome.record)};
        const bool is_told = !is_gone_ && line_->send(std::move(ended));
        if (is_told) {
            line_->finish();
        }
        return {.requests = requests, .is_well = is_told};
    }

    const Follow& with_;
    std::optional<Line> line_;
    std::optional<Begin> begin_;
    nanoseconds heard_{};
    bool is_stopped_ = false;
    bool is_gone_ = false;
};

}  // namespace

Followed follow(const Follow& with) { return Follower(with).whole(); }

}  // namespace brio::load::follow
