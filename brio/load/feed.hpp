// Data for the users of a scenario, from a file or a container, each row a plain struct:
//
//     struct Account { std::string email; std::string password; };
//     inline load::Feed<Account> accounts(load::read_csv<Account>("accounts.csv"), load::Order::unique);
//
//     Async<> log_in(load::Client client) {
//         auto const* account = accounts.next(client.random());
//
// Files are read once and whole. All users of all threads share a feed; next() may be called by any thread.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <brio/base/random.hpp>
#include <brio/json/read.hpp>
#include <brio/load/output_file.hpp>
#include <brio/reflect/fields.hpp>
#include <brio/reflect/parse_text.hpp>

namespace brio::load {

enum class Order : std::uint8_t {
    sequential,  // one after the other, then from the first again
    random,      // any, as the user's random numbers say
    unique,      // one after the other, each once
};

template <class Row>
class Feed {
public:
    /// Throws std::invalid_argument when there is no row.
    explicit Feed(std::vector<Row> rows, Order order = Order::sequential)
        : rows_(std::move(rows)),
          order_(order) {
        if (rows_.empty()) {
            throw std::invalid_argument("a feed has at least one row");
        }
    }

    /// Null once all rows of a unique feed were given.
    const Row* next(Random& random) noexcept {
        if (order_ == Order::random) {
            return &rows_[random.below(rows_.size())];
        }
        auto const at = next_.fetch_add(1, std::memory_order_relaxed);
        if (order_ == Order::unique && at >= rows_.size()) {
            return nullptr;
        }
        return &rows_[at % rows_.size()];
    }
    std::size_t size() const noexcept { return rows_.size(); }

private:
    const std::vector<Row> rows_;
    const Order order_;
    std::atomic<std::uint64_t> next_ = 0;
};

namespace detail {
/// The lines of a CSV text (RFC 4180), the first one with the names. Throws std::runtime_error that says in
/// which line a quote has no end or the number of values is another.
std::vector<std::vector<std::string>> read_csv_lines(std::string_view text, const std::string& where);
/// Where `name` stands in `names`. Throws std::runtime_error.
std::size_t column_of(const std::vector<std::string>& names, std::string_view name, const std::string& where);

template <class Field>
void assign(Field& field, std::string_view text, std::string_view name, const std::string& where) {
    auto value = reflect::parse_text<Field>(text);
    if (!value) {
        throw std::runtime_error(where + ": " + std::string(name) + " " + value.error());
    }
    field = std::move(*value);
}
}  // namespace detail

/// The first line has the names of Row's fields, in any order; columns that it does not have are left out.
/// Throws std::runtime_error that names the file, the line and the field.
template <class Row>
std::vector<Row> read_csv(const std::string& file) {
    auto const lines = detail::read_csv_lines(read_file(file), file);
    std::array<std::size_t, reflect::field_count<Row>> columns{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        columns[i] = detail::column_of(lines.front(), reflect::field_names<Row>[i], file);
    }
    std::vector<Row> rows(lines.size() - 1);
    for (std::size_t line = 1; line < lines.size(); ++line) {
        auto const where = file + ", row " + std::to_string(line);
        reflect::for_each_field(rows[line - 1], [&](auto i, std::string_view name, auto& field) {
            detail::assign(field, lines[line][columns[i]], name, where);
        });
    }
    return rows;
}

/// An array of objects. Throws std::runtime_error that names the file and what is wrong.
template <class Row>
std::vector<Row> read_json(const std::string& file) {
    auto rows = json::read<std::vector<Row>>(read_file(file), {.bytes = SIZE_MAX, .elements = SIZE_MAX});
    if (!rows) {
        throw std::runtime_error(file + ": " + json::describe(rows.error()));
    }
    return std::move(*rows);
}

}  // namespace brio::load
