// A request that is made once more with nobody waiting for its answer, as to renew what a cache keeps.
//
// It has a copy of the request's head, an exchange and a unit of work of its own, under its route's deadline.
// It belongs to its loop's part of the server: a drain stops it.
#pragma once
#include <string>

#include <brio/http/exchange.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::http {

class ServerLoop;

/// Calls `call` with an exchange like this one, whose request it must be without a body; `call` leaves
/// an answer, which goes nowhere, or a pending call. False when the server has too many such calls
/// (ServerOptions::background_calls), is draining, or the exchange is itself one of them.
bool call_in_background(const Exchange& like, void (*call)(Exchange&));

class BackgroundCall : private runtime::Timer, private runtime::TurnHook {
public:
    BackgroundCall(ServerLoop& owner, const Exchange& like);
    ~BackgroundCall();

    void start(void (*call)(Exchange&));
    void stop(runtime::StopReason reason) { exchange_.work.stop(reason); }

private:
    friend class ServerLoop;
    friend bool call_in_background(const Exchange& like, void (*call)(Exchange&));
    void end();

    ServerLoop& owner_;
    BackgroundCall* next_ = nullptr;
    BackgroundCall* previous_ = nullptr;
    std::string bytes_;  // what the exchange's head views
    Exchange exchange_;
};

}  // namespace brio::http
