#include <brio/db/postgres_holders.hpp>

#include <algorithm>

#include <brio/base/text.hpp>

namespace brio::db::postgres {

std::string seconds_text(std::chrono::nanoseconds time) {
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(time).count() / 100;
    return concat({integer_text(tenths / 10), ".", integer_text(tenths % 10), " s"});
}

std::string describe_holders(std::vector<Holder> holders, std::size_t most, std::chrono::nanoseconds now) {
    constexpr std::size_t most_named = 8;
    std::ranges::sort(holders, {}, &Holder::since);
    std::string text =
        concat({integer_text(holders.size()), " of ", integer_text(most), " connections in use"});
    for (std::size_t i = 0; i < std::min(holders.size(), most_named); ++i) {
        const Holder& each = holders[i];
        text +=
            concat({i == 0 ? ": " : ", ", each.name.empty() ? std::string_view("unnamed work") : each.name,
                    " for ", seconds_text(now - each.since)});
        if (!each.statement.empty()) {
            text += concat({" (", each.statement, ")"});
        }
    }
    return text;
}

}  // namespace brio::db::postgres
