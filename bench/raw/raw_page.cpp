// The raw limit of the reference service's list and create: epoll, SQLite's C API, hand-written JSON; the
// total kept at the generation of the table, durable inserts in groups.
#include <CLI/CLI.hpp>
#include <bench/common/core.hpp>
#include <bench/common/http_head.hpp>
#include <bench/raw/answer_head.hpp>
#include <bench/raw/epoll_loop.hpp>
#include <bench/raw/page_store.hpp>
#include <bench/raw/row_writer.hpp>
#include <iostream>

namespace {

using namespace bench;

constexpr std::size_t longest_request = 64 * 1024;

class ResourceService {
public:
    using Loop = EpollLoop<ResourceService>;

    explicit ResourceService(const std::string& path) : store_(path), writer_(path) {}

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
        const Step::Outcome outcome = answer(connection, head, input.substr(*length, body_size), out);
        return {outcome, *length + body_size};
    }

    /// Stores all rows of this turn in one transaction, then answers them.
    void end_of_turn(Loop& loop) {
        if (rows_.empty()) {
            return;
        }
        const std::vector<StoredRow> stored = writer_.insert_all(rows_);
        ++generation_;
        const std::vector<NewRow> rows = std::exchange(rows_, {});
        const std::vector<Connection*> clients = std::exchange(clients_, {});
        for (std::size_t i = 0; i < rows.size(); ++i) {
            answer_.clear();
            if (stored[i].id == 0) {
                append_empty(answer_, "422 Unprocessable Content");
            } else {
                body_.clear();
                append_row(body_, rows[i], stored[i]);
                append_created(answer_, stored[i].id, body_.view());
            }
            loop.resume(*clients[i], answer_.view());
        }
    }

private:
    Step::Outcome answer(Connection& connection, std::string_view head, std::string_view body,
                         brio::Buffer& out) {
        constexpr std::string_view path = "/api/resources";
        const std::size_t method_end = head.find(' ');
        const std::string_view method = head.substr(0, method_end);
        std::string_view target = head.substr(method_end + 1);
        target = target.substr(0, target.find(' '));
        if (!target.starts_with(path) || (target.size() > path.size() && target[path.size()] != '?')) {
            append_empty(out, "404 Not Found");
        } else if (method == "GET") {
            answer_page(target.size() > path.size() ? target.substr(path.size() + 1) : std::string_view(),
                        out);
        } else if (method != "POST") {
            append_empty(out, "405 Method Not Allowed");
        } else if (auto row = parse_row(body)) {
            rows_.push_back(std::move(*row));
            clients_.push_back(&connection);
            return Step::Outcome::parked;
        } else {
            append_empty(out, "422 Unprocessable Content");
        }
        return Step::Outcome::answered;
    }

    void answer_page(std::string_view query, brio::Buffer& out) {
        const auto page = parse_page_query(query);
        if (!page || !page->with_total) {
            append_empty(out, "422 Unprocessable Content");
            return;
        }
        const std::size_t head = begin_page_head(out);
        store_.append_page(out, *page, generation_);
        finish_page_head(out, head);
    }

    PageStore store_;
    RowWriter writer_;
    std::uint64_t generation_ = 0;  // of the table: moves with each group stored
    std::vector<NewRow> rows_;      // of this turn, not stored yet
    std::vector<Connection*> clients_;
    brio::Buffer answer_;
    brio::Buffer body_;
};

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 8092;
    int core = -1;
    std::string database;
    CLI::App app("GET and POST /api/resources: the raw limit of the reference service on SQLite.");
    app.add_option("--port", port, "port on 127.0.0.1")->capture_default_str();
    app.add_option("--core", core, "core to run on; -1: any")->capture_default_str();
    app.add_option("--database", database, "SQLite file with users and resources")
        ->required()
        ->check(CLI::ExistingFile);
    CLI11_PARSE(app, argc, argv);
    try {
        pin_to_core(core);
        ResourceService service(database);
        ResourceService::Loop(port, service).run();
    } catch (const std::exception& error) {
        std::cerr << "bench_raw_page: " << error.what() << '\n';
        return 1;
    }
}
