// A blocking HTTP/1.1 client connection over TCP, for tests against a real server.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <brio/runtime/file.hpp>
#include <brio/testing/answer.hpp>

namespace brio::testing {

class Connection {
public:
    /// To a port of this machine. Throws std::system_error when nobody listens.
    explicit Connection(std::uint16_t port, std::chrono::milliseconds patience = std::chrono::seconds(10));

    void send(std::string_view bytes);
    /// The next answer. Throws std::runtime_error when the connection ends or patience does before it is
    /// there.
    Answer receive(bool to_head = false);
    /// Nothing when the server closed or reset the connection before the first byte of an answer.
    std::optional<Answer> try_receive();
    Answer get(std::string_view target, const Headers& headers = {}) {
        send(request_text("GET", target, {}, headers));
        return receive();
    }

private:
    runtime::File socket_;
    std::string received_;
};

}  // namespace brio::testing
