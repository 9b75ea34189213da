#include <brio/tasks/amqp_connection.hpp>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/tasks/amqp_table.hpp>

namespace brio::tasks::amqp {
namespace {

constexpr amqp_channel_t publishing = 1;
constexpr amqp_channel_t getting = 2;
constexpr amqp_channel_t declaring = 5;  // closed by the server when a queue is not there
constexpr int frame_bytes = 131072;
constexpr std::size_t longest_short = 255;  // of AMQP's short texts

std::uint64_t next_number() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

timeval time_of(std::chrono::milliseconds time) noexcept {
    return {.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
}

/// The words of a reply that is none of those asked for.
std::string words_of(const amqp_rpc_reply_t& reply) {
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) {
        if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
            return std::string(
                text_of(static_cast<amqp_connection_close_t*>(reply.reply.decoded)->reply_text));
        }
        if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
            return std::string(text_of(static_cast<amqp_channel_close_t*>(reply.reply.decoded)->reply_text));
        }
        return "the server gave an answer that was not asked for";
    }
    return amqp_error_string2(reply.library_error);
}

Post post_of(const amqp_basic_properties_t& properties) {
    Post post{.content_type = "", .is_persistent = properties.delivery_mode == 2};
    if (properties._flags & AMQP_BASIC_HEADERS_FLAG) {
        post.headers = object_of(properties.headers);
    }
    const auto take = [&](amqp_flags_t flag, amqp_bytes_t from, std::string& to) {
        if (properties._flags & flag) {
            to = text_of(from);
        }
    };
    take(AMQP_BASIC_CONTENT_TYPE_FLAG, properties.content_type, post.content_type);
    take(AMQP_BASIC_CORRELATION_ID_FLAG, properties.correlation_id, post.correlation_id);
    take(AMQP_BASIC_REPLY_TO_FLAG, properties.reply_to, post.reply_to);
    post.priority = properties._flags & AMQP_BASIC_PRIORITY_FLAG ? properties.priority : 0;
    return post;
}

}  // namespace

struct Connection::Library {
    Library() : state(amqp_new_connection()) {}
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    ~Library() { amqp_destroy_connection(state); }
    amqp_connection_state_t state;
};

/// A message of which frames are still to come.
struct Connection::Partial {
    amqp_method_number_t kind = 0;
    Delivery delivery;
    std::uint64_t missing = 0;
    bool has_properties = false;
};

Connection::Connection(const ConnectionOptions& options)
    : options_(options),
      number_(next_number()),
      library_(std::make_unique<Library>()) {
    auto* const state = library_->state;
    auto* const socket = amqp_tcp_socket_new(state);
    auto time = time_of(options_.timeout);
    const auto& address = options_.address;
    amqp_set_handshake_timeout(state, &time);
    if (socket == nullptr ||
        amqp_socket_open_noblock(socket, address.host.c_str(), address.port, &time) != AMQP_STATUS_OK) {
        throw Failure(concat({"RabbitMQ at ", address.text(), " cannot be reached"}));
    }
    amqp_set_rpc_timeout(state, &time);
    // A peer that takes nothing more ends the connection, instead of this thread's waiting for ever.
    const int patience = static_cast<int>(options_.timeout.count());
    ::setsockopt(descriptor(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
    amqp_pool_t pool;
    init_amqp_pool(&pool, 4096);
    const auto properties =
        table_of(concat({R"({"connection_name":")", options_.name,
                         R"(","product":"brio","capabilities":{"connection.blocked":true,)",
                         R"("consumer_cancel_notify":true,"authentication_failure_close":true}})"}),
                 pool);
    const auto reply = amqp_login_with_properties(
        state, address.vhost.c_str(), 0, frame_bytes, static_cast<int>(options_.heartbeat.count()),
        &properties, AMQP_SASL_METHOD_PLAIN, address.user.c_str(), address.password.c_str());
    empty_amqp_pool(&pool);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        throw Failure(concat(
            {"RabbitMQ at ", address.text(), " refuses the user ", address.user, ": ", words_of(reply)}));
    }
    for (const amqp_channel_t channel : {publishing, getting}) {
        open_channel(channel);
    }
    for (const auto& [purpose, consumed] : consumed_) {
        open_channel(static_cast<amqp_channel_t>(purpose));
        limit_channel(static_cast<amqp_channel_t>(purpose), consumed.most);
    }
    amqp_confirm_select(state, publishing);
    expect_well("publisher confirms");
}

Connection::~Connection() {
    auto time = time_of(std::chrono::milliseconds(500));
    amqp_set_rpc_timeout(library_->state, &time);
    amqp_connection_close(library_->state, AMQP_REPLY_SUCCESS);
}

int Connection::descriptor() const noexcept { return amqp_get_sockfd(library_->state); }

void Connection::expect_well(const std::string& what) {
    const auto reply = amqp_get_rpc_reply(library_->state);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        throw Failure(concat({"RabbitMQ does not answer as it should to ", what, ": ", words_of(reply)}));
    }
}

void Connection::check_sent(int status, const char* what) {
    if (status != AMQP_STATUS_OK) {
        throw Failure(concat({"RabbitMQ cannot be sent ", what, ": ", amqp_error_string2(status)}));
    }
}

void Connection::open_channel(std::uint16_t channel) {
    amqp_channel_open(library_->state, channel);
    expect_well("a channel");
}

// -- queues --

void Connection::declare(const std::string& queue) {
    // One that is there is taken as it is, whatever arguments it was made with.
    if (is_there(queue)) {
        return;
    }
    auto* const state = library_->state;
    open_channel(declaring);
    amqp_queue_declare(state, declaring, bytes_of(queue), 0, 1, 0, 0, amqp_empty_table);
    if (const auto words = refusal_of_queue(queue); !words.empty()) {
        throw Refused(concat({"RabbitMQ does not give the queue ", queue, ": ", words}));
    }
    options_.made(queue);
    amqp_channel_close(state, declaring, AMQP_REPLY_SUCCESS);
    declared_.insert(queue);
}

bool Connection::is_there(const std::string& queue) {
    if (declared_.contains(queue)) {
        return true;
    }
    auto* const state = library_->state;
    open_channel(declaring);
    amqp_queue_declare(state, declaring, bytes_of(queue), 1, 1, 0, 0, amqp_empty_table);
    if (!refusal_of_queue(queue).empty()) {
        return false;
    }
    amqp_channel_close(state, declaring, AMQP_REPLY_SUCCESS);
    declared_.insert(queue);
    return true;
}

/// The server's words where it has closed the channel for them; empty: it has agreed.
std::string Connection::refusal_of_queue(const std::string& queue) {
    auto* const state = library_->state;
    const auto reply = amqp_get_rpc_reply(state);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
        return "";
    }
    const std::string words = words_of(reply);
    if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION || reply.reply.id != AMQP_CHANNEL_CLOSE_METHOD) {
        throw Failure(concat(
            {"RabbitMQ does not answer as it should to the declaration of queue ", queue, ": ", words}));
    }
    amqp_channel_close_ok_t closed{};
    check_sent(amqp_send_method(state, declaring, AMQP_CHANNEL_CLOSE_OK_METHOD, &closed), "a close");
    return words.empty() ? "no reason" : words;
}

std::uint32_t Connection::count(const std::string& queue) {
    if (!is_there(queue)) {
        return 0;
    }
    const auto* const found =
        amqp_queue_declare(library_->state, getting, bytes_of(queue), 1, 1, 0, 0, amqp_empty_table);
    expect_well(concat({"the size of queue ", queue}));
    return found->message_count;
}

std::uint32_t Connection::purge(const std::string& queue) {
    if (!is_there(queue)) {
        return 0;
    }
    const auto* const purged = amqp_queue_purge(library_->state, getting, bytes_of(queue));
    expect_well(concat({"the purge of queue ", queue}));
    return purged->message_count;
}

// -- publishing --

void Connection::publish(const Post& post, Confirmations& into, std::size_t at) {
    if (post.makes_queue) {
        declare(post.queue);
    }
    amqp_pool_t pool;
    init_amqp_pool(&pool, 4096);
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG |
                        AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_PRIORITY_FLAG |
                        AMQP_BASIC_CORRELATION_ID_FLAG;
    properties.content_type = bytes_of(post.content_type);
    properties.content_encoding = bytes_of("utf-8");
    properties.headers = table_of(post.headers, pool);
    properties.delivery_mode = post.is_persistent ? 2 : 1;
    properties.priority = post.priority;
    properties.correlation_id = bytes_of(std::string_view(post.correlation_id).substr(0, longest_short));
    if (!post.reply_to.empty()) {
        properties._flags |= AMQP_BASIC_REPLY_TO_FLAG;
        properties.reply_to = bytes_of(post.reply_to);
    }
    const bool is_mandatory = true;
    const int status = amqp_basic_publish(library_->state, publishing, amqp_empty_bytes, bytes_of(post.queue),
                                          is_mandatory, 0, &properties, bytes_of(post.body));
    empty_amqp_pool(&pool);
    check_sent(status, "a message");
    unconfirmed_.sent({.into = into, .at = at, .queue = post.queue, .correlation_id = post.correlation_id});
}

/// Nobody has the queue any more.
void Connection::returned(const Post& post) {
    unconfirmed_.returned(post.queue, post.correlation_id);
    declared_.erase(post.queue);
}

// -- taking --

std::vector<Delivery> Connection::get(const std::string& queue, std::size_t most) {
    constexpr std::size_t most_at_once = 64;
    declare(queue);
    std::vector<Delivery> all;
    std::size_t wanted = std::min<std::size_t>(most, 1);  // its answer says how many there are
    while (wanted > 0) {
        amqp_basic_get_t ask{.ticket = 0, .queue = bytes_of(queue), .no_ack = 0};
        for (std::size_t i = 0; i < wanted; ++i) {
            check_sent(amqp_send_method(library_->state, getting, AMQP_BASIC_GET_METHOD, &ask), "a get");
        }
        got_.clear();
        empty_ = 0;
        left_.reset();
        const auto until = monotonic_now() + options_.timeout;
        while (got_.size() + empty_ < wanted) {
            if (!read_frame(std::chrono::milliseconds(100)) && monotonic_now() > until) {
                throw Failure("RabbitMQ does not answer");
            }
        }
        for (Delivery& each : got_) {
            each.post.queue = queue;
            all.push_back(std::move(each));
        }
        wanted = std::min({most - all.size(), std::size_t{left_.value_or(0)}, most_at_once});
    }
    amqp_maybe_release_buffers(library_->state);
    return all;
}

/// Of receipts of this connection.
void Connection::settled(const Receipt& receipt) {
    if (const auto found = consumed_.find(Purpose(receipt.channel)); found != consumed_.end()) {
        --found->second.unsettled;
    }
}

void Connection::acknowledge(const Receipt& receipt) {
    settled(receipt);
    check_sent(amqp_basic_ack(library_->state, receipt.channel, receipt.tag, 0), "an acknowledgement");
}

void Connection::give_back(const Receipt& receipt) {
    settled(receipt);
    check_sent(amqp_basic_reject(library_->state, receipt.channel, receipt.tag, 1), "a message back");
}

void Connection::finish_sending() {
    // Channels are processes of their own in the server: each is asked for something that changes nothing.
    limit_channel(getting, 0);
    limit_channel(static_cast<amqp_channel_t>(Purpose::wake), consumed_[Purpose::wake].most);
}

/// Of all consumers together; 0: no limit. Waits for the answer.
void Connection::limit_channel(std::uint16_t channel, std::uint16_t most) {
    amqp_basic_qos(library_->state, channel, 0, most, 1);
    expect_well("a prefetch count");
}

void Connection::set_most(Purpose purpose, std::size_t most) {
    const auto fitting = static_cast<std::uint16_t>(std::min<std::size_t>(most, UINT16_MAX));
    if (std::exchange(consumed_[purpose].most, fitting) != fitting) {
        limit_channel(static_cast<amqp_channel_t>(purpose), fitting);
    }
}

void Connection::consume(const std::string& queue, Purpose purpose) {
    declare(queue);
    amqp_basic_consume(library_->state, static_cast<amqp_channel_t>(purpose), bytes_of(queue),
                       bytes_of(queue), 0, 0, 0, amqp_empty_table);
    expect_well(concat({"a consumer of queue ", queue}));
}

void Connection::stop_consuming(const std::string& queue, Purpose purpose) {
    amqp_basic_cancel(library_->state, static_cast<amqp_channel_t>(purpose), bytes_of(queue));
    expect_well("the end of a consumer");
}

// -- frames --

std::vector<Delivery> Connection::pump() {
    while (read_frame(std::chrono::milliseconds(0))) {
    }
    amqp_maybe_release_buffers(library_->state);
    return std::exchange(delivered_, {});
}

/// False when there is none within that time.
bool Connection::read_frame(std::chrono::milliseconds most) {
    amqp_frame_t frame;
    auto time = time_of(most);
    const int status = amqp_simple_wait_frame_noblock(library_->state, &frame, &time);
    if (status == AMQP_STATUS_TIMEOUT) {
        return false;
    }
    if (status != AMQP_STATUS_OK) {
        throw Failure(concat({"the connection to RabbitMQ has ended: ", amqp_error_string2(status)}));
    }
    if (frame.frame_type == AMQP_FRAME_METHOD) {
        method_arrived(&frame);
        return true;
    }
    const auto found = partial_.find(frame.channel);
    if (found == partial_.end()) {
        return true;
    }
    Partial& partial = found->second;
    if (frame.frame_type == AMQP_FRAME_HEADER) {
        const std::string queue = std::move(partial.delivery.post.queue);
        partial.delivery.post =
            post_of(*static_cast<amqp_basic_properties_t*>(frame.payload.properties.decoded));
        partial.delivery.post.queue = queue;
        partial.missing = frame.payload.properties.body_size;
        partial.has_properties = true;
    } else if (frame.frame_type == AMQP_FRAME_BODY) {
        const auto bytes = text_of(frame.payload.body_fragment);
        partial.delivery.post.body += bytes;
        partial.missing -= std::min<std::uint64_t>(partial.missing, bytes.size());
    }
    if (partial.has_properties && partial.missing == 0) {
        content_arrived(frame.channel);
    }
    return true;
}

void Connection::content_arrived(std::uint16_t channel) {
    Partial whole = std::move(partial_[channel]);
    partial_.erase(channel);
    switch (whole.kind) {
        case AMQP_BASIC_GET_OK_METHOD: got_.push_back(std::move(whole.delivery)); break;
        case AMQP_BASIC_DELIVER_METHOD:
            ++consumed_[Purpose(channel)].unsettled;
            delivered_.push_back(std::move(whole.delivery));
            break;
        default: returned(whole.delivery.post); break;
    }
}

void Connection::method_arrived(void* arrived) {
    const auto& frame = *static_cast<amqp_frame_t*>(arrived);
    void* const decoded = frame.payload.method.decoded;
    const auto begin = [&](std::uint64_t tag, bool is_again, std::string_view queue) {
        Partial& partial = partial_[frame.channel];
        partial.kind = frame.payload.method.id;
        partial.delivery.receipt = {number_, frame.channel, tag};
        partial.delivery.is_again = is_again;
        partial.delivery.post.queue = queue;
    };
    switch (frame.payload.method.id) {
        case AMQP_BASIC_ACK_METHOD: {
            const auto& ack = *static_cast<amqp_basic_ack_t*>(decoded);
            unconfirmed_.confirmed(ack.delivery_tag, ack.multiple != 0, true);
            break;
        }
        case AMQP_BASIC_NACK_METHOD: {
            const auto& nack = *static_cast<amqp_basic_nack_t*>(decoded);
            unconfirmed_.confirmed(nack.delivery_tag, nack.multiple != 0, false);
            break;
        }
        case AMQP_BASIC_RETURN_METHOD:
            begin(0, false, text_of(static_cast<amqp_basic_return_t*>(decoded)->routing_key));
            break;
        case AMQP_BASIC_GET_OK_METHOD: {
            const auto& got = *static_cast<amqp_basic_get_ok_t*>(decoded);
            left_ = got.message_count;
            begin(got.delivery_tag, got.redelivered != 0, "");
            break;
        }
        case AMQP_BASIC_GET_EMPTY_METHOD:
            ++empty_;
            left_ = 0;
            break;
        case AMQP_BASIC_DELIVER_METHOD: {
            const auto& given = *static_cast<amqp_basic_deliver_t*>(decoded);
            // Consumers are named for their queues; a routing key may be another word.
            begin(given.delivery_tag, given.redelivered != 0, text_of(given.consumer_tag));
            break;
        }
        case AMQP_CONNECTION_BLOCKED_METHOD: is_blocked_ = true; break;
        case AMQP_CONNECTION_UNBLOCKED_METHOD: is_blocked_ = false; break;
        case AMQP_BASIC_CANCEL_METHOD: throw Failure("RabbitMQ has ended a consumer: its queue is gone");
        case AMQP_CHANNEL_CLOSE_METHOD:
            throw Failure(concat({"RabbitMQ has closed a channel: ",
                                  text_of(static_cast<amqp_channel_close_t*>(decoded)->reply_text)}));
        case AMQP_CONNECTION_CLOSE_METHOD:
            throw Failure(concat({"RabbitMQ has closed the connection: ",
                                  text_of(static_cast<amqp_connection_close_t*>(decoded)->reply_text)}));
        default: break;
    }
}

}  // namespace brio::tasks::amqp
