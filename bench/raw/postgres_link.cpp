#include <bench/raw/postgres_link.hpp>

#include <array>
#include <bit>
#include <stdexcept>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t most_values = 8;

struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

void require(PGconn* connection, bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(std::string(what) + ": " + PQerrorMessage(connection));
    }
}

}  // namespace

std::string wire_integer(std::int64_t number) {
    const std::uint64_t turned = std::byteswap(static_cast<std::uint64_t>(number));
    return {reinterpret_cast<const char*>(&turned), sizeof turned};
}

std::int64_t integer_at(const PGresult* result, int row, int column) {
    std::uint64_t turned = 0;
    std::memcpy(&turned, PQgetvalue(result, row, column), sizeof turned);
    return static_cast<std::int64_t>(std::byteswap(turned));
}

std::string_view text_at(const PGresult* result, int row, int column) {
    return {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))};
}

PostgresLink::PostgresLink(const std::string& url, std::span<const char* const> set_up)
    : connection_(PQconnectdb(url.c_str())) {
    PGconn* const connection = connection_.get();
    require(connection, PQstatus(connection) == CONNECTION_OK, "connecting");
    for (const char* statement : set_up) {
        const Result result(PQexec(connection, statement));
        require(connection, PQresultStatus(result.get()) == PGRES_COMMAND_OK, statement);
    }
    require(connection, PQsetnonblocking(connection, 1) == 0, "non-blocking mode");
    require(connection, PQenterPipelineMode(connection) == 1, "pipeline mode");
}

void PostgresLink::send(const char* statement, std::span<const Bytes> values,
                        std::function<void(PGresult*)> answered) {
    static constexpr std::array<int, most_values> binary{1, 1, 1, 1, 1, 1, 1, 1};
    std::array<const char*, most_values> starts{};
    std::array<int, most_values> sizes{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        starts[i] = values[i].data();
        sizes[i] = static_cast<int>(values[i].size());
    }
    require(connection_.get(),
            PQsendQueryPrepared(connection_.get(), statement, static_cast<int>(values.size()), starts.data(),
                                sizes.data(), binary.data(), 1) == 1,
            "sending");
    waiting_.push_back(std::move(answered));
    has_unsent_ = true;
}

void PostgresLink::flush() {
    if (has_unsent_) {
        require(connection_.get(), PQpipelineSync(connection_.get()) == 1, "ending a batch");
        ++batches_;
        has_unsent_ = false;
    }
    require(connection_.get(), PQflush(connection_.get()) >= 0, "writing");
}

void PostgresLink::read() {
    PGconn* const connection = connection_.get();
    require(connection, PQconsumeInput(connection) == 1, "reading");
    require(connection, PQflush(connection) >= 0, "writing");
    while (batches_ != 0 && PQisBusy(connection) == 0) {
        const Result result(PQgetResult(connection));
        if (!result) {
            continue;  // the end of one statement's results
        }
        if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
            --batches_;
            continue;
        }
        const auto answered = std::move(waiting_.front());
        waiting_.pop_front();
        answered(result.get());
    }
}

}  // namespace bench
