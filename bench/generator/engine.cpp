#include <bench/generator/engine.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bench/common/listener.hpp>
#include <brio/load/answer_reader.hpp>
#include <cerrno>
#include <system_error>

namespace bench {
namespace {

using brio::load::AnswerReader;

struct Client {
    int fd = -1;
    AnswerReader reader;
    std::size_t next = 0;                // index into the pool
    std::string unsent;                  // what the socket did not take
    std::vector<std::uint64_t> sent_at;  // ring of `depth` times, oldest at `oldest`
    std::size_t oldest = 0;
    std::size_t outstanding = 0;
};

class Load {
public:
    Load(const LoadOptions& options, const RequestPool& pool)
        : options_(options),
          pool_(pool),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          input_(input_size),
          clients_(options.connections) {}
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load() {
        for (const Client& client : clients_) {
            close(client.fd);
        }
        close(epoll_);
    }

    LoadResult run() {
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            clients_[i].next = i * 7919 % pool_.size();
            open(clients_[i]);
        }
        turn_until(now_ns() + ns(options_.warm_up));
        result_ = LoadResult();
        const CoreUseMeter meter({process_tree(options_.server), process_tree(options_.database),
                                  options_.server_core, options_.core});
        const std::uint64_t began = now_ns();
        turn_until(began + ns(options_.duration));
        result_.seconds = static_cast<double>(now_ns() - began) / 1e9;
        result_.cores = meter.use();
        result_.server_cpu_ns = meter.server_cpu_ns();
        result_.database_cpu_ns = meter.database_cpu_ns();
        result_.generator_cpu_ns = meter.generator_cpu_ns();
        return result_;
    }

private:
    static constexpr std::size_t input_size = 256 * 1024;

    static std::uint64_t ns(std::chrono::milliseconds time) {
        return static_cast<std::uint64_t>(time.count()) * 1'000'000;
    }

    void watch(int operation, Client& client, std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = &client;
        epoll_ctl(epoll_, operation, client.fd, &event);
    }

    void open(Client& client) {
        client.fd = connect_to(options_.port);
        client.reader.begin();
        client.unsent.clear();
        client.sent_at.assign(options_.depth, 0);
        client.oldest = client.outstanding = 0;
        watch(EPOLL_CTL_ADD, client, EPOLLIN | EPOLLET);
        send_more(client, options_.depth, now_ns());
    }

    void open_again(Client& client) {
        ++result_.errors;
        close(client.fd);
        open(client);
    }

    void turn_until(std::uint64_t end) {
        epoll_event events[256];
        while (now_ns() < end) {
            const int count = epoll_wait(epoll_, events, 256, 10);
            for (int i = 0; i < count; ++i) {
                auto& client = *static_cast<Client*>(events[i].data.ptr);
                if ((events[i].events & EPOLLOUT) != 0) {
                    flush(client);
                }
                if ((events[i].events & ~EPOLLOUT) != 0) {
                    read(client);
                }
            }
        }
    }

    /// A recv that does not fill its buffer has emptied the socket (epoll(7)), so the next edge will come.
    void read(Client& client) {
        bool more = true;
        while (more) {
            const ssize_t count = recv(client.fd, input_.data(), input_.size(), 0);
            if (count < 0 && errno == EAGAIN) {
                return;
            }
            if (count <= 0 || !take(client, {input_.data(), static_cast<std::size_t>(count)})) {
                open_again(client);
                return;
            }
            more = static_cast<std::size_t>(count) == input_.size();
        }
    }

    /// Counts the answers in `bytes` and sends as many requests; false when the connection is of no more use.
    bool take(Client& client, std::string_view bytes) {
        const std::uint64_t now = now_ns();
        result_.bytes += bytes.size();
        std::size_t answers = 0;
        auto state = AnswerReader::State::more;
        bool closes = false;
        while (client.outstanding > 0 && (state = client.reader.feed(bytes)) == AnswerReader::State::whole) {
            const int status = client.reader.status();
            closes = closes || client.reader.closes();
            client.reader.begin();
            const std::uint64_t took = now - client.sent_at[client.oldest];
            result_.latency.record(took);
            (status == 201 ? result_.created : result_.read).record(took);
            client.oldest = client.oldest + 1 == options_.depth ? 0 : client.oldest + 1;
            --client.outstanding;
            ++answers;
            result_.not_2xx += status < 200 || status > 299 ? 1 : 0;
        }
        result_.requests += answers;
        if (state == AnswerReader::State::broken || closes || !bytes.empty()) {
            return false;
        }
        if (answers != 0) {
            send_more(client, answers, now);
        }
        return true;
    }

    void send_more(Client& client, std::size_t count, std::uint64_t now) {
        for (std::size_t i = 0; i < count; ++i) {
            std::size_t slot = client.oldest + client.outstanding;
            client.sent_at[slot >= options_.depth ? slot - options_.depth : slot] = now;
            ++client.outstanding;
        }
        const std::string_view bytes = pool_.run(client.next, count);
        client.next = (client.next + count) % pool_.size();
        if (!client.unsent.empty()) {
            client.unsent += bytes;
            return;
        }
        const ssize_t sent = send(client.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        const std::size_t done = sent > 0 ? static_cast<std::size_t>(sent) : 0;
        if (done < bytes.size()) {
            client.unsent = bytes.substr(done);
            watch(EPOLL_CTL_MOD, client, EPOLLIN | EPOLLOUT | EPOLLET);
        }
    }

    void flush(Client& client) {
        const ssize_t sent = send(client.fd, client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
        client.unsent.erase(0, sent > 0 ? static_cast<std::size_t>(sent) : 0);
        if (client.unsent.empty()) {
            watch(EPOLL_CTL_MOD, client, EPOLLIN | EPOLLET);
        }
    }

    const LoadOptions& options_;
    const RequestPool& pool_;
    int epoll_;
    std::vector<char> input_;
    std::vector<Client> clients_;
    LoadResult result_;
};

}  // namespace

LoadResult run_load(const LoadOptions& options, const RequestPool& pool) { return Load(options, pool).run(); }

}  // namespace bench
