#include <bench/generator/open_loop.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <bench/common/listener.hpp>
#include <bench/generator/cpu_clock.hpp>
#include <brio/load/answer_reader.hpp>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <memory>
#include <vector>

namespace bench {
namespace {

using brio::load::AnswerReader;

constexpr std::size_t input_size = 64 * 1024;
constexpr int most_events = 256;

std::uint64_t ns(std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(time.count()) * 1'000'000;
}

struct Client {
    int fd = -1;
    AnswerReader reader;
    std::string unsent;
    std::uint64_t meant_at = 0;  // of the request under way; 0: none is
    std::uint64_t idle_since = 0;
};

// What a client does that has not used a connection for a while: a server may have closed it meanwhile.
constexpr std::uint64_t looked_at_after = 20'000'000;
bool is_closed(const Client& client) {
    char byte;
    const ssize_t count = recv(client.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN);
}

class OpenLoop {
public:
    OpenLoop(const OpenLoopOptions& options, const RequestPool& pool)
        : options_(options),
          pool_(pool),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          input_(input_size) {}
    OpenLoop(const OpenLoop&) = delete;
    OpenLoop& operator=(const OpenLoop&) = delete;
    ~OpenLoop() {
        for (const auto& client : clients_) {
            close(client->fd);
        }
        close(epoll_);
    }

    OpenLoopResult run() {
        const std::uint64_t began = now_ns();
        counted_from_ = began + ns(options_.warm_up);
        const std::uint64_t end = counted_from_ + ns(options_.duration);
        const double gap = 1e9 / options_.rate;
        for (std::uint64_t number = 0; now_ns() < end;) {
            const std::uint64_t now = now_ns();
            std::uint64_t due = began + static_cast<std::uint64_t>(static_cast<double>(number) * gap);
            for (; due <= now;
                 due = began + static_cast<std::uint64_t>(static_cast<double>(++number) * gap)) {
                result_.most_late_ns = due >= counted_from_ ? std::max(result_.most_late_ns, now - due) : 0;
                result_.sent += due >= counted_from_ ? 1 : 0;
                meant_.push_back(due);
            }
            send_meant();
            turn(std::min(due, end));
        }
        result_.seconds = static_cast<double>(now_ns() - counted_from_) / 1e9;
        const std::uint64_t give_up = now_ns() + ns(options_.give_up);
        while (now_ns() < give_up && (!meant_.empty() || under_way_ > 0)) {
            send_meant();
            turn(now_ns() + 1'000'000);
        }
        result_.unanswered = result_.sent - result_.good.count() - result_.refused - result_.other;
        result_.connections = opened_;
        return result_;
    }

private:
    // Waits no longer than until then, to the nanosecond where the kernel can (Linux 5.11).
    int wait(epoll_event* events, std::uint64_t until) {
        const std::uint64_t now = now_ns();
        const auto left =
            static_cast<long>(until > now ? std::min<std::uint64_t>(until - now, 10'000'000) : 0);
        const timespec time{0, left};
        const int count = epoll_pwait2(epoll_, events, most_events, &time, nullptr);
        return count < 0 && errno == ENOSYS
                   ? epoll_wait(epoll_, events, most_events, static_cast<int>((left + 999'999) / 1'000'000))
                   : count;
    }

    void turn(std::uint64_t until) {
        epoll_event events[most_events];
        const int count = wait(events, until);
        for (int i = 0; i < count; ++i) {
            auto& client = *static_cast<Client*>(events[i].data.ptr);
            if ((events[i].events & EPOLLOUT) != 0 && !client.unsent.empty()) {
                flush(client);
            }
            if ((events[i].events & ~EPOLLOUT) != 0) {
                read(client);
            }
        }
    }

    void send_meant() {
        while (!meant_.empty()) {
            Client* client = nullptr;
            if (!idle_.empty()) {
                client = idle_.back();
                idle_.pop_back();
                if (now_ns() - client->idle_since > looked_at_after && is_closed(*client)) {
                    close(client->fd);
                    open(*client);
                }
            } else if (clients_.size() < options_.connections) {
                client = clients_.emplace_back(std::make_unique<Client>()).get();
                open(*client);
            } else {
                return;
            }
            client->meant_at = meant_.front();
            meant_.pop_front();
            ++under_way_;
            client->unsent = pool_.run(next_, 1);
            next_ = (next_ + 1) % pool_.size();
            flush(*client);
        }
    }

    void open(Client& client) {
        client.fd = connect_to(options_.port);
        client.reader.begin();
        client.unsent.clear();
        ++opened_;
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
        event.data.ptr = &client;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
    }

    void flush(Client& client) {
        const ssize_t sent = send(client.fd, client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
        client.unsent.erase(0, sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }

    void read(Client& client) {
        for (;;) {
            const ssize_t count = recv(client.fd, input_.data(), input_.size(), 0);
            if (count < 0 && errno == EAGAIN) {
                return;
            }
            if (count <= 0) {
                broke(client);
                return;
            }
            std::string_view bytes(input_.data(), static_cast<std::size_t>(count));
            const bool says_when = bytes.find("\r\nRetry-After: ") != std::string_view::npos;
            const auto state = client.reader.feed(bytes);
            const bool is_whole = state == AnswerReader::State::whole;
            if (state == AnswerReader::State::broken || (is_whole && client.meant_at == 0)) {
                broke(client);
                return;
            }
            if (is_whole) {
                ended(client, client.reader.status(), says_when);
                const bool closes = client.reader.closes();
                client.reader.begin();
                if (closes) {
                    close(client.fd);
                    open(client);
                }
                client.idle_since = now_ns();
                idle_.push_back(&client);
                return;  // what comes next, comes as another edge
            }
        }
    }

    void ended(Client& client, int status, bool says_when) {
        --under_way_;
        const std::uint64_t meant = std::exchange(client.meant_at, 0);
        if (meant < counted_from_) {
            return;
        }
        const std::uint64_t took = now_ns() - meant;
        if (status >= 200 && status <= 299) {
            result_.good.record(took);
        } else if (status == 429 || status == 503) {
            ++result_.refused;
            result_.refused_with_retry_after += says_when ? 1 : 0;
            result_.refusal.record(took);
        } else {
            ++result_.other;
        }
    }

    void broke(Client& client) {
        close(client.fd);
        const bool was_idle = client.meant_at == 0;
        if (!was_idle) {
            ++result_.errors;
            --under_way_;
            client.meant_at = 0;
        }
        open(client);
        if (!was_idle) {
            client.idle_since = now_ns();
            idle_.push_back(&client);
        }
    }

    const OpenLoopOptions& options_;
    const RequestPool& pool_;
    int epoll_;
    std::vector<char> input_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Client*> idle_;
    std::deque<std::uint64_t> meant_;  // requests whose time has come
    std::size_t next_ = 0;
    std::size_t under_way_ = 0;
    std::uint64_t opened_ = 0;
    std::uint64_t counted_from_ = 0;
    OpenLoopResult result_;
};

std::string quantiles(const Histogram& times) {
    char text[160];
    std::snprintf(text, sizeof text, R"({"count":%llu,"p50":%.1f,"p99":%.1f,"p99_9":%.1f,"max":%.1f})",
                  static_cast<unsigned long long>(times.count()), times.quantile(0.5) / 1e3,
                  times.quantile(0.99) / 1e3, times.quantile(0.999) / 1e3, times.max() / 1e3);
    return text;
}

}  // namespace

OpenLoopResult run_open_loop(const OpenLoopOptions& options, const RequestPool& pool) {
    return OpenLoop(options, pool).run();
}

std::string to_json(const OpenLoopOptions& options, const OpenLoopResult& result) {
    char text[640];
    const auto whole = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::snprintf(text, sizeof text,
                  R"({"rate":%.1f,"seconds":%.3f,"sent":%llu,"good_per_second":%.1f,"refused":%llu,)"
                  R"("refused_with_retry_after":%llu,"other":%llu,"unanswered":%llu,"errors":%llu,)"
                  R"("connections":%llu,"most_late_us":%.1f)",
                  options.rate, result.seconds, whole(result.sent),
                  static_cast<double>(result.good.count()) / result.seconds, whole(result.refused),
                  whole(result.refused_with_retry_after), whole(result.other), whole(result.unanswered),
                  whole(result.errors), whole(result.connections),
                  static_cast<double>(result.most_late_ns) / 1e3);
    return std::string(text) + R"(,"good_us":)" + quantiles(result.good) + R"(,"refused_us":)" +
           quantiles(result.refusal) + "}";
}

}  // namespace bench
