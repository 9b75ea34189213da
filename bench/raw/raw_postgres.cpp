// The raw limit of the reference service on PostgreSQL: epoll, libpq and hand-written JSON. Reads are
// pipelined on a few connections, all requests of one turn of the loop in one batch; each insert has a
// connection of its own while it waits for the disk, so that the server's group commit has something to
// group.
#include <CLI/CLI.hpp>
#include <array>
#include <bench/common/core.hpp>
#include <bench/common/http_head.hpp>
#include <bench/raw/answer_head.hpp>
#include <bench/raw/epoll_loop.hpp>
#include <bench/raw/json_append.hpp>
#include <bench/raw/page_query.hpp>
#include <bench/raw/postgres_link.hpp>
#include <bench/raw/row_body.hpp>
#include <charconv>
#include <chrono>
#include <iostream>
#include <optional>
#include <stdexcept>

namespace {

using namespace bench;

constexpr std::size_t longest_request = 64 * 1024;

// A page first takes its rows and then their owners, each by its key: 11,100 a second on one connection,
// where the plain join took 7,900 and a plan made anew for each LIMIT 4,400.
constexpr std::array set_up{
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "PREPARE page (bigint, bigint) AS SELECT r.id, r.owner_id, r.name, r.description, r.status, "
    "r.created_at, "
    "r.version, u.email, u.name FROM (SELECT * FROM resources ORDER BY id LIMIT $1 OFFSET $2) AS r "
    "JOIN users AS u ON u.id = r.owner_id ORDER BY r.id",
    "PREPARE point (bigint) AS SELECT r.id, r.owner_id, r.name, r.description, r.status, r.created_at, "
    "r.version, u.email, u.name FROM resources AS r JOIN users AS u ON u.id = r.owner_id WHERE r.id = $1",
    "PREPARE store (bigint, text, text, text, timestamptz) AS INSERT INTO resources "
    "(owner_id, name, description, status, created_at, version) VALUES ($1, $2, $3, $4, $5, 1) RETURNING id"};

void append_item(brio::Buffer& out, const PGresult* result, int row) {
    out.append(R"({"id":)");
    append_number(out, integer_at(result, row, 0));
    out.append(R"(,"owner_id":)");
    append_number(out, integer_at(result, row, 1));
    out.append(R"(,"name":)");
    append_string(out, text_at(result, row, 2));
    out.append(R"(,"description":)");
    append_string(out, text_at(result, row, 3));
    out.append(R"(,"status":)");
    append_string(out, text_at(result, row, 4));
    out.append(R"(,"created_at":)");
    append_time(out, integer_at(result, row, 5) + postgres_epoch);
    out.append(R"(,"version":)");
    append_number(out, integer_at(result, row, 6));
    out.append(R"(,"owner":{"id":)");
    append_number(out, integer_at(result, row, 1));
    out.append(R"(,"email":)");
    append_string(out, text_at(result, row, 7));
    out.append(R"(,"name":)");
    append_string(out, text_at(result, row, 8));
    out.append("}}");
}

void append_page(brio::Buffer& out, const PGresult* result, const PageQuery& query) {
    const int rows = std::min(PQntuples(result), static_cast<int>(query.page_size));
    out.append(R"({"items":[)");
    for (int row = 0; row < rows; ++row) {
        if (row != 0) {
            out.push_back(',');
        }
        append_item(out, result, row);
    }
    out.append(R"(],"total":null,"page":)");
    append_number(out, query.page);
    out.append(R"(,"page_size":)");
    append_number(out, query.page_size);
    out.append(R"(,"pages":null,"next_cursor":)");
    if (PQntuples(result) > rows) {
        out.push_back('"');
        append_number(out, integer_at(result, rows - 1, 0));
        out.append("\"}");
    } else {
        out.append("null}");
    }
}

std::int64_t now_in_microseconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

struct Pool {
    Pool(const std::string& url, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            links.emplace_back(std::make_unique<PostgresLink>(url, set_up));
        }
    }
    PostgresLink& least_busy() {
        return **std::ranges::min_element(links, {}, [](const auto& link) { return link->in_flight(); });
    }
    std::vector<std::unique_ptr<PostgresLink>> links;
};

class ResourceService {
public:
    using Loop = EpollLoop<ResourceService>;

    struct Size {
        std::size_t readers;
        std::size_t writers;
    };
    ResourceService(const std::string& url, Size size)
        : readers_(url, size.readers),
          writers_(url, size.writers) {}

    void watch_links(Loop& loop) {
        loop_ = &loop;
        for (auto* pool : {&readers_, &writers_}) {
            for (auto& link : pool->links) {
                loop.watch(EPOLL_CTL_ADD, link->fd(), EPOLLIN, *link);
            }
        }
    }

    Step step(Connection& connection, std::string_view input, brio::Buffer& out) {
        const auto length = head_length(input);
        if (!length) {
            return {input.size() > longest_request ? Step::Outcome::refused : Step::Outcome::incomplete};
        }
        const std::string_view head = input.substr(0, *length);
        const std::size_t body_size = content_length(head).value_or(0);
        if (body_size > longest_request) {
            append_empty(out, "413 Content Too Large");
            return {Step::Outcome::refused, *length};
        }
        if (input.size() < *length + body_size) {
            return {Step::Outcome::incomplete};
        }
        const bool parked = ask(connection, head, input.substr(*length, body_size));
        if (!parked) {
            append_empty(out, "422 Unprocessable Content");
        }
        return {parked ? Step::Outcome::parked : Step::Outcome::answered, *length + body_size};
    }

    /// What the server did not take at the last flush() leaves now: it answers only after taking more.
    void on_ready(Watched& link, std::uint32_t, Loop&) { static_cast<PostgresLink&>(link).read(); }

    void end_of_turn(Loop&) {
        for (auto* pool : {&readers_, &writers_}) {
            for (auto& link : pool->links) {
                link->flush();
            }
        }
    }

private:
    struct Waiting {
        Connection* connection;
        NewRow row;
    };

    /// Sends what the request needs; false when it is none that is answered here.
    bool ask(Connection& connection, std::string_view head, std::string_view body) {
        constexpr std::string_view path = "/api/resources";
        const std::size_t method_end = head.find(' ');
        const std::string_view method = head.substr(0, method_end);
        std::string_view target = head.substr(method_end + 1);
        target = target.substr(0, target.find(' '));
        if (!target.starts_with(path)) {
            return false;
        }
        target.remove_prefix(path.size());
        if (method == "GET") {
            return target.starts_with('/') ? ask_point(connection, target.substr(1))
                                           : ask_page(connection, target.empty() ? target : target.substr(1));
        }
        auto row = method == "POST" && target.empty() ? parse_row(body) : std::nullopt;
        if (!row) {
            return false;
        }
        to_store_.push_back({&connection, std::move(*row)});
        store_next();
        return true;
    }

    bool ask_page(Connection& connection, std::string_view query) {
        const auto page = parse_page_query(query);
        if (!page || page->with_total) {
            return false;
        }
        const std::string limit = wire_integer(page->page_size + 1);
        const std::string offset = wire_integer(page->offset());
        const std::array<Bytes, 2> values{limit, offset};
        readers_.least_busy().send("page", values, [this, &connection, page = *page](PGresult* result) {
            begin_ok(result);
            append_page(answer_, result, page);
            finish_ok(connection);
        });
        return true;
    }

    bool ask_point(Connection& connection, std::string_view digits) {
        std::int64_t id = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), id).ec != std::errc()) {
            return false;
        }
        const std::string key = wire_integer(id);
        const std::array<Bytes, 1> values{key};
        readers_.least_busy().send("point", values, [this, &connection](PGresult* result) {
            if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 0) {
                answer_.clear();
                append_empty(answer_, "404 Not Found");
                loop_->resume(connection, answer_.view());
                return;
            }
            begin_ok(result);
            append_item(answer_, result, 0);
            finish_ok(connection);
        });
        return true;
    }

    /// One insert on each connection at a time.
    void store_next() {
        while (!to_store_.empty() && writers_.least_busy().in_flight() == 0) {
            Waiting next = std::move(to_store_.front());
            to_store_.pop_front();
            const std::int64_t now = now_in_microseconds();
            const std::string owner = wire_integer(next.row.owner_id);
            const std::string moment = wire_integer(now - postgres_epoch);
            const std::array<Bytes, 5> values{owner, next.row.name, next.row.description, next.row.status,
                                              moment};
            writers_.least_busy().send("store", values, [this, now, stored = next](PGresult* result) {
                answer_.clear();
                if (PQresultStatus(result) == PGRES_TUPLES_OK) {
                    const StoredRow place{integer_at(result, 0, 0), now};
                    body_.clear();
                    append_row(body_, stored.row, place);
                    append_created(answer_, place.id, body_.view());
                } else {
                    append_empty(answer_, "422 Unprocessable Content");
                }
                loop_->resume(*stored.connection, answer_.view());
                store_next();
            });
        }
    }

    void begin_ok(const PGresult* result) {
        if (PQresultStatus(result) != PGRES_TUPLES_OK) {
            throw std::runtime_error(std::string("a read failed: ") + PQresultErrorMessage(result));
        }
        answer_.clear();
        begin_page_head(answer_);
    }
    void finish_ok(Connection& connection) {
        finish_page_head(answer_, 0);
        loop_->resume(connection, answer_.view());
    }

    Pool readers_;
    Pool writers_;
    std::deque<Waiting> to_store_;
    Loop* loop_ = nullptr;
    brio::Buffer answer_;
    brio::Buffer body_;
};

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 8093;
    int core = -1;
    std::string database;
    ResourceService::Size size{2, 16};
    CLI::App app("GET and POST /api/resources: the raw limit of the reference service on PostgreSQL.");
    app.add_option("--port", port, "port on 127.0.0.1")->capture_default_str();
    app.add_option("--core", core, "core to run on; -1: any")->capture_default_str();
    app.add_option("--database", database, "postgresql://… with users and resources")->required();
    app.add_option("--readers", size.readers, "connections that reads are pipelined on")
        ->capture_default_str();
    app.add_option("--writers", size.writers, "connections for inserts")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        pin_to_core(core);
        ResourceService service(database, size);
        ResourceService::Loop loop(port, service);
        service.watch_links(loop);
        loop.run();
    } catch (const std::exception& error) {
        std::cerr << "bench_raw_postgres: " << error.what() << '\n';
        return 1;
    }
}
