#include <brio/load/cause.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

namespace brio::load {
namespace {

using ledger::Phase;

constexpr std::string_view outside = "outside";
constexpr double shed_share = 0.005;         // of requests, from which on refusals are the cause
constexpr std::uint64_t scanned_rows = 500;  // a run, from which on a statement can be a scan
constexpr std::uint64_t scanned_each = 20;   // and for each row that it gives
constexpr double statements_grew = 3;        // times, from which on they are why connections are short

/// What a loop does itself, not what it waits for.
constexpr Phase work_phases[] = {Phase::validate,  Phase::db,       Phase::decode, Phase::handler,
                                 Phase::serialise, Phase::compress, Phase::write};

double each_ms(std::uint64_t ns, std::uint64_t count) noexcept {
    return count == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(count) / 1e6;
}
double mean_ms(const RunSeen& run, Phase phase) noexcept {
    const auto& phases = run.server.counted.phases;
    return each_ms(phases.ns[static_cast<std::size_t>(phase)], phases.count);
}
double outside_ms(const RunSeen& run) noexcept {
    const auto& counted = run.server.counted;
    return std::max(0.0, run.client_mean_ms - each_ms(counted.total_ns, counted.phases.count));
}

std::vector<Growth> growth_of(const RunSeen& held, const RunSeen& missed) {
    std::vector<Growth> all;
    for (std::size_t i = 0; i < ledger::request_phase_count; ++i) {
        const auto phase = static_cast<Phase>(i);
        all.push_back({.phase = std::string(ledger::name(phase)),
                       .before_ms = mean_ms(held, phase),
                       .after_ms = mean_ms(missed, phase)});
    }
    all.push_back(
        {.phase = std::string(outside), .before_ms = outside_ms(held), .after_ms = outside_ms(missed)});
    double sum = 0;
    for (Growth& each : all) {
        each.share = std::max(0.0, each.after_ms - each.before_ms);
        sum += each.share;
    }
    constexpr double least = 0.002;  // of it all: what is less is chance
    std::erase_if(all, [sum](const Growth& each) { return each.share <= least * sum; });
    for (Growth& each : all) {
        each.share /= sum;
    }
    std::ranges::sort(all, std::greater(),
                      [](const Growth& each) { return std::pair(each.share, each.phase); });
    return all;
}

std::string ms(double value) {
    return duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(value * 1e6)));
}

bool is_scan(const StatementUse& statement) noexcept {
    const std::uint64_t each = statement.scanned / std::max<std::uint64_t>(statement.runs, 1);
    return each >= scanned_rows &&
           statement.scanned >= scanned_each * std::max<std::uint64_t>(statement.rows, statement.runs);
}

std::string words_of(const StatementUse& statement) {
    const auto runs = static_cast<double>(std::max<std::uint64_t>(statement.runs, 1));
    const std::string took = concat({"\"", statement.statement, "\" of ", statement.endpoint, " takes ",
                                     ms(statement.took_ms / runs), " each time"});
    if (!is_scan(statement)) {
        return took;
    }
    const auto each = [runs](std::uint64_t all) {
        return grouped(static_cast<std::uint64_t>(std::llround(static_cast<double>(all) / runs)));
    };
    return concat({took, " and looks at ", each(statement.scanned), " rows to give ", each(statement.rows)});
}

/// Why work is slow in a phase of the processor's.
std::string_view processor_advice(Phase phase) noexcept {
    switch (phase) {
        case Phase::serialise:
            return "send less (smaller pages, fewer fields), or let cached() keep the answer";
        case Phase::compress: return "compress less, or let cached() keep the compressed answer";
        case Phase::write: return "send less: smaller pages, or compress()";
        case Phase::validate: return "the bodies and parameters that come are large: take less at a time";
        default:
            return "/profile at the admin port shows which functions; more threads help where cores are free";
    }
}

class Judge {
public:
    Judge(const RunSeen& held, const RunSeen& missed) : held_(held), missed_(missed) {
        cause_.growth = growth_of(held, missed);
        const auto& statements = missed.server.counted.statements;
        if (!statements.empty()) {
            top_ = &statements.front();
        }
    }

    Cause judge() {
        const auto refused = refusals();
        const bool by_rate = refused && (refused->reason == "rate_limit" || refused->reason == "streams");
        if (refused) {
            prefix_ = concat({"the server refuses ", percent_text(refused->share, 0),
                              " of the requests, because of its limit '", refused->reason, "'"});
        }
        if (refused && (by_rate || cause_.growth.empty())) {
            judge_refusals(*refused);
        } else if (cause_.growth.empty()) {
            cause_.words = "the server's ledger shows nothing that takes longer";
        } else {
            const Growth& first = cause_.growth.front();
            prefix_ += prefix_.empty() ? "" : ", and ";
            cause_.phase = first.phase == outside ? "" : first.phase;
            judge_phase(first);
        }
        return std::move(cause_);
    }

private:
    void say(Culprit culprit, const std::string& words, std::string_view advice) {
        cause_.culprit = culprit;
        cause_.words = prefix_ + words;
        cause_.advice = advice;
    }

    std::string overrun(const Growth& growth) const {
        const auto at = std::ranges::find(ledger::phase_names, growth.phase);
        const auto words = at == ledger::phase_names.end()
                               ? std::string_view("waiting before the server reads (network and sockets)")
                               : ledger::in_words(static_cast<Phase>(at - ledger::phase_names.begin()));
        return concat({words, " takes ", percent_text(growth.share, 0), " of the overrun"});
    }

    struct Refusals {
        std::string reason;
        double share;  // of the requests
    };
    /// By the limit that refused the most; nothing where they are few.
    std::optional<Refusals> refusals() const {
        const auto& shed = missed_.server.counted.shed;
        const auto most = std::ranges::max_element(shed, {}, [](const auto& each) { return each.second; });
        const auto requests = std::max(static_cast<double>(missed_.server.counted.phases.count), 1.0);
        if (most == shed.end() || static_cast<double>(most->second) < shed_share * requests) {
            return std::nullopt;
        }
        return Refusals{most->first, static_cast<double>(most->second) / requests};
    }

    /// Where nothing else tells why: the reason of a refusal may be a phase itself.
    void judge_refusals(const Refusals& refused) {
        const std::string& reason = refused.reason;
        if (reason == "pool" || reason == "db") {
            cause_.phase = reason;
            judge_database("", reason == "db");
        } else if (reason == "loop" || reason == "handler") {
            judge_processor("");
        } else {
            say(Culprit::shedding, "",
                "http_requests_shed_total says how many by which limit; `config` lists the limits");
        }
    }

    void judge_phase(const Growth& first) {
        if (first.phase == "pool" || first.phase == "db") {
            judge_database(overrun(first), first.phase == "db");
        } else if (first.phase == "cache") {
            say(Culprit::cache, overrun(first), "is the cache's server near, and quick enough?");
        } else if (first.phase == "offload") {
            say(Culprit::offload, overrun(first),
                "more of them (BRIO_OFFLOAD_THREADS), or less work for them");
        } else if (first.phase == "enqueue") {
            say(Culprit::broker, overrun(first), "is the broker quick enough?");
        } else if (first.phase == "outbound") {
            say(Culprit::outbound, overrun(first), "the services that are asked take long");
        } else if (first.phase == "write" && !is_busy()) {
            say(Culprit::network, overrun(first),
                "the answers are large for this network: send less, or compress()");
        } else {
            judge_processor(overrun(first));
        }
    }

    /// One core or most of what the server may use; where nobody can tell, it is taken for busy.
    bool is_busy() const noexcept {
        constexpr double most_of_a_core = 0.85;
        constexpr double most_percent = 75;
        const auto& percent = missed_.server.highest.cpu_percent;
        const bool refuses = missed_.server.counted.shed.contains("loop");
        return refuses || (!missed_.server_cores && !percent) ||
               missed_.server_cores.value_or(0) >= most_of_a_core || percent.value_or(0) >= most_percent;
    }

    void judge_database(const std::string& words, bool by_statements) {
        const double before = mean_ms(held_, Phase::db);
        const double after = mean_ms(missed_, Phase::db);
        const auto& pool = missed_.server.highest;
        const bool scans = top_ != nullptr && is_scan(*top_);
        if (top_ != nullptr) {
            cause_.statement = *top_;
        }
        std::string more = words;
        if (pool.pool_most > 0 && !by_statements) {
            more += concat({": pool ", integer_text(std::min(pool.pool_in_use, pool.pool_most)), "/",
                            integer_text(pool.pool_most)});
            more += pool.pool_waiting > 0 ? concat({", ", grouped(pool.pool_waiting), " waiting"}) : "";
        }
        if (!by_statements && !scans && after < statements_grew * std::max(before, 0.01)) {
            more +=
                concat({"; statements stay as they are (", ms(before), " a request, then ", ms(after), ")"});
            say(Culprit::pool, more, "raise DATABASE_POOL, or have connections for less long");
            return;
        }
        if (top_ != nullptr) {
            more += concat({"; ", words_of(*top_)});
        } else {
            more += concat({"; statements take ", ms(after), " a request, ", ms(before), " before"});
        }
        say(Culprit::database, more,
            scans ? "/api/indexes at the admin port names the index that is missing"
                  : "/queries at the admin port shows what each statement takes");
    }

    void judge_processor(const std::string& words) {
        double sum = 0;
        Phase largest = Phase::handler;
        for (const Phase phase : work_phases) {
            const double each = mean_ms(held_, phase);
            sum += each;
            largest = each > mean_ms(held_, largest) ? phase : largest;
        }
        if (sum <= 0) {
            say(Culprit::processor, words, processor_advice(Phase::handler));
            return;
        }
        std::string more = words;
        if (missed_.server_cores) {
            more += concat({"; the server uses ", decimal_text(*missed_.server_cores, 2), " cores"});
        } else if (missed_.server.highest.cpu_percent) {
            more += concat({"; the server uses ", decimal_text(*missed_.server.highest.cpu_percent, 0),
                            " % of its processor"});
        }
        if (largest == Phase::db) {
            judge_database(concat({more, ", most of it for statements"}), true);
            return;
        }
        more +=
            concat({", and ", percent_text(mean_ms(held_, largest) / sum, 0), " of its work on a request is ",
                    ledger::name(largest), " (", ms(mean_ms(held_, largest)), ")"});
        cause_.phase = ledger::name(largest);
        constexpr double little_ms = 0.1;
        const bool is_sending = largest == Phase::write && mean_ms(held_, largest) < little_ms;
        say(Culprit::processor, more,
            is_sending ? "sending is most of what an answer costs: only more cores help"
                       : processor_advice(largest));
    }

    const RunSeen& held_;
    const RunSeen& missed_;
    const StatementUse* top_ = nullptr;
    std::string prefix_;  // of the words: what is refused
    Cause cause_;
};

}  // namespace

Cause cause_of(const RunSeen& held, const RunSeen& missed) { return Judge(held, missed).judge(); }

}  // namespace brio::load
