#include <brio/app/slow_routes.hpp>

#include <algorithm>
#include <memory>

#include <brio/base/symbols.hpp>
#include <brio/base/text.hpp>
#include <brio/http/parameters.hpp>

namespace brio::app {

namespace {

constexpr double ns_a_ms = 1e6;

std::string hexadecimal(std::uint64_t number) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
    const auto size = static_cast<std::size_t>(end - digits);
    return std::string(sizeof digits - size, '0').append(digits, size);
}

template <std::size_t most>
std::string text_of(const FixedText<most>& text) {
    return valid_utf8(text.view());
}

SlowEntry entry_of(const ledger::SlowWork& work, const NameFunction& name_of_function) {
    SlowEntry entry{.number = work.number,
                    .at = Timestamp(WallTime(std::chrono::microseconds(work.ended_us))),
                    .kind = std::string(name_of(work.kind)),
                    .why = std::string(name_of(work.why)),
                    .method = text_of(work.method),
                    .name = text_of(work.name),
                    .target = text_of(work.target),
                    .status = work.status,
                    .error = text_of(work.error),
                    .total_ms = static_cast<double>(work.total_ns) / ns_a_ms,
                    .goal_ms = static_cast<double>(work.goal_ns) / ns_a_ms,
                    .phases = {},
                    .statement_runs = work.statement_runs,
                    .rows = work.rows,
                    .statements = {},
                    .cpu = {},
                    .request_id = text_of(work.id),
                    .trace_id = {},
                    .process = work.process};
    for (std::size_t i = 0; i < ledger::phase_count; ++i) {
        if (work.phases[i] != 0) {
            entry.phases.push_back({.phase = std::string(ledger::phase_names[i]),
                                    .ms = static_cast<double>(work.phases[i]) / ns_a_ms});
        }
    }
    const auto statements = std::min<std::size_t>(work.statement_count, work.statements.size());
    for (const auto& each : std::span(work.statements).first(statements)) {
        entry.statements.push_back({.statement = text_of(each.name),
                                    .count = each.count,
                                    .ms = static_cast<double>(each.ns) / ns_a_ms});
    }
    const auto stacks = std::min<std::size_t>(work.stack_count, work.stacks.size());
    for (const auto& each : std::span(work.stacks).first(stacks)) {
        SlowStack stack{.seen = each.seen, .frames = {}};
        for (std::size_t i = std::min<std::size_t>(each.depth, each.frames.size()); i-- > 0;) {
            stack.frames.push_back(name_of_function(each.frames[i]));
        }
        entry.cpu.push_back(std::move(stack));
    }
    if ((work.trace_high | work.trace_low) != 0) {
        entry.trace_id = concat({hexadecimal(work.trace_high), hexadecimal(work.trace_low)});
    }
    return entry;
}

bool fits(const ledger::SlowWork& work, const SlowQuery& query) noexcept {
    return (!query.name || *query.name == work.name.view()) &&
           (!query.kind || *query.kind == name_of(work.kind)) &&
           (!query.why || *query.why == name_of(work.why));
}

struct SendSlow {
    const ledger::BlackBox* box;
    std::shared_ptr<std::unique_ptr<Symbols>> symbols;  // made when a stack is to be told

    http::Response operator()(http::Query<SlowQuery> query) const {
        auto report = report_slow(box->newest(), *query, [this](std::uint64_t address) {
            if (*symbols == nullptr) {
                *symbols = std::make_unique<Symbols>();
            }
            return std::string((*symbols)->name_of(address));
        });
        report.kept = box->kept();
        http::Response response;
        response.json(json::to_string(report)).cache_control("no-store");
        return response;
    }
};

}  // namespace

SlowReport report_slow(std::span<const ledger::SlowWork> newest, const SlowQuery& query,
                       const NameFunction& name_of_function) {
    SlowReport report{.kept = newest.size(), .most = ledger::BlackBox::most, .slow = {}};
    for (const ledger::SlowWork& work : newest) {
        if (fits(work, query) && report.slow.size() < query.top) {
            report.slow.push_back(entry_of(work, name_of_function));
        }
    }
    return report;
}

void add_slow_routes(http::Router& router, const ledger::BlackBox& box) {
    router.get<"/api/slow">(SendSlow{&box, std::make_shared<std::unique_ptr<Symbols>>()});
}

}  // namespace brio::app
