// The raw limit of an answer that Redis keeps: epoll and hiredis, the GETs of one turn of the loop in one
// write to Redis; the value under a target is its whole answer and goes out as it is.
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <CLI/CLI.hpp>
#include <bench/common/core.hpp>
#include <bench/common/http_head.hpp>
#include <bench/raw/epoll_loop.hpp>
#include <bench/raw/redis_place.hpp>
#include <deque>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace {

using namespace bench;

class KeptAnswers {
public:
    using Loop = EpollLoop<KeptAnswers>;

    KeptAnswers(const RedisPlace& place, std::string prefix)
        : key_(std::move(prefix)),
          prefix_size_(key_.size()),
          redis_(redisConnect(place.host.c_str(), place.port)) {
        if (!redis_ || redis_->err != 0) {
            throw std::runtime_error(std::string("connecting to Redis: ") +
                                     (redis_ ? redis_->errstr : "out of memory"));
        }
        if (fcntl(redis_->fd, F_SETFL, O_NONBLOCK) != 0) {
            throw std::runtime_error("the connection to Redis stays blocking");
        }
        redis_->flags &= ~REDIS_BLOCK;
    }

    void watch_redis(Loop& loop) { loop.watch(EPOLL_CTL_ADD, redis_->fd, EPOLLIN, link_); }

    Step step(Connection& connection, std::string_view input, brio::Buffer& out) {
        const auto length = head_length(input);
        if (!length) {
            return {input.size() > 16384 ? Step::Outcome::refused : Step::Outcome::incomplete};
        }
        constexpr std::string_view method = "GET ";
        if (!input.starts_with(method)) {
            out.append("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n");
            return {Step::Outcome::refused, *length};
        }
        const std::string_view rest = input.substr(method.size());
        key_.resize(prefix_size_);
        key_.append(rest.substr(0, rest.find(' ')));
        redisAppendCommand(redis_.get(), "GET %b", key_.data(), key_.size());
        waiting_.push_back(&connection);
        has_unsent_ = true;
        return {Step::Outcome::parked, *length};
    }

    void end_of_turn(Loop&) {
        int done = 0;
        while (has_unsent_ && done == 0) {
            if (redisBufferWrite(redis_.get(), &done) != REDIS_OK) {
                throw std::runtime_error(redis_->errstr);
            }
        }
        has_unsent_ = false;
    }

    void on_ready(Watched&, std::uint32_t, Loop& loop) {
        if (redisBufferRead(redis_.get()) != REDIS_OK) {
            throw std::runtime_error(redis_->errstr);
        }
        for (;;) {
            void* came = nullptr;
            if (redisGetReplyFromReader(redis_.get(), &came) != REDIS_OK) {
                throw std::runtime_error(redis_->errstr);
            }
            if (came == nullptr) {
                return;
            }
            const std::unique_ptr<redisReply, Release> reply(static_cast<redisReply*>(came));
            if (reply->type != REDIS_REPLY_STRING) {
                throw std::runtime_error("Redis has no text under the key");
            }
            Connection& connection = *waiting_.front();
            waiting_.pop_front();
            loop.resume(connection, {reply->str, reply->len});
        }
    }

private:
    struct Release {
        void operator()(redisContext* context) const { redisFree(context); }
        void operator()(redisReply* reply) const { freeReplyObject(reply); }
    };

    std::string key_;  // the prefix, then the target of the last request
    std::size_t prefix_size_;
    std::unique_ptr<redisContext, Release> redis_;
    std::deque<Connection*> waiting_;  // in the order of their GETs
    bool has_unsent_ = false;
    Watched link_;
};

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 8094;
    int core = -1;
    std::string redis, prefix;
    CLI::App app("Every GET is answered with a value of Redis: the raw limit of a cache there.");
    app.add_option("--port", port, "port on 127.0.0.1")->capture_default_str();
    app.add_option("--core", core, "core to run on; -1: any")->capture_default_str();
    app.add_option("--redis", redis, "redis://host:port")->required();
    app.add_option("--prefix", prefix, "before a target: the key of its whole answer, head and body");
    CLI11_PARSE(app, argc, argv);
    try {
        pin_to_core(core);
        KeptAnswers service(redis_place(redis), prefix);
        KeptAnswers::Loop loop(port, service);
        service.watch_redis(loop);
        loop.run();
    } catch (const std::exception& error) {
        std::cerr << "bench_raw_redis: " << error.what() << '\n';
        return 1;
    }
}
