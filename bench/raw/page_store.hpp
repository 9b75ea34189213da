// Reading pages of resources with their owners through SQLite's C API.
#pragma once
#include <sqlite3.h>
#include <bench/raw/page_query.hpp>
#include <brio/base/buffer.hpp>
#include <cstdint>
#include <string>

namespace bench {

/// Opens `path` with `flags` of SQLite; throws std::runtime_error with SQLite's message.
sqlite3* open_database(const std::string& path, int flags);
/// Runs `sql`, throws std::runtime_error with SQLite's message.
void execute(sqlite3* database, const char* sql);
/// Prepares one statement for the life of the connection; throws std::runtime_error.
sqlite3_stmt* prepare(sqlite3* database, const char* sql);

/// One connection for reading; not thread-safe.
class PageStore {
public:
    explicit PageStore(const std::string& path);
    PageStore(const PageStore&) = delete;
    PageStore& operator=(const PageStore&) = delete;
    ~PageStore();

    /// Appends the page as one JSON object: items, total, page, page_size, pages, next_cursor.
    /// The total is counted again only when `generation` is another than at the last call. Throws
    /// std::runtime_error.
    void append_page(brio::Buffer& out, const PageQuery& query, std::uint64_t generation);

private:
    std::int64_t total(std::uint64_t generation);

    sqlite3* database_;
    sqlite3_stmt* page_;
    sqlite3_stmt* count_;
    std::int64_t total_ = 0;
    std::uint64_t counted_at_ = ~std::uint64_t{0};
};

}  // namespace bench
