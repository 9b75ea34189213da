#include <brio/db/database.hpp>

#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/db/postgres_engine.hpp>
#include <brio/db/postgres_session.hpp>
#include <brio/db/sqlite_engine.hpp>

namespace brio::db {

namespace {

std::unique_ptr<Engine> open_engine(const DatabaseOptions& options) {
    if (postgres::is_postgresql_url(options.url)) {
        return std::make_unique<postgres::PostgresEngine>(
            postgres::EngineOptions{.url = options.url,
                                    .connections = options.connections,
                                    .most_waiting = options.most_waiting,
                                    .limits = {.all = options.statement_limit, .own = options.own_limits},
                                    .wait_goal = options.wait_goal,
                                    .registry = options.registry});
    }
    return std::make_unique<sqlite::SqliteEngine>(
        sqlite::EngineOptions{.path = sqlite_path(options.url),
                              .create = options.create,
                              .read_threads = options.read_threads,
                              .read_queue = options.read_queue,
                              .write_queue = options.write_queue,
                              .limits = {.all = options.statement_limit, .own = options.own_limits},
                              .busy_timeout = options.busy_timeout,
                              .registry = options.registry});
}

}  // namespace

bool is_postgresql(std::string_view url) noexcept { return postgres::is_postgresql_url(url); }

void check_url(std::string_view url) {
    if (postgres::is_postgresql_url(url)) {
        postgres::expect_postgresql_url(std::string(url));
    } else {
        sqlite_path(url);
    }
}

std::string place_of(std::string_view url) {
    return postgres::is_postgresql_url(url) ? postgres::place_of(url) : sqlite_path(url);
}

std::string sqlite_path(std::string_view url) {
    constexpr std::string_view scheme = "sqlite:///";
    if (!url.starts_with(scheme) || url.size() == scheme.size()) {
        throw std::invalid_argument(
            concat({"DATABASE_URL must be sqlite:///file.db, sqlite:////absolute/file.db or "
                    "postgresql://user:password@host:5432/name, not ",
                    url.substr(0, url.find(':')), ":…"}));
    }
    return std::string(url.substr(scheme.size()));
}

Database::Database(DatabaseOptions options)
    : options_(std::move(options)),
      watch_(options_.watch, options_.registry),
      engine_(open_engine(options_)),
      cursor_key_(engine_->secret()) {
    watch_.set_engine(*engine_);
}

Database::~Database() { watch_.stop(); }

}  // namespace brio::db
