#include <brio/ledger/statement_tally.hpp>

#include <brio/base/text.hpp>

namespace brio::ledger {

namespace {

constexpr std::size_t most_name = 60;

void append_printable(Buffer& out, std::string_view name) {
    for (const char c : name.substr(0, most_name)) {
        out.push_back(c >= ' ' && c < 0x7f ? c : ' ');
    }
    out.append(name.size() > most_name ? "..." : "");
}

}  // namespace

void append_tally_words(Buffer& out, const StatementTally& tally) {
    append_integer(out, tally.total());
    if (tally.size() == 0) {
        return;
    }
    std::array<const StatementTally::Entry*, StatementTally::most> order;
    std::uint64_t others = tally.total();
    std::size_t used = 0;
    for (const auto& entry : tally) {
        order[used++] = &entry;
        others -= entry.count;
    }
    std::sort(order.begin(), order.begin() + used, [](auto* one, auto* other) {
        return one->count != other->count ? one->count > other->count : one < other;
    });
    std::string_view before = " (";
    for (std::size_t i = 0; i < used; ++i) {
        out.append(std::exchange(before, ", "));
        append_integer(out, order[i]->count);
        out.append(" x ");
        append_printable(out, order[i]->name);
    }
    if (others != 0) {
        out.append(", ");
        append_integer(out, others);
        out.append(" x others");
    }
    out.push_back(')');
}

}  // namespace brio::ledger
