// One connection of a generator (connections.hpp): its socket, TLS if it has any, and the request under way.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <brio/base/buffer.hpp>
#include <brio/http/client_tls.hpp>
#include <brio/load/answer_reader.hpp>
#include <brio/load/connections.hpp>

namespace brio::load {

class Connection : runtime::Watch {
public:
    explicit Connection(Connections& owner);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { close(); }

    /// False when not even a socket could be had.
    bool open();
    void close() noexcept;
    /// Of one that is open and idle.
    void begin(Exchange& exchange);
    /// Lets go of the exchange, whose answer nobody waits for any more. Close it then.
    void abandon() noexcept { exchange_ = nullptr; }

    std::size_t idle_at = 0;  // where it is in Connections::idle_

private:
    friend class Connections;
    void ready(std::uint32_t events);
    bool finish_connecting();
    void read();
    bool take(std::string_view bytes);
    bool take_encrypted(std::string_view bytes);
    bool shake_hands();
    bool answer(std::string_view& bytes);
    void ended();
    void broke(Missing why);
    void write(std::string_view bytes);
    void put(std::string_view bytes);
    void put_tls_output();
    void flush();

    Connections& owner_;
    int fd_ = -1;
    bool is_connecting_ = false;
    bool is_shaking_hands_ = false;
    bool was_used_ = false;    // some answer came over it
    bool has_excess_ = false;  // bytes came that nobody asked for
    bool peer_has_ended_ = false;
    Exchange* exchange_ = nullptr;
    AnswerReader reader_;
    std::string unsent_;
    std::unique_ptr<http::ClientTlsSession> tls_;
    Buffer plain_;
    Buffer encrypted_;
};

}  // namespace brio::load
