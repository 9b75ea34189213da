// One page of a listing, kept as the JSON that an answer needs, and as structs for code that asks.
//
// `{"items":[…],"total":n,"page":1,"page_size":20,"pages":m,"next_cursor":…}`; total and pages are null when
// the client said total=none and about right with total=estimated, page is null when it walked by cursor,
// next_cursor is null on the last page. Page and total are of one generation.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <brio/db/engine.hpp>
#include <brio/db/error.hpp>
#include <brio/json/codec.hpp>
#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>
#include <brio/json/schema.hpp>
#include <brio/json/write.hpp>
#include <brio/sql/json_of.hpp>
#include <brio/sql/page_statements.hpp>

namespace brio::db {

/// What a page is, whatever its rows are.
struct PageResult {
    Buffer items;  // the array's contents
    std::uint64_t count = 0;
    std::optional<std::uint64_t> total;
    std::optional<std::uint64_t> page;
    std::uint64_t page_size = 0;
    std::optional<std::string> next_cursor;

    void write(Buffer& out) const;
};

/// How the rows of a to-many relation are read into the JSON of the rows that they belong to. Internal.
struct JsonChildren {
    const sql::Statement* statement;
    const sql::JsonPlan* plan;
    std::vector<JsonChildren> within;  // of these rows; one for each splice of the plan
};

/// What Db::read_page() carries out. Internal.
struct PageQuery {
    const sql::ListRequest* request = nullptr;
    const sql::Statement* rows = nullptr;
    const sql::Statement* total = nullptr;
    const sql::JsonPlan* plan = nullptr;
    std::string_view table;
    std::string_view sort;
    int sort_place = 0;
    std::vector<JsonChildren> children;
    PageResult result;
};

namespace detail {

template <auto const&... Relations>
std::vector<JsonChildren> json_children(sql::RelationList<Relations...>) {
    std::vector<JsonChildren> all;
    auto each = [&]<auto const & Relation>() {
        using R = sql::relation_type<Relation>;
        auto within = json_children(typename R::inner{});
        if constexpr (R::many) {
            all.push_back(
                {&sql::children_statement<Relation>(), &sql::json_plan_of_children<R>(), std::move(within)});
        } else {
            std::ranges::move(within, std::back_inserter(all));
        }
    };
    (each.template operator()<Relations>(), ...);
    return all;
}

}  // namespace detail

/// The planner's number of rows, from the text of EXPLAIN (FORMAT JSON); 0 where there is none.
std::uint64_t planned_rows(std::string_view plan);

/// `request` must outlive it.
template <auto const& Spec, auto const&... Relations>
PageQuery make_page_query(const sql::ListRequest& request) {
    using L = std::remove_cvref_t<decltype(Spec)>;
    using Row = typename L::row;
    PageQuery query{
        .request = &request,
        .rows = &sql::page_statement<Spec, Relations...>(request),
        .total = &sql::total_statement<Spec>(request),
        .plan = &sql::json_plan_of<Row, Relations...>(),
        .table = Spec.table.name,
        .sort = sql::sort_name<L>(request),
        .sort_place = sql::detail::ListSorts<typename L::sort_columns>::template places<Row>[request.sort],
        .children = detail::json_children(sql::RelationList<Relations...>{})};
    return query;
}

template <class Item>
class Page {
public:
    explicit Page(PageResult result) noexcept : result_(std::move(result)) {}

    const PageResult& result() const noexcept { return result_; }
    std::uint64_t count() const noexcept { return result_.count; }
    std::optional<std::uint64_t> total() const noexcept { return result_.total; }
    const std::optional<std::string>& next_cursor() const noexcept { return result_.next_cursor; }
    /// The rows as structs, read from the JSON: for code that looks at them, not for answers. Throws
    /// StatementError when a stored value is outside the limits of its type.
    std::vector<Item> items() const;

private:
    PageResult result_;
};

namespace detail {

using Members = std::map<std::string, json::Raw>;

template <class T>
T read_member(const Members& members, std::string_view name) {
    const auto at = members.find(std::string(name));
    auto value =
        at == members.end() ? std::expected<T, json::ReadError>(T{}) : json::read<T>(at->second.text);
    if (!value) {
        throw StatementError(concat({"a row's ", name, " ", json::describe(value.error())}));
    }
    return std::move(*value);
}

template <class Row>
Row read_members(const Members& members) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return Row{read_member<reflect::field_t<Row, I>>(members, reflect::field_names<Row>[I])...};
    }(std::make_index_sequence<reflect::field_count<Row>>{});
}

template <class Row>
struct ItemOf {
    static Row read(const Members& members) { return read_members<Row>(members); }
};
template <class Row, auto const&... Relations>
struct ItemOf<sql::With<Row, Relations...>> {
    static sql::With<Row, Relations...> read(const Members& members) {
        return {read_members<Row>(members),
                {read_related<sql::relation_type<Relations>>(members, Relations.name)...}};
    }

private:
    template <class Relation>
    static typename Relation::related read_related(const Members& members, std::string_view name) {
        using Item = typename Relation::item;
        typename Relation::related related{};
        if constexpr (Relation::many) {
            for (const auto& each : read_member<std::vector<Members>>(members, name)) {
                related.push_back(ItemOf<Item>::read(each));
            }
        } else if (const auto one = read_member<std::optional<Members>>(members, name)) {
            related = ItemOf<Item>::read(*one);
        }
        return related;
    }
};

}  // namespace detail

template <class Item>
std::vector<Item> Page<Item>::items() const {
    const auto rows = json::read<std::vector<detail::Members>>(concat({"[", result_.items.view(), "]"}));
    if (!rows) {
        throw StatementError(json::describe(rows.error()));
    }
    std::vector<Item> items;
    items.reserve(rows->size());
    for (const auto& row : *rows) {
        items.push_back(detail::ItemOf<Item>::read(row));
    }
    return items;
}

}  // namespace brio::db

template <class Item>
struct brio::json::Codec<brio::db::Page<Item>> {
    static void write(Buffer& out, const db::Page<Item>& page) { page.result().write(out); }
    static std::string schema(SchemaSet& components) {
        return concat(
            {R"({"type":"object","required":["items","total","page","page_size","pages","next_cursor"],)"
             R"("properties":{)"
             R"("items":{"type":"array","items":)",
             schema_of<Item>(components),
             R"(},"total":{"type":["integer","null"],"minimum":0},)"
             R"("page":{"type":["integer","null"],"minimum":1},)"
             R"("page_size":{"type":"integer","minimum":1},"pages":{"type":["integer","null"],"minimum":0},)"
             R"("next_cursor":{"type":["string","null"]}}})"});
    }
};

template <class Row, auto const&... Relations>
struct brio::json::Codec<brio::sql::With<Row, Relations...>> {
    using With = brio::sql::With<Row, Relations...>;
    static void write(Buffer& out, const With& item) {
        json::write(out, item.row);
        out.resize(out.size() - 1);
        constexpr std::array<std::string_view, sizeof...(Relations)> names{Relations.name...};
        std::size_t at = 0;
        auto member = [&](const auto& related) {
            out.push_back(',');
            write_key(out, names[at++]);
            json::write(out, related);
        };
        std::apply([&](const auto&... related) { (member(related), ...); }, item.related);
        out.push_back('}');
    }
    static std::string schema(SchemaSet& components) {
        std::string properties;
        std::string required;
        auto add = [&](std::string_view name, const std::string& schema) {
            properties += concat({properties.empty() ? "\"" : ",\"", name, "\":", schema});
            required += concat({required.empty() ? "\"" : ",\"", name, "\""});
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (add(reflect::field_names<Row>[I], schema_of<reflect::field_t<Row, I>>(components)), ...);
        }(std::make_index_sequence<reflect::field_count<Row>>{});
        (add(Relations.name, related_schema<sql::relation_type<Relations>>(components)), ...);
        return concat(
            {R"({"type":"object","properties":{)", properties, R"(},"required":[)", required, "]}"});
    }

private:
    template <class Relation>
    static std::string related_schema(SchemaSet& components) {
        const std::string item = schema_of<typename Relation::item>(components);
        if constexpr (Relation::many) {
            return concat({R"({"type":"array","items":)", item, "}"});
        } else if constexpr (Relation::optional) {
            return concat({R"({"anyOf":[)", item, R"(,{"type":"null"}]})"});
        } else {
            return item;
        }
    }
};
