#include <brio/redis/connection.hpp>

#include <sys/epoll.h>
#include <sys/un.h>

#include <cstring>
#include <system_error>

#include <brio/base/text.hpp>
#include <brio/runtime/connect.hpp>
#include <brio/runtime/within.hpp>

namespace brio::redis {
namespace {

runtime::Endpoint socket_endpoint(const std::string& path) {
    runtime::Endpoint endpoint;
    auto& local = reinterpret_cast<sockaddr_un&>(endpoint.storage);
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, path.c_str(), path.size() + 1);
    endpoint.size = sizeof local;
    return endpoint;
}

}  // namespace

Async<void> Connection::connect() {
    // A string of this frame's own: what it waits for may end with the connection.
    runtime::Resolution places = std::unexpected(std::string());
    if (!options_.address.path.empty()) {
        places = std::vector{socket_endpoint(options_.address.path)};
    } else {
        places = co_await resolver_.resolve(options_.address.host, options_.address.port);
    }
    if (!places) {
        co_return fail(places.error());
    }
    std::string trouble;
    for (const runtime::Endpoint& place : *places) {
        const auto most = options_.connect_timeout / static_cast<std::int64_t>(places->size());
        auto socket = co_await runtime::within(most, runtime::connect_to(place));
        if (socket && *socket) {
            co_return adopt(std::move(**socket));
        }
        trouble = socket ? std::generic_category().message(socket->error())
                         : concat({"no connection within ", duration_text(most)});
    }
    fail(std::move(trouble));
}

/// What is said first stands in front of everything else.
void Connection::greet() {
    const Address& address = options_.address;
    std::vector<Command> commands;
    if (!address.password.empty()) {
        commands.push_back(address.user.empty() ? Command("AUTH", address.password)
                                                : Command("AUTH", address.user, address.password));
    }
    if (address.database != 0) {
        commands.emplace_back("SELECT", address.database);
    }
    commands.emplace_back("CLIENT", "SETNAME", options_.name.empty() ? "brio" : options_.name);
    for (const Command& command : commands) {
        command.append_to(out_);
    }
    in_flight_.push_back({.call = nullptr,
                          .left = static_cast<std::uint32_t>(commands.size()),
                          .commands = 0,
                          .is_counted = false,
                          .sent = ticks(),
                          .since = loop_.now()});
}

void Connection::adopt(runtime::File socket) {
    if (state_ != State::connecting) {
        return;
    }
    socket_ = std::move(socket);
    state_ = State::greeting;
    loop_.add(*this, socket_.fd(), EPOLLIN);
    flush();
}

void Connection::take_greeting() {
    for (const Reply& reply : greeting_) {
        // Whoever may not give itself a name does without.
        if (reply.is_error() &&
            (&reply != &greeting_.back() || error_kind(reply.text()) != ErrorKind::no_permission)) {
            return fail(std::string(reply.text()));
        }
    }
    become_ready();
}

void Connection::become_ready() {
    state_ = State::ready;
    told_ = false;
    ready_at_ = loop_.now();
    patience_.cancel();
    greeting_.clear();
    if (shared_.metrics) {
        shared_.metrics->opened();
    }
    out_.append(held_.view());
    held_.reset();
    if (in_flight_.size() > 1) {  // the greeting is still the first
        in_flight_.front().since = in_flight_[1].since;
        watch_patience();
    }
    loop_.at_turn_end(*this);
}

void Connection::lose_patience() {
    if (state_ != State::ready) {
        return fail(concat({"no connection within ", duration_text(options_.connect_timeout)}));
    }
    if (in_flight_.empty()) {
        return;
    }
    const auto due = in_flight_.front().since + options_.patience;
    if (due > loop_.now()) {
        loop_.arm_at(patience_, due);
    } else {
        fail(concat({"a command had no answer for ", duration_text(options_.patience)}));
    }
}

}  // namespace brio::redis
