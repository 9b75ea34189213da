#include <brio/db/migration_hazards.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <brio/base/text.hpp>
#include <brio/db/migrate.hpp>
#include <brio/db/migration_text.hpp>

namespace brio::db {

namespace {

using Kind = Operation::Kind;

/// Text in lower case with one blank between words, without comments, quoted texts and quotes of names:
/// " create index i on t ( a ) ; " .
std::string words_of(std::string_view text) {
    std::string out = " ";
    const auto blank = [&] {
        if (out.back() != ' ') {
            out += ' ';
        }
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\'') {
            i = std::min(text.find('\'', i + 1), text.size() - 1);
            blank();
        } else if (text.substr(i).starts_with("--")) {
            i = std::min(text.find('\n', i), text.size());
            blank();
        } else if (std::string_view(" \t\r\n\"").contains(c)) {
            blank();
        } else if (std::string_view("();,").contains(c)) {
            blank();
            out += c;
            out += ' ';
        } else {
            out += ascii_lower(c);
        }
    }
    blank();
    return out;
}

struct RawRule {
    std::string_view words;   // the statement has these
    std::string_view also;    // and these
    std::string_view unless;  // but not these
    std::string_view what;
    std::string_view why;
    std::string_view instead;
};
constexpr std::string_view lost = "what it holds is lost";
constexpr std::string_view rewrites = "every row is written anew while nobody can read or write the table";
constexpr std::string_view reads = "the whole table is read while its writers wait";
constexpr std::string_view old_name =
    "running instances of the program ask for the old name until they are replaced";
constexpr std::string_view unused = "release a program that does not use it, and drop it after that";
constexpr std::string_view new_one = "add the new one, fill it, and drop the old one in a later release";
constexpr std::string_view by_condition = "delete what has to go, by a condition";
constexpr std::string_view not_valid = "NOT VALID here, and VALIDATE CONSTRAINT in the next migration";
constexpr std::array raw_rules{
    RawRule{" drop table ", {}, {}, "drops a table", lost, unused},
    RawRule{" drop column ", {}, {}, "drops a column", lost, unused},
    RawRule{" truncate ", {}, {}, "empties a table", lost, by_condition},
    RawRule{" delete from ", {}, " where ", "empties a table", lost, by_condition},
    RawRule{" create index ",
            {},
            " concurrently ",
            "builds an index",
            reads,
            "create_index(), or CREATE INDEX CONCURRENTLY"},
    RawRule{" create unique index ",
            {},
            " concurrently ",
            "builds an index",
            reads,
            "create_index(), or CREATE UNIQUE INDEX CONCURRENTLY"},
    RawRule{" reindex ", {}, " concurrently ", "builds an index", reads, "REINDEX CONCURRENTLY"},
    RawRule{" alter column ",
            " set not null ",
            {},
            "makes a column NOT NULL",
            reads,
            "alter_column(), which checks the rows first, without a lock"},
    RawRule{" alter column ", " type ", {}, "changes a column's type", rewrites, new_one},
    RawRule{" add constraint ", " check ", " not valid ", "adds a constraint", reads, not_valid},
    RawRule{" add constraint ", " foreign key ", " not valid ", "adds a constraint", reads, not_valid},
    RawRule{" add constraint ", " unique ", " using index ", "adds a constraint", reads,
            "create_index() with unique, or ADD CONSTRAINT … UNIQUE USING INDEX after it"},
    RawRule{" vacuum full ", {}, {}, "makes a table again", rewrites, "VACUUM"},
    RawRule{" alter table ", " rename ", " rename constraint ", "renames a table or a column", old_name,
            new_one},
};

class Judge {
public:
    Judge(const Migration& migration, Direction direction) {
        if (direction == Direction::down) {
            taken_back_ = &migration.upgrade;
        }
    }
    std::optional<Hazard> judge(const Operation& operation) {
        if (operation.kind == Kind::create_table) {
            made_.insert(operation.table);
            return std::nullopt;
        }
        if (operation.kind == Kind::rename_table && made_.contains(operation.table)) {
            made_.insert(operation.new_name);
        }
        if (!operation.accepted.empty() || made_.contains(operation.table) || is_taken_back(operation)) {
            return std::nullopt;
        }
        return operation.kind == Kind::raw ? of_raw(operation) : of_typed(operation);
    }

private:
    /// It undoes an operation of the way up, or is about a table that the way up made.
    bool is_taken_back(const Operation& operation) const {
        if (taken_back_ == nullptr) {
            return false;
        }
        return std::ranges::any_of(*taken_back_, [&](const Operation& up) {
            if (up.kind == Kind::create_table) {
                return up.table == operation.table;
            }
            switch (operation.kind) {
                case Kind::drop_column:
                    return up.kind == Kind::add_column && up.table == operation.table &&
                           up.name == operation.name;
                case Kind::rename_table:
                    return up.kind == Kind::rename_table && up.new_name == operation.table;
                case Kind::rename_column:
                    return up.kind == Kind::rename_column && up.table == operation.table &&
                           up.new_name == operation.name;
                case Kind::alter_column:
                    return up.kind == Kind::alter_column && up.table == operation.table &&
                           up.name == operation.name;
                case Kind::add_column: return up.kind == Kind::drop_column && up.table == operation.table;
                case Kind::raw: return true;  // of raw text nobody knows what takes it back
                default: return false;
            }
        });
    }

    static std::optional<Hazard> of_added(const Operation& operation) {
        const auto& column = operation.columns.at(0);
        const std::string what = concat({"adds the column ", column.name, " to ", operation.table});
        if (column.type.kind == ColumnType::Kind::id) {
            return Hazard{what + ", which every row has to be numbered for", std::string(rewrites),
                          "make a new table"};
        }
        if (!column.type.is_optional && column.type.otherwise.empty()) {
            return Hazard{
                what + " as NOT NULL without a default", "the rows that are there would have no value",
                "give it a by_default(), or make it optional(), fill it, and alter_column() it then"};
        }
        if (column.type.otherwise.contains('(')) {
            return Hazard{what + " with a default that is computed", std::string(rewrites),
                          "add it as optional(), fill it, and set the default then"};
        }
        return std::nullopt;
    }
    static std::optional<Hazard> of_altered(const Operation& operation) {
        const auto& from = operation.columns.at(0).type;
        const auto& to = operation.columns.at(1).type;
        constexpr auto dialect = sql::Dialect::postgresql;
        const bool is_wider_decimal = from.kind == to.kind && from.kind == ColumnType::Kind::decimal &&
                                      from.scale == to.scale && from.most <= to.most;
        if ((type_text(from, dialect) == type_text(to, dialect) || is_wider_decimal) &&
            operation.conversion.empty()) {
            return std::nullopt;
        }
        return Hazard{
            concat({"changes the type of ", operation.table, ".", operation.name}), std::string(rewrites),
            "add a column of the new type, fill it, use it, and drop the old one in a later release"};
    }
    static std::optional<Hazard> of_typed(const Operation& operation) {
        switch (operation.kind) {
            case Kind::drop_table:
                return Hazard{concat({"drops the table ", operation.table}), std::string(lost),
                              std::string(unused)};
            case Kind::drop_column:
                return Hazard{concat({"drops the column ", operation.name, " of ", operation.table}),
                              concat({lost, ", and running instances still ask for it"}),
                              std::string(unused)};
            case Kind::rename_table:
                return Hazard{concat({"renames the table ", operation.table}), std::string(old_name),
                              std::string(new_one)};
            case Kind::rename_column:
                return Hazard{concat({"renames the column ", operation.name, " of ", operation.table}),
                              std::string(old_name), std::string(new_one)};
            case Kind::add_column: return of_added(operation);
            case Kind::alter_column: return of_altered(operation);
            default: return std::nullopt;
        }
    }
    std::optional<Hazard> of_raw(const Operation& operation) const {
        for (const std::string& text : operation.texts) {
            std::string_view rest = text;
            while (!rest.empty()) {
                const auto end = std::min(rest.find(';'), rest.size());
                if (auto found = of_statement(rest.substr(0, end))) {
                    return found;
                }
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        }
        return std::nullopt;
    }
    std::optional<Hazard> of_statement(std::string_view statement) const {
        const std::string words = words_of(statement);
        const bool is_of_made = std::ranges::any_of(made_, [&](const std::string& table) {
            return words.contains(concat({" ", lower(table), " "}));
        });
        for (const RawRule& rule : raw_rules) {
            if (!is_of_made && words.contains(rule.words) && words.contains(rule.also) &&
                (rule.unless.empty() || !words.contains(rule.unless))) {
                return Hazard{concat({rule.what, ": ", trim(statement)}), std::string(rule.why),
                              std::string(rule.instead)};
            }
        }
        return std::nullopt;
    }

    const std::vector<Operation>* taken_back_ = nullptr;
    std::set<std::string> made_;
};

}  // namespace

std::vector<Hazard> hazards(const Migration& migration, Direction direction) {
    std::vector<Hazard> found;
    Judge judge(migration, direction);
    for (const Operation& operation : migration.operations(direction)) {
        if (auto hazard = judge.judge(operation)) {
            found.push_back(std::move(*hazard));
        }
    }
    return found;
}

std::string hazard_comments(const Migration& migration) {
    std::string text;
    for (const Hazard& hazard : hazards(migration, Direction::up)) {
        text += concat({"-- refused by upgrade: it ", hazard.what.substr(0, hazard.what.find('\n')), "\n"});
    }
    for (const Operation& operation : migration.upgrade) {
        if (!operation.accepted.empty()) {
            text += concat(
                {"-- dangerous, but: ", operation.accepted.substr(0, operation.accepted.find('\n')), "\n"});
        }
    }
    return text;
}

void refuse_hazards(const Migration& migration, Direction direction) {
    const auto found = hazards(migration, direction);
    if (found.empty()) {
        return;
    }
    std::string text =
        concat({"migration ", migration.revision, " is refused on its way ", name_of(direction)});
    for (const Hazard& hazard : found) {
        text += concat(
            {"\n  it ", hazard.what, "\n    why not: ", hazard.why, "\n    instead: ", hazard.instead});
    }
    throw MigrationError(
        text +
        "\n  when it has to be so, say why: dangerous(\"no instance uses it since 2.1\", the operation)");
}

}  // namespace brio::db
