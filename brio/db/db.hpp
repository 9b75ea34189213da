// The database as a handler or a task sees it.
//
//     auto resource = co_await db.find(resources, id);                                  // optional<Resource>
//     auto recent = co_await db.select(resources)
//                       .where(col<&Resource::owner_id> == user)
//                       .order_by(desc<&Resource::created_at>)
//                       .limit(100)
//                       .all();
//     auto made = co_await db.insert(resources, new_resource);
//     auto page = co_await db.page_with<owner>(request);
//
// A Db is a cheap handle, copied into everything it starts, used on one loop. Everything awaited here may
// throw error.hpp's exceptions, and Cancelled or Overloaded. A write is durable when its await ends. A unit
// of work that is stopped while it waits for a write leaves at once; the write may still be carried out.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <brio/base/text.hpp>
#include <brio/db/engine.hpp>
#include <brio/db/page.hpp>
#include <brio/db/raw_statements.hpp>
#include <brio/db/rows.hpp>
#include <brio/http/problem.hpp>
#include <brio/sql/page_statements.hpp>
#include <brio/sql/patch.hpp>

namespace brio::db {

class Database;
template <class T, class Where, class Order, class Hint, auto const&... Relations>
class Select;

/// Why an update or erase of an expected version changed nothing.
enum class NotChanged : std::uint8_t {
    absent,    // there is no such row
    conflict,  // its version is another by now
};

/// The row that was changed; throws 404 naming `what`, or 412 when its version is another by now.
template <class T>
T require_changed(std::expected<T, NotChanged> outcome, std::string_view what) {
    if (!outcome) {
        throw outcome.error() == NotChanged::absent
            ? http::not_found(what)
            : http::precondition_failed(
                  concat({"the ", what, " has changed: read it again and send its new ETag"}));
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*outcome);
    }
}

class Db {
public:
    explicit Db(Database& database) noexcept : database_(&database) {}

    template <class T>
    Async<std::optional<typename T::row>> find(this Db self, T table, Id<typename T::row> id);
    /// The row with what it is related to: to-one by a join in the same statement, to-many by one more
    /// statement each.
    template <auto const&... Relations, class T>
    Async<std::optional<sql::With<typename T::row, Relations...>>> find_with(this Db self, T table,
                                                                             Id<typename T::row> id);
    /// `find_by<&User::email>(users, email)`: by the columns of a unique index, in any order.
    template <auto... Columns, class T, class... Values>
    Async<std::optional<typename T::row>> find_by(this Db self, T table, Values... values);
    template <class T>
    Async<bool> exists(this Db self, T table, Id<typename T::row> id);
    /// A query to go on with (select.hpp): .where(…).with<…>().order_by(…).limit(n).offset(n), then .all(),
    /// .first(), .one() or .each(…); .count(), .exists(), .sum<…>() and the like; .group_by<…>().into<S>(…).
    template <class T>
    Select<T, sql::Everything<typename T::row>, void, void> select(T table) const;

    /// `given` has some of the row's fields; see table.hpp for those that the layer fills in. Gives the row
    /// as it was stored.
    template <class T, class New>
    Async<typename T::row> insert(this Db self, T table, New given);
    /// All of them or none, in one transaction. For seeding as well: batches of some thousands are quickest.
    template <class T, class New>
    Async<std::uint64_t> insert_many(this Db self, T table, std::vector<New> given);
    /// The same; gives the rows as they were stored.
    template <class T, class New>
    Async<std::vector<typename T::row>> insert_rows(this Db self, T table, std::vector<New> given);
    /// `upsert<&User::email>(users, new_user)`: inserts, or where a row has the same values of these columns,
    /// which a unique index has, changes that one: all that `given` holds, as of a patch, or what
    /// `changing<&User::name>()` names; the version and the time of the last change move. Gives the row.
    template <auto... Unique, class T, class New>
    Async<typename T::row> upsert(this Db self, T table, New given);
    template <auto... Unique, class T, class New, auto... Columns>
    Async<typename T::row> upsert(this Db self, T table, New given, sql::Changing<Columns...> changing);
    /// Changes the fields that the patch holds; nothing when there is no such row.
    template <class T, class Patch>
    Async<std::optional<typename T::row>> update(this Db self, T table, Id<typename T::row> id, Patch patch);
    /// The same if the row's version is still `expected`, compared in the statement itself. Without one, any
    /// version.
    template <class T, class Patch>
    Async<std::expected<typename T::row, NotChanged>> update(this Db self, T table, Id<typename T::row> id,
                                                             Patch patch, std::optional<Version> expected);
    /// All rows of which the condition holds; gives how many there were, or what they are now.
    template <class T, sql::ConditionType C, class Patch>
    Async<std::uint64_t> update_where(this Db self, T table, C condition, Patch patch);
    template <class T, sql::ConditionType C, class Patch>
    Async<std::vector<typename T::row>> update_rows(this Db self, T table, C condition, Patch patch);
    /// False when there is no such row.
    template <class T>
    Async<bool> erase(this Db self, T table, Id<typename T::row> id);
    template <class T>
    Async<std::expected<void, NotChanged>> erase(this Db self, T table, Id<typename T::row> id,
                                                 std::optional<Version> expected);

    /// All rows of which the condition holds; gives how many there were, or what they were.
    template <class T, sql::ConditionType C>
    Async<std::uint64_t> erase_where(this Db self, T table, C condition);
    template <class T, sql::ConditionType C>
    Async<std::vector<typename T::row>> erase_rows(this Db self, T table, C condition);

    /// One page of a listing, as JSON straight from the engine's rows.
    template <auto const& Spec>
    Async<Page<typename List<Spec>::row>> page(this Db self, List<Spec> request);
    template <auto const&... Relations, auto const& Spec>
    Async<Page<sql::With<typename List<Spec>::row, Relations...>>> page_with(this Db self,
                                                                             List<Spec> request);

    /// `body(Db)` in one transaction: committed when it ends, rolled back when it throws. It runs again, as
    /// often as `options.retries` says, when other transactions got in its way (SerializationFailure), so
    /// it must have no effects but those of its Db. On SQLite nobody else writes meanwhile, so keep it short;
    /// it is rolled back after `options.most`. Within a transaction it joins that one. `body` may have
    /// captures.
    template <class Body>
    auto transaction(this Db self, Body body, TransactionOptions options = {})
        -> std::invoke_result_t<Body&, Db>;
    /// `body(Db)` within the transaction: when it throws, only what it did is undone. Without a transaction
    /// around it, it is one.
    template <class Body>
    auto savepoint(this Db self, Body body) -> std::invoke_result_t<Body&, Db>;

    /// A statement of one's own; parameters are `$1`, `$2`, …; the result's columns are found by the names of
    /// Row's fields.
    template <class Row, class... Arguments>
    Async<std::vector<Row>> query(this Db self, Reads tables, std::string_view text, Arguments... arguments);
    /// Gives how many rows changed.
    template <class... Arguments>
    Async<std::uint64_t> execute(this Db self, Writes tables, std::string_view text, Arguments... arguments);

    /// Within a transaction: `call` runs after its commit, and never otherwise. It must not throw.
    void after_commit(std::function<void()> call) const {
        expect(transaction_ != nullptr, "something is done after the commit of a transaction");
        transaction_->after_commit.push_back(std::move(call));
    }

    /// The same database with another goal for the statements sent by it: those over it are reported as slow.
    Db with_goal(std::chrono::nanoseconds goal) const {
        Db changed = *this;
        changed.goal_ = goal;
        return changed;
    }

    /// The same of a statement that is a constant with the types of its parameters.
    template <class Row, class... Parameters>
    Async<std::vector<Row>> query(this Db self, RawSelect<Row, Parameters...> statement,
                                  std::type_identity_t<Parameters>... arguments);
    template <class... Parameters>
    Async<std::uint64_t> execute(this Db self, RawWrite<Parameters...> statement,
                                 std::type_identity_t<Parameters>... arguments);
    /// Prepares the statements, and looks whether they give the columns that their rows need. Throws
    /// StatementError that says what is wrong. Blocks: for the program's start, and for tests.
    template <class... Statements>
    void check(const Statements&... statements) const {
        (check_one(statements), ...);
    }

    // What the above are made of.

    /// All of the batch in one snapshot.
    Async<void> read(this Db self, std::span<Query> batch);
    Async<void> write(this Db self, std::shared_ptr<WriteJob> job);
    Async<void> read_page(this Db self, PageQuery& query);
    bool in_transaction() const noexcept { return transaction_ != nullptr; }
    sql::Dialect dialect() const noexcept;
    Database& database() const noexcept { return *database_; }

private:
    Db(Database& database, std::shared_ptr<Transaction> transaction) noexcept
        : database_(&database),
          transaction_(std::move(transaction)) {}
    Async<std::shared_ptr<Transaction>> begin(TransactionOptions options) const;
    template <class Row, auto const&... Relations>
    Async<void> load_children(this Db self, std::vector<sql::With<Row, Relations...>>& rows);
    template <class Row, class... Parameters>
    void check_one(const RawSelect<Row, Parameters...>& statement) const {
        check_columns(statement.text, reflect::field_names<Row>);
    }
    template <class... Parameters>
    void check_one(const RawWrite<Parameters...>& statement) const {
        check_text(statement.text);
    }
    void check_text(std::string_view text) const;
    void check_columns(std::string_view text, std::span<const std::string_view> columns) const;
    const sql::Statement& raw(std::string_view text, const std::vector<std::string>& reads,
                              const std::vector<std::string>& writes) const;
    template <class, class, class, class, auto const&...>
    friend class Select;

    std::chrono::nanoseconds goal() const noexcept;

    Database* database_;
    std::shared_ptr<Transaction> transaction_;
    std::chrono::nanoseconds goal_{0};  // 0: the database's
};

}  // namespace brio::db

namespace brio {
using db::Db;
using db::NotChanged;
using db::Page;
using db::require_changed;
}  // namespace brio

#include <brio/db/db_impl.hpp>
#include <brio/db/db_writes.hpp>
#include <brio/db/select.hpp>
