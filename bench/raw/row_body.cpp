#include <bench/raw/row_body.hpp>

#include <simdjson.h>
#include <bench/raw/json_append.hpp>

namespace bench {
namespace {

std::size_t characters(std::string_view utf8) {
    std::size_t count = 0;
    for (const char byte : utf8) {
        count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
    }
    return count;
}

bool is_status(std::string_view text) { return text == "draft" || text == "active" || text == "archived"; }

bool read_member(std::string_view key, simdjson::dom::element value, NewRow& row) {
    std::string_view text;
    if (key == "owner_id") {
        return value.get_int64().get(row.owner_id) == simdjson::SUCCESS;
    }
    if (value.get_string().get(text) != simdjson::SUCCESS) {
        return false;
    }
    if (key == "name") {
        row.name = text;
        return !text.empty() && characters(text) <= 120;
    }
    if (key == "description") {
        row.description = text;
        return characters(text) <= 2000;
    }
    if (key == "status") {
        row.status = text;
        return is_status(text);
    }
    return false;
}

}  // namespace

void append_row(brio::Buffer& out, const NewRow& row, const StoredRow& stored) {
    out.append(R"({"id":)");
    append_number(out, stored.id);
    out.append(R"(,"owner_id":)");
    append_number(out, row.owner_id);
    out.append(R"(,"name":)");
    append_string(out, row.name);
    out.append(R"(,"description":)");
    append_string(out, row.description);
    out.append(R"(,"status":)");
    append_string(out, row.status);
    out.append(R"(,"created_at":)");
    append_time(out, stored.created_at);
    out.append(R"(,"version":1})");
}

std::optional<NewRow> parse_row(std::string_view body) {
    // The DOM parser picks the machine's best instructions when it runs; on-demand is fixed when it is
    // compiled.
    static simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    NewRow row;
    for (const auto [key, value] : object) {
        if (!read_member(key, value, row)) {
            return std::nullopt;
        }
    }
    if (row.name.empty()) {
        return std::nullopt;
    }
    return row;
}

}  // namespace bench
