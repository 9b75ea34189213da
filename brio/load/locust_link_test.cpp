#include <brio/load/locust_link.hpp>

#include <gtest/gtest.h>
#include <zmq.h>

namespace brio::load::locust {
namespace {

using namespace std::chrono_literals;

/// A master's socket, on a free port or on that of one before.
class Master {
public:
    explicit Master(const std::string& place = "tcp://127.0.0.1:*") {
        const int limit_ms = 10'000;
        const int linger_ms = 0;
        zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &limit_ms, sizeof(limit_ms));
        zmq_setsockopt(socket_, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
        EXPECT_EQ(zmq_bind(socket_, place.c_str()), 0);
    }
    ~Master() {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }
    Master(const Master&) = delete;
    Master& operator=(const Master&) = delete;

    std::string place() const {
        std::array<char, 100> text{};
        std::size_t size = text.size();
        zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, text.data(), &size);
        return text.data();
    }
    Link::Address address() const {
        const auto all = place();
        return {.port = static_cast<std::uint16_t>(std::stoi(all.substr(all.rfind(':') + 1)))};
    }
    std::string receive() {
        std::array<char, 1000> part{};
        const int size = zmq_recv(socket_, part.data(), part.size(), 0);
        return size < 0 ? "nothing came" : std::string(part.data(), static_cast<std::size_t>(size));
    }
    void send(std::string_view to, std::string_view frame) {
        zmq_send(socket_, to.data(), to.size(), ZMQ_SNDMORE);
        zmq_send(socket_, frame.data(), frame.size(), 0);
    }

private:
    void* context_ = zmq_ctx_new();
    void* socket_ = zmq_socket(context_, ZMQ_ROUTER);
};

template <typename Wanted>
bool comes(Link& link, std::string_view frame = {}) {
    for (int waits = 0; waits < 200; ++waits) {
        for (const auto& event : link.wait(100ms)) {
            if (const auto* wanted = std::get_if<Wanted>(&event)) {
                if constexpr (std::is_same_v<Wanted, Link::Frame>) {
                    return wanted->bytes == frame;
                }
                return true;
            }
        }
    }
    return false;
}

TEST(LocustLink, FramesGoBothWaysWithTheWorkersName) {
    Master master;
    Link link(master.address(), "worker_1");
    ASSERT_TRUE(comes<Link::Connected>(link));
    ASSERT_TRUE(link.send("hello"));
    EXPECT_EQ(master.receive(), "worker_1");
    EXPECT_EQ(master.receive(), "hello");
    master.send("worker_1", "welcome");
    EXPECT_TRUE(comes<Link::Frame>(link, "welcome"));
}

TEST(LocustLink, AMasterThatGoesAndComesIsNoticedBothTimes) {
    auto master = std::make_unique<Master>();
    const auto place = master->place();
    Link link(master->address(), "worker_1");
    ASSERT_TRUE(comes<Link::Connected>(link));
    master.reset();
    EXPECT_TRUE(comes<Link::Disconnected>(link));
    EXPECT_FALSE(link.send("nobody hears it"));
    master = std::make_unique<Master>(place);
    EXPECT_TRUE(comes<Link::Connected>(link));
    ASSERT_TRUE(link.send("hello"));
    EXPECT_EQ(master->receive(), "worker_1");
    EXPECT_EQ(master->receive(), "hello");
}

TEST(LocustLink, AnotherConnectionCanBeOpened) {
    Master master;
    Link link(master.address(), "worker_1");
    ASSERT_TRUE(comes<Link::Connected>(link));
    link.reopen();
    EXPECT_TRUE(comes<Link::Connected>(link));
}

TEST(LocustLink, AnAddressThatIsNoneIsRefusedWithIt) {
    try {
        const Link link({.host = "no host", .port = 1}, "worker_1");
        FAIL() << "it was taken";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("tcp://no host:1"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace brio::load::locust
