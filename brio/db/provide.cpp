#include <brio/db/provide.hpp>

#include <brio/base/text.hpp>
#include <brio/http/limits.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/query.hpp>

namespace brio::db {

std::vector<sql::NamedValue> query_pairs(http::Exchange& exchange) {
    std::vector<sql::NamedValue> pairs;
    http::QueryReader reader(exchange.head.query(), exchange.scratch);
    while (const auto pair = reader.next()) {
        pairs.emplace_back(pair->name, pair->value);
    }
    if (const auto& why = reader.rejection()) {
        throw http::Problem(why->status, std::string(why->code), std::string(why->detail));
    }
    return pairs;
}

void report_faults(http::Exchange& exchange, const std::vector<sql::ListFault>& faults) {
    for (const sql::ListFault& fault : faults) {
        if (fault.too_deep) {
            throw http::Problem(http::ProblemParts{.status = 422,
                                                   .code = "page_too_deep",
                                                   .detail = concat({fault.name, " ", fault.message}),
                                                   .errors = {{http::In::query, fault.name, fault.message}}});
        }
        exchange.errors.add(http::In::query, fault.name, fault.message);
    }
}

void describe_list(http::OperationSchema& operation, std::span<const std::string_view> sorts,
                   std::uint32_t page_size, std::uint32_t most_page_size) {
    auto add = [&](std::string_view name, std::string schema, std::string_view description) {
        operation.parameter({.in = http::In::query,
                             .name = std::string(name),
                             .schema = std::move(schema),
                             .description = std::string(description)});
    };
    add("page", R"({"type":"integer","minimum":1,"default":1})", "The number of the page");
    add("page_size", concat({R"({"type":"integer","minimum":1,"default":)", integer_text(page_size), "}"}),
        concat({"Rows of a page; more than ", integer_text(most_page_size), " are that many"}));
    add("skip", R"({"type":"integer","minimum":0,"maximum":100000})",
        "Rows to leave out, instead of page and page_size");
    add("limit", R"({"type":"integer","minimum":1})", "Rows of the page, with skip");
    std::string names = R"("id")";
    for (const std::string_view sort : sorts) {
        if (sort != "id") {
            names += concat({",\"", sort, "\""});
        }
    }
    add("sort_by", concat({R"({"type":"string","default":"id","enum":[)", names, "]}"}),
        "The column of the order; id decides between equals");
    add("sort_order", R"({"type":"string","enum":["asc","desc"],"default":"asc"})",
        "The direction of the order");
    add("filters", R"({"type":"string"})", "A JSON object of filters, the same as the named ones");
    add("cursor", R"({"type":"string"})", "The next_cursor of a page: goes on behind it");
    add("total", R"({"type":"string","enum":["exact","estimated","none"],"default":"exact"})",
        "estimated: about as many, quicker; none leaves the total out");
}

void describe_filter(http::OperationSchema& operation, const sql::FilterColumn& filter, std::string schema) {
    auto description = [&]() -> std::string {
        switch (filter.kind) {
            case sql::FilterKind::equal: return "Only rows with this value";
            case sql::FilterKind::from:
                return concat({"Only rows whose ", filter.column, " is at least this"});
            case sql::FilterKind::to: return concat({"Only rows whose ", filter.column, " is at most this"});
            case sql::FilterKind::any_of: return "Only rows with one of these values, commas between them";
            case sql::FilterKind::search: break;
        }
        std::string columns;
        for (const std::string_view column : filter.columns) {
            columns += concat({columns.empty() ? "" : " or ", column});
        }
        return concat({"Only rows with this text within ", columns, ", whatever its case"});
    };
    operation.parameter({.in = http::In::query,
                         .name = std::string(filter.name),
                         .schema = std::move(schema),
                         .description = description(),
                         .has_commas = filter.kind == sql::FilterKind::any_of});
}

}  // namespace brio::db
