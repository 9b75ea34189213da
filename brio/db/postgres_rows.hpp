// Rows of a PostgreSQL result in binary format: as sql::Columns for code that wants values, and straight into
// JSON. Internal.
#pragma once
#include <array>
#include <string>
#include <vector>

#include <brio/db/engine.hpp>
#include <brio/db/postgres_types.hpp>

struct pg_result;

namespace brio::db::postgres {

class ResultColumns final : public sql::Columns {
public:
    ResultColumns(const pg_result* result, const std::vector<Form>& forms)
        : result_(result),
          forms_(forms),
          texts_(forms.size()) {}
    void move_to(int row) noexcept { row_ = row; }

    bool is_null(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;
    std::int64_t timestamp(int column) const override;
    std::int64_t decimal(int column, unsigned scale) const override;
    int count() const override;
    std::string_view name(int column) const override;

private:
    Form form(int column) const noexcept { return forms_[static_cast<std::size_t>(column)]; }

    const pg_result* result_;
    const std::vector<Form>& forms_;
    int row_ = 0;
    mutable std::vector<std::string> texts_;  // of columns that are no text in binary format
};

/// All rows of the result; more than `rows.most` are only noticed.
void encode_rows(const pg_result* result, const std::vector<Form>& forms, JsonRows& rows);

}  // namespace brio::db::postgres
