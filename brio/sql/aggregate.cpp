#include <brio/sql/aggregate.hpp>

namespace brio::sql::detail {

void write_call(StatementText& text, std::string_view before, std::string_view column,
                std::string_view after) {
    (text << before).column("t", column) << after;
}

}  // namespace brio::sql::detail
