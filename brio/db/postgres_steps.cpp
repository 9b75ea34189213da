#include <brio/db/postgres_steps.hpp>

#include <algorithm>
#include <set>

#include <brio/base/text.hpp>
#include <brio/db/migration_text.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db::postgres {

namespace {

using Kind = Operation::Kind;
using sql::quoted_name;
using sql::quoted_text;
constexpr auto dialect = sql::Dialect::postgresql;

/// One statement for each constraint of a column that `which` says: DROP or VALIDATE. They are looked up,
/// since their names depend on what the table and the column were once called.
std::string for_constraints(const Operation& operation, std::string_view which, std::string_view statement) {
    const std::string table = quoted_name(operation.table);
    return concat(
        {"DO $brio$DECLARE found name; BEGIN\n  FOR found IN SELECT c.conname FROM pg_constraint c "
         "JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]\n    "
         "WHERE c.conrelid = ",
         quoted_text(table), "::regclass AND a.attname = ", quoted_text(operation.name), " AND ", which,
         "\n  LOOP EXECUTE ", quoted_text(concat({"ALTER TABLE ", table, " ", statement, " CONSTRAINT "})),
         " || quote_ident(found); END LOOP;\nEND$brio$"});
}

class Planner {
public:
    void add(const Operation& operation) {
        switch (operation.kind) {
            case Kind::create_table: add_table(operation); return;
            case Kind::create_index: add_index(operation); return;
            case Kind::drop_index: add_index_drop(operation); return;
            case Kind::alter_column: add_alteration(operation); return;
            case Kind::raw: add_raw(operation); return;
            default: break;
        }
        if (!is_made_here(operation.table)) {
            lock_others_out();
        } else if (operation.kind == Kind::rename_table) {
            made_.insert(operation.new_name);
        }
        run(render(operation, dialect));
    }
    std::vector<Step> take() && {
        end_transaction();
        return std::move(steps_);
    }

private:
    /// Nobody else can see what this migration made: it needs no care.
    bool is_made_here(const std::string& name) const { return made_.contains(name); }
    void run(std::string statement) { open_.push_back(std::move(statement)); }
    void end_transaction() {
        if (!open_.empty()) {
            steps_.push_back({.kind = Step::Kind::transaction, .statements = std::move(open_)});
            open_.clear();
        }
        locks_others_out_ = false;
        has_raw_ = false;
    }
    /// What comes takes a table that others use. The locks last until the end of the transaction, and nobody
    /// knows how long raw text takes: the two are never in one.
    void lock_others_out() {
        if (has_raw_) {
            end_transaction();
        }
        locks_others_out_ = true;
    }
    void step(Step step) {
        end_transaction();
        steps_.push_back(std::move(step));
    }

    void add_table(const Operation& operation) {
        for (const ColumnDefinition& column : operation.columns) {
            if (column.type.kind == ColumnType::Kind::reference && column.type.target != operation.table &&
                !is_made_here(column.type.target)) {
                lock_others_out();  // of writing the table that is referred to
            }
        }
        made_.insert(operation.table);
        run(render(operation, dialect));
    }
    void add_index(const Operation& operation) {
        std::string text = render(operation, dialect);
        if (is_made_here(operation.table)) {
            made_.insert(operation.name);
            return run(std::move(text));
        }
        constexpr std::string_view before = "INDEX ";
        text.insert(text.find(before) + before.size(), "CONCURRENTLY ");
        step({.kind = Step::Kind::build_index,
              .statements = {std::move(text)},
              .index = operation.name,
              .table = operation.table});
    }
    void add_index_drop(const Operation& operation) {
        if (is_made_here(operation.name)) {
            return run(render(operation, dialect));
        }
        step({.kind = Step::Kind::drop_index,
              .statements = {concat({"DROP INDEX CONCURRENTLY IF EXISTS ", quoted_name(operation.name)})},
              .index = operation.name});
    }
    void add_raw(const Operation& operation) {
        const std::string& text = operation.texts[static_cast<std::size_t>(dialect)];
        if (text.empty()) {
            return;
        }
        const std::string words = lower(text);
        if (words.find("concurrently") != words.npos || words.starts_with("vacuum")) {
            return step({.kind = Step::Kind::alone, .statements = {text}});
        }
        if (locks_others_out_) {
            end_transaction();
        }
        has_raw_ = true;
        run(text);
    }

    void alter(const Operation& operation, std::string_view what) {
        run(concat({"ALTER TABLE ", quoted_name(operation.table), " ", what}));
    }
    void alter_value(const Operation& operation, std::string_view what) {
        alter(operation, concat({"ALTER COLUMN ", quoted_name(operation.name), " ", what}));
    }
    void change_type(const Operation& operation, const ColumnType& from, const ColumnType& to) {
        const auto type = type_text(to, dialect);
        if (type_text(from, dialect) == type && operation.conversion.empty()) {
            return;
        }
        if (!from.otherwise.empty()) {  // it may have no cast of its own
            alter_value(operation, "DROP DEFAULT");
        }
        const std::string cast = concat({quoted_name(operation.name), "::", type});
        alter_value(operation, concat({"TYPE ", type, " USING ",
                                       operation.conversion.empty() ? cast : operation.conversion}));
        if (!to.otherwise.empty()) {
            alter_value(operation, "SET DEFAULT " + to.otherwise);
        }
    }
    void change_default(const Operation& operation, const ColumnType& from, const ColumnType& to) {
        if (from.otherwise != to.otherwise) {
            alter_value(operation, to.otherwise.empty() ? "DROP DEFAULT" : "SET DEFAULT " + to.otherwise);
        }
    }
    static std::string reference_of(const ColumnDefinition& column) {
        return column.type.kind == ColumnType::Kind::reference ? reference_text(column.type) : std::string();
    }
    void drop_constraints(const Operation& operation) {
        const auto& from = operation.columns.at(0);
        const auto& to = operation.columns.at(1);
        if (!limit_text(from).empty() && limit_text(to) != limit_text(from)) {
            run(for_constraints(operation,
                                "c.contype = 'c' AND pg_get_constraintdef(c.oid) LIKE "
                                "'CHECK ((length(%) <= %))'",
                                "DROP"));
        }
        if (!reference_of(from).empty() && reference_of(to) != reference_of(from)) {
            run(for_constraints(operation, "c.contype = 'f'", "DROP"));
        }
    }
    /// The new limit and reference; true when there is one, which rows have to be checked against.
    bool add_constraints(const Operation& operation, std::string_view not_valid) {
        const auto& from = operation.columns.at(0);
        const auto& to = operation.columns.at(1);
        bool has_added = false;
        if (const std::string limit = limit_text(to); !limit.empty() && limit != limit_text(from)) {
            alter(operation, concat({"ADD CHECK (", limit, ")", not_valid}));
            has_added = true;
        }
        if (const std::string wanted = reference_of(to); !wanted.empty() && wanted != reference_of(from)) {
            alter(operation,
                  concat({"ADD FOREIGN KEY (", quoted_name(operation.name), ")", wanted, not_valid}));
            has_added = true;
        }
        return has_added;
    }
    void add_alteration(const Operation& operation) {
        const ColumnType& from = operation.columns.at(0).type;
        const ColumnType& to = operation.columns.at(1).type;
        const bool is_quiet = is_made_here(operation.table);
        const bool becomes_required = from.is_optional && !to.is_optional;
        if (!is_quiet) {
            lock_others_out();
        }
        drop_constraints(operation);
        change_type(operation, from, to);
        change_default(operation, from, to);
        if (!from.is_optional && to.is_optional) {
            alter_value(operation, "DROP NOT NULL");
        }
        bool has_to_check = add_constraints(operation, is_quiet ? "" : " NOT VALID");
        if (is_quiet) {
            if (becomes_required) {
                alter_value(operation, "SET NOT NULL");
            }
            return;
        }
        // SET NOT NULL reads the whole table under its lock, unless a valid CHECK says it already.
        const std::string proof = quoted_name(concat({operation.table, "_", operation.name, "_not_null"}));
        if (becomes_required) {
            alter(operation, concat({"ADD CONSTRAINT ", proof, " CHECK (", quoted_name(operation.name),
                                     " IS NOT NULL) NOT VALID"}));
            has_to_check = true;
        }
        if (has_to_check) {
            step({.kind = Step::Kind::transaction,
                  .statements = {for_constraints(operation, "NOT c.convalidated", "VALIDATE")}});
        }
        if (becomes_required) {
            lock_others_out();
            alter_value(operation, "SET NOT NULL");
            alter(operation, concat({"DROP CONSTRAINT ", proof}));
        }
    }

    std::set<std::string> made_;     // tables and indexes
    std::vector<std::string> open_;  // statements of the transaction that goes on
    bool locks_others_out_ = false;  // it does
    bool has_raw_ = false;           // so does it
    std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> steps_of(const std::vector<Operation>& operations) {
    Planner planner;
    for (const Operation& operation : operations) {
        planner.add(operation);
    }
    return std::move(planner).take();
}

std::int64_t hash_of(const std::vector<Step>& steps, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < std::min(count, steps.size()); ++i) {
        for (const std::string& statement : steps[i].statements) {
            text += statement + '\n';
        }
    }
    return static_cast<std::int64_t>(sql::stable_hash(text));
}

}  // namespace brio::db::postgres
