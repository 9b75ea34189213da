#include <brio/db/page.hpp>

#include <charconv>

#include <brio/db/database.hpp>
#include <brio/db/json_children.hpp>

namespace brio::db {

namespace {

/// What a cursor belongs to: another listing, order or filter does not open it.
Buffer cursor_context(const PageQuery& query) {
    Buffer context;
    context.append(query.table);
    context.push_back('|');
    context.append(query.sort);
    context.append(query.request->descending ? "|desc|" : "|asc|");
    append_integer(context, query.request->filters);
    query.request->filter_values.append_key(context);
    return context;
}

http::Problem bad_cursor() {
    return http::invalid(http::In::query, "cursor",
                         "must be the next_cursor of a page with the same filters and order");
}

/// The values of the statement: filters, the cursor's place, limit and offset.
sql::Values page_values(const PageQuery& query, const sql::CursorKey& key, std::uint64_t limit) {
    const sql::ListRequest& request = *query.request;
    sql::Values values;
    values.append(request.filter_values);
    if (!request.cursor.empty()) {
        const auto place = sql::open_cursor(key, cursor_context(query).view(), request.cursor);
        if (!place || place->size() != (query.sort == "id" ? 1u : 2u)) {
            throw bad_cursor();
        }
        values.append(*place);
    }
    values.add_integer(static_cast<std::int64_t>(limit));
    values.add_integer(static_cast<std::int64_t>(request.cursor.empty() ? request.skip : 0));
    return values;
}

class TotalSink final : public Sink {
public:
    explicit TotalSink(bool is_plan) noexcept : is_plan_(is_plan) {}
    void row(const sql::Columns& columns) override {
        value = is_plan_ ? planned_rows(columns.text(0)) : static_cast<std::uint64_t>(columns.integer(0));
    }
    void clear() override { value = 0; }
    std::uint64_t value = 0;

private:
    bool is_plan_;
};

std::string next_cursor(const PageQuery& query, const sql::CursorKey& key, const JsonRows& rows) {
    sql::Values place;
    if (query.sort != "id") {
        place.append(rows.last_key);
    }
    place.add_integer(rows.last_id);
    return sql::seal_cursor(key, cursor_context(query).view(), place);
}

}  // namespace

std::uint64_t planned_rows(std::string_view plan) {
    constexpr std::string_view key = "\"Plan Rows\": ";  // the first is the whole plan's
    const auto at = plan.find(key);
    std::uint64_t rows = 0;
    if (at != plan.npos) {
        std::from_chars(plan.data() + at + key.size(), plan.data() + plan.size(), rows);
    }
    return rows;
}

void PageResult::write(Buffer& out) const {
    out.append("{\"items\":[");
    out.append(items.view());
    out.append("],\"total\":");
    auto number = [&](std::optional<std::uint64_t> value) {
        if (value) {
            append_integer(out, *value);
        } else {
            out.append("null");
        }
    };
    number(total);
    out.append(",\"page\":");
    number(page);
    out.append(",\"page_size\":");
    append_integer(out, page_size);
    out.append(",\"pages\":");
    number(total ? std::optional((*total + page_size - 1) / page_size) : std::nullopt);
    out.append(",\"next_cursor\":");
    if (next_cursor) {
        out.push_back('"');
        out.append(*next_cursor);
        out.push_back('"');
    } else {
        out.append("null");
    }
    out.push_back('}');
}

Async<void> Db::read_page(this Db self, PageQuery& page) {
    const sql::ListRequest& request = *page.request;
    sql::Generations& generations = self.database_->generations();
    const auto slot = generations.slot(page.table);
    Buffer key;
    append_integer(key, page.total->number());
    request.filter_values.append_key(key);

    JsonRows rows{.plan = page.plan, .key = page.sort_place, .most = request.page_size};
    const bool estimated = request.total == sql::Total::estimated;
    const bool wanted = request.total != sql::Total::none;
    TotalSink total(estimated && self.dialect() == sql::Dialect::postgresql);
    std::array<Query, 2> batch{Query{.statement = page.rows, .json = &rows},
                               Query{.statement = page.total, .sink = &total}};
    const sql::Generation before = generations.read(slot);
    std::optional<std::uint64_t> known;
    if (wanted && !self.in_transaction()) {
        known = self.database_->totals().find(key.view(), before);
    }
    // Where the total tells whether there is more, no row beyond the page is asked for.
    const bool total_tells = known && !estimated && request.cursor.empty();
    batch[0].values =
        page_values(page, self.database_->cursor_key(), request.page_size + (total_tells ? 0u : 1u));
    const bool count = wanted && !known;
    if (count) {
        batch[1].values.append(request.filter_values);
    }
    co_await self.read({batch.data(), count ? 2u : 1u});
    if (known && generations.read(slot) != before) {
        // Somebody wrote meanwhile: the page may be newer than the total. Both again, of one snapshot.
        known.reset();
        batch[0].values = page_values(page, self.database_->cursor_key(), request.page_size + 1u);
        batch[1].values.append(request.filter_values);
        co_await self.read(batch);
    }
    if (wanted && !known) {
        known = total.value;
        if (generations.read(slot) == before && !self.in_transaction()) {
            self.database_->totals().keep(key.view(), before, *known);
        }
    }
    const bool more = total_tells && known
                          ? rows.rows == request.page_size && request.skip + rows.rows < *known
                          : rows.more;
    co_await load_json_children(self, page.children, rows);
    page.result.count = rows.rows;
    page.result.total = known;
    page.result.page_size = request.page_size;
    page.result.page = request.cursor.empty() ? std::optional(request.page) : std::nullopt;
    if (more) {
        page.result.next_cursor = next_cursor(page, self.database_->cursor_key(), rows);
    }
    page.result.items = std::move(rows.out);
}

}  // namespace brio::db
