#include <bench/raw/page_store.hpp>

#include <bench/raw/json_append.hpp>
#include <stdexcept>

namespace bench {
namespace {

std::string_view text(sqlite3_stmt* row, int column) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

void append_item(brio::Buffer& out, sqlite3_stmt* row) {
    out.append(R"({"id":)");
    append_number(out, sqlite3_column_int64(row, 0));
    out.append(R"(,"owner_id":)");
    append_number(out, sqlite3_column_int64(row, 1));
    out.append(R"(,"name":)");
    append_string(out, text(row, 2));
    out.append(R"(,"description":)");
    append_string(out, text(row, 3));
    out.append(R"(,"status":)");
    append_string(out, text(row, 4));
    out.append(R"(,"created_at":)");
    append_time(out, sqlite3_column_int64(row, 5));
    out.append(R"(,"version":)");
    append_number(out, sqlite3_column_int64(row, 6));
    out.append(R"(,"owner":{"id":)");
    append_number(out, sqlite3_column_int64(row, 1));
    out.append(R"(,"email":)");
    append_string(out, text(row, 7));
    out.append(R"(,"name":)");
    append_string(out, text(row, 8));
    out.append("}}");
}

}  // namespace

sqlite3* open_database(const std::string& path, int flags) {
    sqlite3* database = nullptr;
    if (sqlite3_open_v2(path.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
        throw std::runtime_error("opening " + path + ": " + sqlite3_errmsg(database));
    }
    return database;
}

void execute(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(database));
    }
}

sqlite3_stmt* prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
        throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(database));
    }
    return statement;
}

PageStore::PageStore(const std::string& path) : database_(open_database(path, SQLITE_OPEN_READWRITE)) {
    execute(database_, "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON");
    page_ = prepare(
        database_,
        "SELECT r.id, r.owner_id, r.name, r.description, r.status, r.created_at, r.version, u.email, u.name "
        "FROM resources r JOIN users u ON u.id = r.owner_id ORDER BY r.id LIMIT ?1 OFFSET ?2");
    count_ = prepare(database_, "SELECT COUNT(*) FROM resources");
}

PageStore::~PageStore() {
    sqlite3_finalize(page_);
    sqlite3_finalize(count_);
    sqlite3_close(database_);
}

std::int64_t PageStore::total(std::uint64_t generation) {
    if (generation != counted_at_) {
        const bool counted = sqlite3_step(count_) == SQLITE_ROW;
        total_ = sqlite3_column_int64(count_, 0);
        sqlite3_reset(count_);
        if (!counted) {
            throw std::runtime_error(std::string("counting: ") + sqlite3_errmsg(database_));
        }
        counted_at_ = generation;
    }
    return total_;
}

void PageStore::append_page(brio::Buffer& out, const PageQuery& query, std::uint64_t generation) {
    const std::int64_t all = total(generation);
    sqlite3_bind_int64(page_, 1, query.page_size);
    sqlite3_bind_int64(page_, 2, query.offset());
    out.append(R"({"items":[)");
    std::int64_t items = 0;
    std::int64_t last_id = 0;
    int step = sqlite3_step(page_);
    for (; step == SQLITE_ROW; step = sqlite3_step(page_)) {
        if (items++ != 0) {
            out.push_back(',');
        }
        append_item(out, page_);
        last_id = sqlite3_column_int64(page_, 0);
    }
    sqlite3_reset(page_);
    if (step != SQLITE_DONE) {
        throw std::runtime_error(std::string("reading a page: ") + sqlite3_errmsg(database_));
    }
    out.append(R"(],"total":)");
    append_number(out, all);
    out.append(R"(,"page":)");
    append_number(out, query.page);
    out.append(R"(,"page_size":)");
    append_number(out, query.page_size);
    out.append(R"(,"pages":)");
    append_number(out, (all + query.page_size - 1) / query.page_size);
    out.append(R"(,"next_cursor":)");
    if (items != 0 && query.offset() + items < all) {
        out.push_back('"');
        append_number(out, last_id);
        out.push_back('"');
    } else {
        out.append("null");
    }
    out.push_back('}');
}

}  // namespace bench
