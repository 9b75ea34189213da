// The typed half of Db: statements of types, values and sinks around Db::read(). Writes: db_writes.hpp.
#pragma once
#include <brio/db/db.hpp>
#include <brio/db/load_related.hpp>

namespace brio::db {

template <class T>
Async<std::optional<typename T::row>> Db::find(this Db self, T table, Id<typename T::row> id) {
    RowSink<typename T::row> sink;
    Query query{.statement = &sql::find_statement(table), .sink = &sink};
    query.values.add_integer(id.value);
    co_await self.read({&query, 1});
    co_return std::move(sink.value);
}

template <auto const&... Relations, class T>
Async<std::optional<sql::With<typename T::row, Relations...>>> Db::find_with(this Db self, T table,
                                                                             Id<typename T::row> id) {
    RowsSink<sql::With<typename T::row, Relations...>> sink;
    Query query{.statement = &sql::find_statement<T, Relations...>(table), .sink = &sink};
    query.values.add_integer(id.value);
    co_await self.read({&query, 1});
    if constexpr (sql::has_to_many(sql::RelationList<Relations...>{})) {
        co_await self.template load_children<typename T::row, Relations...>(sink.values);
    }
    std::optional<sql::With<typename T::row, Relations...>> found;
    if (!sink.values.empty()) {
        found = std::move(sink.values.front());
    }
    co_return found;
}

template <auto... Columns, class T, class... Values>
Async<std::optional<typename T::row>> Db::find_by(this Db self, T table, Values... values) {
    static_assert(sizeof...(Columns) == sizeof...(Values), "find_by: a value for each column");
    static_assert(
        sql::is_unique<T, Columns...>,
        "find_by: no unique index of the table has exactly these columns: select(…).where(…) is for "
        "what may be several rows");
    co_return co_await self.select(table).where((... && (sql::col<Columns> == values))).one();
}

template <class T>
Async<bool> Db::exists(this Db self, T table, Id<typename T::row> id) {
    Query query{.statement = &sql::exists_statement(table)};
    query.values.add_integer(id.value);
    co_await self.read({&query, 1});
    co_return query.rows != 0;
}

template <class Row, auto const&... Relations>
Async<void> Db::load_children(this Db self, std::vector<sql::With<Row, Relations...>>& rows) {
    std::vector<sql::With<Row, Relations...>*> items;
    items.reserve(rows.size());
    for (auto& row : rows) {
        items.push_back(&row);
    }
    return detail::load_related(std::move(self), std::move(items));
}

template <auto const& Spec>
Async<Page<typename List<Spec>::row>> Db::page(this Db self, List<Spec> request) {
    PageQuery query = make_page_query<Spec>(request);
    co_await self.read_page(query);
    co_return Page<typename List<Spec>::row>(std::move(query.result));
}

template <auto const&... Relations, auto const& Spec>
Async<Page<sql::With<typename List<Spec>::row, Relations...>>> Db::page_with(this Db self,
                                                                             List<Spec> request) {
    PageQuery query = make_page_query<Spec, Relations...>(request);
    co_await self.read_page(query);
    co_return Page<sql::With<typename List<Spec>::row, Relations...>>(std::move(query.result));
}

namespace detail {

/// What `body` gives, kept until the transaction around it has ended.
template <class T>
struct Outcome {
    std::optional<T> value;
    Async<void> of(Async<T> call) { value.emplace(co_await std::move(call)); }
    T take() { return std::move(*value); }
};
template <>
struct Outcome<void> {
    Async<void> of(Async<void> call) { return call; }
    void take() {}
};

}  // namespace detail

template <class Body>
auto Db::transaction(this Db self, Body body, TransactionOptions options) -> std::invoke_result_t<Body&, Db> {
    using Result = typename std::invoke_result_t<Body&, Db>::value_type;
    if (self.transaction_ != nullptr) {
        co_return co_await body(self);
    }
    for (int tries = 0;; ++tries) {
        try {
            const auto own = co_await self.begin(options);
            detail::Outcome<Result> outcome;
            co_await outcome.of(body(Db(*self.database_, own).with_goal(self.goal_)));
            co_await own->commit();
            for (const auto& call : own->after_commit) {
                call();
            }
            co_return outcome.take();
        } catch (const SerializationFailure&) {
            if (tries >= options.retries) {
                throw;
            }
        }
    }
}

template <class Body>
auto Db::savepoint(this Db self, Body body) -> std::invoke_result_t<Body&, Db> {
    using Result = typename std::invoke_result_t<Body&, Db>::value_type;
    if (self.transaction_ == nullptr) {
        co_return co_await self.transaction(std::move(body));
    }
    co_await self.transaction_->savepoint();
    const std::size_t calls_before = self.transaction_->after_commit.size();
    detail::Outcome<Result> outcome;
    std::exception_ptr error;
    try {
        co_await outcome.of(body(self));
    } catch (...) {
        error = std::current_exception();
    }
    if (error) {
        self.transaction_->after_commit.resize(calls_before);
        co_await self.transaction_->undo();
        std::rethrow_exception(error);
    }
    co_await self.transaction_->release();
    co_return outcome.take();
}

template <class Row, class... Arguments>
Async<std::vector<Row>> Db::query(this Db self, Reads tables, std::string_view text, Arguments... arguments) {
    NamedRowsSink<Row> sink;
    Query query{.statement = &self.raw(text, tables.tables, {}), .sink = &sink};
    (sql::bind(query.values, arguments), ...);
    co_await self.read({&query, 1});
    co_return std::move(sink.values);
}

template <class... Arguments>
Async<std::uint64_t> Db::execute(this Db self, Writes tables, std::string_view text, Arguments... arguments) {
    auto job = std::make_shared<WriteJob>();
    Query& query = job->queries.emplace_back(Query{.statement = &self.raw(text, {}, tables.tables)});
    (sql::bind(query.values, arguments), ...);
    co_await self.write(job);
    co_return job->queries.front().changes;
}

template <class Row, class... Parameters>
Async<std::vector<Row>> Db::query(this Db self, RawSelect<Row, Parameters...> statement,
                                  std::type_identity_t<Parameters>... arguments) {
    NamedRowsSink<Row> sink;
    Query query{.statement = &self.raw(statement.text, statement.reads.names(), {}), .sink = &sink};
    (sql::bind(query.values, arguments), ...);
    co_await self.read({&query, 1});
    co_return std::move(sink.values);
}

template <class... Parameters>
Async<std::uint64_t> Db::execute(this Db self, RawWrite<Parameters...> statement,
                                 std::type_identity_t<Parameters>... arguments) {
    auto job = std::make_shared<WriteJob>();
    Query& query = job->queries.emplace_back(
        Query{.statement = &self.raw(statement.text, {}, statement.writes.names())});
    (sql::bind(query.values, arguments), ...);
    co_await self.write(job);
    co_return job->queries.front().changes;
}

}  // namespace brio::db
