// Test-only: the RabbitMQ that all tests of a run share (tests/rabbitmq). It takes seconds to start, so each
// test forgets what others left in the queues that it uses.
#pragma once
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

#include <stdexcept>
#include <string>
#include <vector>

#include <brio/base/test_server.hpp>
#include <brio/tasks/amqp_url.hpp>

namespace brio::tasks::test {

inline const AmqpAddress& rabbit() {
    static const AmqpAddress address =
        *parse_amqp_url(brio::test::server_url("BRIO_TEST_RABBITMQ", "tests/rabbitmq/rabbit_server.py"));
    return address;
}

/// Deletes the queues, whoever still holds messages of them.
inline void delete_queues(const std::vector<std::string>& queues) {
    auto* const state = amqp_new_connection();
    auto* const socket = amqp_tcp_socket_new(state);
    const auto& address = rabbit();
    if (amqp_socket_open(socket, address.host.c_str(), address.port) != AMQP_STATUS_OK ||
        amqp_login(state, address.vhost.c_str(), 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN,
                   address.user.c_str(), address.password.c_str())
                .reply_type != AMQP_RESPONSE_NORMAL) {
        amqp_destroy_connection(state);
        throw std::runtime_error("RabbitMQ is away");
    }
    amqp_channel_open(state, 1);
    for (const std::string& each : queues) {
        amqp_queue_delete(state, 1, amqp_cstring_bytes(each.c_str()), 0, 0);
    }
    amqp_connection_close(state, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(state);
}

}  // namespace brio::tasks::test
