#include <brio/load/lead.hpp>

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <brio/load/follow_line.hpp>
#include <brio/runtime/resolve.hpp>

namespace brio::load::follow {
namespace {

using namespace std::chrono_literals;

/// A leader on a thread of its own; the test is those who follow.
class LeadTest : public ::testing::Test {
protected:
    ~LeadTest() override {
        is_interrupted = true;
        if (outcome.valid()) {
            outcome.wait();
        }
    }
    void begin(std::size_t followers, std::string secret = "") {
        with.followers = followers;
        with.secret = std::move(secret);
        with.address.port = 0;
        with.request = &request;
        with.say = [this](std::string_view text) {
            const std::lock_guard lock(mutex);
            said += std::string(text) + "\n";
            if (text.starts_with("waits for")) {
                port.set_value(
                    static_cast<std::uint16_t>(std::stoi(std::string(text.substr(text.rfind(':') + 1)))));
            }
        };
        options.rest = [this](std::chrono::nanoseconds) { return is_interrupted.load(); };
        options.look = [this](const Progress& progress) {
            looked += progress.since_last.total().answers;
            return true;
        };
        outcome = std::async(std::launch::async, [this] { return lead(plan, with, options); });
        its_port = port.get_future().get();
    }
    Line connected() const {
        const auto endpoint = runtime::numeric_endpoint("127.0.0.1", its_port).value().front();
        runtime::File socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&endpoint.storage), endpoint.size),
                  0);
        Line line(std::move(socket));
        line.trust();
        return line;
    }
    Line follower(std::string secret = "", std::string scenario = "") const {
        Line line = connected();
        EXPECT_TRUE(line.send(Hello{
            .version = version, .secret = std::move(secret), .scenario = std::move(scenario), .types = {}}));
        return line;
    }
    /// The next of that kind; the test fails when the connection ends before.
    template <class T>
    static T next(Line& line) {
        for (;;) {
            for (Message& message : line.receive()) {
                if (auto* found = std::get_if<T>(&message)) {
                    return std::move(*found);
                }
            }
            if (!line.problem().empty()) {
                throw std::runtime_error(line.problem());
            }
            wait_for({line.fd()}, 1s);
        }
    }
    static Record answers(int count) {
        Record record;
        const auto id = record.id_of("GET", "/");
        for (int i = 0; i < count; ++i) {
            record.answer({.id = id, .status = 200, .latency_ns = 1'000'000});
        }
        return record;
    }
    std::string all_said() {
        const std::lock_guard lock(mutex);
        return said;
    }

    const Plan plan{.target = "http://127.0.0.1:1/", .stages = {{.duration = 2s, .from = 9, .to = 9}}};
    const Request request;
    Lead with;
    RunOptions options;
    std::atomic<bool> is_interrupted = false;
    std::atomic<std::uint64_t> looked = 0;
    std::promise<std::uint16_t> port;
    std::uint16_t its_port = 0;
    std::future<Outcome> outcome;

private:
    std::mutex mutex;
    std::string said;
};

TEST(FollowLine, WhoHasNotGreetedIsReadAPieceAtATime) {
    int ends[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const runtime::File peer(ends[0]);
    Line line{runtime::File(ends[1])};
    const std::string frame = frame_of(GoOn());
    const std::size_t count = 100'000 / frame.size();
    std::string flood;
    for (std::size_t i = 0; i < count; ++i) {
        flood += frame;
    }
    ASSERT_EQ(::send(peer.fd(), flood.data(), flood.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(flood.size()));
    const auto first = line.receive().size();
    EXPECT_LE(first, 65'536 / frame.size());
    EXPECT_GT(first, 0U);
    line.trust();
    EXPECT_EQ(first + line.receive().size(), count);
}

TEST_F(LeadTest, HasAllBeginAndAddsUpWhatTheyCounted) {
    begin(2);
    auto one = follower();
    auto other = follower();
    const auto first = next<Begin>(one);
    const auto second = next<Begin>(other);
    EXPECT_EQ(first.share.of, 2U);
    EXPECT_EQ(first.share.number + second.share.number, 1U);
    EXPECT_EQ(first.plan.stages, plan.stages);
    EXPECT_TRUE(first.request);
    one.send(Counted{.at = 1s, .users = 4, .record = answers(3)});
    other.send(Counted{.at = 1s, .users = 5, .record = answers(4)});
    one.send(Ended{.counted = 2s, .most_users = 4, .record = answers(10)});
    one.finish();
    other.send(Ended{.counted = 2s, .most_users = 5, .record = answers(20)});
    other.finish();
    const auto got = outcome.get();
    EXPECT_EQ(got.record.total().answers, 30U);
    EXPECT_EQ(got.most_users, 9U);
    EXPECT_FALSE(got.was_interrupted);
    EXPECT_TRUE(got.lost.empty()) << got.lost.front();
}

TEST_F(LeadTest, WrongPeersAreRefusedAndItGoesOnWaiting) {
    begin(1, "open sesame");
    auto stranger = connected();
    EXPECT_EQ(::send(stranger.fd(), "GET / HTTP/1.1\r\n", 16, MSG_NOSIGNAL), 16);
    EXPECT_THROW(next<GoOn>(stranger), std::runtime_error);
    auto guesser = follower("open barley");
    EXPECT_NE(next<Refuse>(guesser).why.find("BRIO_LOAD_SECRET"), std::string::npos);
    auto other_program = follower("open sesame", "shop");
    EXPECT_NE(next<Refuse>(other_program).why.find("it has the scenario shop"), std::string::npos);
    auto older = connected();
    older.send(Hello{.version = version + 1});
    EXPECT_NE(next<Refuse>(older).why.find("version 2"), std::string::npos);
    auto early = connected();
    early.send(Counted{.at = 1s, .users = 1, .record = answers(1)});
    EXPECT_THROW(next<GoOn>(early), std::runtime_error);
    auto right = follower("open sesame");
    next<Begin>(right);
    auto late = follower("open sesame");
    EXPECT_NE(next<Refuse>(late).why.find("have come"), std::string::npos);
    right.send(Ended{.counted = 2s, .record = answers(1)});
    right.finish();
    EXPECT_EQ(outcome.get().record.total().answers, 1U);
    EXPECT_NE(all_said().find("was refused: sent a frame of"), std::string::npos) << all_said();
}

TEST_F(LeadTest, OneWhoBreaksOffIsLostAndTheOthersGoOn) {
    begin(2);
    auto one = follower();
    auto other = follower();
    next<Begin>(one);
    next<Begin>(other);
    {
        const Line gone = std::move(other);
        ::send(gone.fd(), "\xff\xff\xff\xff", 4, MSG_NOSIGNAL);
    }
    one.send(Ended{.counted = 2s, .record = answers(10)});
    one.finish();
    const auto got = outcome.get();
    EXPECT_EQ(got.record.total().answers, 10U);
    ASSERT_EQ(got.lost.size(), 1U);
    EXPECT_NE(all_said().find(got.lost.front()), std::string::npos);
}

TEST_F(LeadTest, InterruptedItStopsAllAndHasWhatTheyCounted) {
    begin(1);
    auto one = follower();
    next<Begin>(one);
    is_interrupted = true;
    next<Stop>(one);
    one.send(Ended{.counted = 1s, .was_interrupted = true, .record = answers(5)});
    one.finish();
    const auto got = outcome.get();
    EXPECT_TRUE(got.was_interrupted);
    EXPECT_TRUE(got.lost.empty());
    EXPECT_EQ(got.record.total().answers, 5U);
}

TEST_F(LeadTest, NobodyWhoCouldBeginIsAnError) {
    begin(1);
    auto one = follower();
    next<Begin>(one);
    one.send(Failed{"http://127.0.0.1:1: nobody accepts connections there"});
    EXPECT_THROW(outcome.get(), std::runtime_error);
}

TEST(Lead, TooFewConnectionsForAllThreadsAreRefusedAtOnce) {
    const Plan plan{.target = "http://h",
                    .stages = {{.duration = 1s, .from = 1, .to = 1}},
                    .connections = 3,
                    .threads = 2};
    EXPECT_THROW(lead(plan, {.followers = 2, .say = [](std::string_view) {}}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace brio::load::follow
