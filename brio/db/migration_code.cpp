#include <brio/db/migration_code.hpp>

#include <algorithm>
#include <charconv>

#include <brio/base/text.hpp>

namespace brio::db {

namespace {

using Kind = Operation::Kind;

std::string literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' || c == '\\' ? "\\" : "";
        c == '\n' ? out += "\\n" : out += c;
    }
    return out + '"';
}

std::string call(std::string_view name, std::initializer_list<std::string> arguments) {
    std::string text = concat({name, "("});
    std::string_view comma;
    for (const std::string& argument : arguments) {
        text += concat({std::exchange(comma, ", "), argument});
    }
    return text + ")";
}

std::string keys_code(const std::vector<IndexKey>& keys) {
    std::string text;
    for (const IndexKey& key : keys) {
        std::string one = literal(key.text);
        one = key.is_expression ? call("expression", {one}) : one;
        one = key.is_descending ? call("descending", {one}) : one;
        text += concat({text.empty() ? "" : ", ", one});
    }
    return concat({"{", text, "}"});
}

std::string columns_code(const std::vector<ColumnDefinition>& columns) {
    std::string text;
    for (const ColumnDefinition& column : columns) {
        text += concat({text.empty() ? "" : ",\n                   ", "{", literal(column.name), ", ",
                        code_of(column.type), "}"});
    }
    return concat({"{", text, "}"});
}

std::string change_code(const Operation& operation) {
    return concat(
        {"{.from = ", code_of(operation.columns.at(0).type),
         ", .to = ", code_of(operation.columns.at(1).type),
         operation.conversion.empty() ? std::string() : ", .conversion = " + literal(operation.conversion),
         "}"});
}

std::string plain_code(const Operation& operation) {
    const std::string table = literal(operation.table);
    const std::string name = literal(operation.name);
    switch (operation.kind) {
        case Kind::create_table: return call("create_table", {table, columns_code(operation.columns)});
        case Kind::drop_table: return call("drop_table", {table});
        case Kind::rename_table: return call("rename_table", {table, literal(operation.new_name)});
        case Kind::add_column:
            return call("add_column", {table, name, code_of(operation.columns.at(0).type)});
        case Kind::drop_column: return call("drop_column", {table, name});
        case Kind::rename_column: return call("rename_column", {table, name, literal(operation.new_name)});
        case Kind::alter_column: return call("alter_column", {table, name, change_code(operation)});
        case Kind::create_index: {
            const std::string keys = keys_code(operation.keys);
            const std::string made = operation.is_unique ? call("create_index", {name, table, keys, "unique"})
                                                         : call("create_index", {name, table, keys});
            return operation.condition.empty() ? made : made + call(".where", {literal(operation.condition)});
        }
        case Kind::drop_index: return call("drop_index", {name});
        case Kind::raw: break;
    }
    return operation.texts[0] == operation.texts[1]
               ? call("raw", {literal(operation.texts[0])})
               : call("raw", {literal(operation.texts[0]), literal(operation.texts[1])});
}

std::string list_code(std::string_view name, const std::vector<Operation>& operations) {
    std::string text;
    for (const Operation& operation : operations) {
        text += concat({text.empty() ? "" : ",\n        ", code_of(operation)});
    }
    return concat({name, "(", text, ")"});
}

/// The number at the beginning; 0 for none.
unsigned number_of(std::string_view revision) {
    unsigned number = 0;
    std::from_chars(revision.data(), revision.data() + revision.size(), number);
    return number;
}

}  // namespace

std::string code_of(const ColumnType& type) {
    using Type = ColumnType::Kind;
    std::string text = "column::";
    switch (type.kind) {
        case Type::id: return text + "id";
        case Type::integer: text += "integer"; break;
        case Type::real: text += "real"; break;
        case Type::decimal:
            text += call("decimal", {integer_text(type.most), integer_text(type.scale)});
            break;
        case Type::boolean: text += "boolean"; break;
        case Type::text: text += call("text", {type.most == 0 ? "" : integer_text(type.most)}); break;
        case Type::bytes: text += "bytes"; break;
        case Type::timestamp: text += "timestamp"; break;
        case Type::date: text += "date"; break;
        case Type::uuid: text += "uuid"; break;
        case Type::json: text += "json"; break;
        case Type::reference: text += call("reference", {literal(type.target)}); break;
    }
    text += type.is_optional ? ".optional()" : "";
    text += type.cascades ? ".on_delete_cascade()" : "";
    return type.otherwise.empty() ? text : text + call(".by_default", {literal(type.otherwise)});
}

std::string code_of(const Operation& operation) {
    const std::string code = plain_code(operation);
    return operation.accepted.empty() ? code : call("dangerous", {literal(operation.accepted), code});
}

std::string code_of(const Migration& migration) {
    return concat({"    {", literal(migration.revision), ",\n     ", list_code("up", migration.upgrade),
                   ",\n     ", list_code("down", migration.downgrade), "},\n"});
}

std::string next_revision(std::span<const Migration> migrations, std::string_view words) {
    unsigned last = 0;
    for (const Migration& migration : migrations) {
        last = std::max(last, number_of(migration.revision));
    }
    std::string name;
    for (const char c : lower(words)) {
        const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_word || (!name.empty() && name.back() != '_')) {
            name += is_word ? c : '_';
        }
    }
    while (name.ends_with('_')) {
        name.pop_back();
    }
    std::string number = integer_text(last + 1);
    number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
    return concat({number, "_", name});
}

std::optional<std::string> with_migration(std::string_view source, std::string_view code) {
    constexpr std::string_view begin = "const Migration ";
    constexpr std::string_view end = "\n};";
    const auto array = [&](std::size_t from) {
        for (auto at = source.find(begin, from); at != source.npos; at = source.find(begin, at + 1)) {
            const auto line = source.substr(at, source.find('\n', at) - at);
            if (line.contains("[] = {")) {
                return at;
            }
        }
        return source.npos;
    };
    const auto at = array(0);
    if (at == source.npos || array(at + 1) != source.npos) {
        return std::nullopt;
    }
    const auto close = source.find(end, at);
    if (close == source.npos) {
        return std::nullopt;
    }
    const auto before = source.substr(0, close);
    const std::string_view comma = before.ends_with(',') || before.ends_with('{') ? "" : ",";
    const auto lines = code.substr(0, code.find_last_not_of('\n') + 1);
    return concat({before, comma, "\n", lines, source.substr(close)});
}

}  // namespace brio::db
