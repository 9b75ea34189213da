#include <brio/db/watched.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace brio::db {

namespace {

/// What a write waits for once its statements have run.
const sql::Statement& commit_statement() {
    static const sql::Statement made({.type = sql::StatementType::other, .name = "commit"},
                                     [](sql::Dialect) { return std::string("COMMIT"); });
    return made;
}

}  // namespace

void Watched::done(std::uint64_t commit_ns) {
    done_ = true;
    std::uint64_t known = commit_ns;
    for (const Query& query : queries_) {
        known += query.took_ns + query.decoded_ns;
    }
    const std::uint64_t all = elapsed();
    std::uint64_t waited = all > known ? all - known : 0;
    for (std::size_t i = 0; i < queries_.size();) {
        // Rows that are written by the same statement, one behind the other, are one run of it.
        const sql::Statement& statement = *queries_[i].statement;
        std::uint64_t ns = 0;
        std::size_t count = 0;
        for (; i < queries_.size() && queries_[i].statement == &statement; ++i, ++count) {
            const Query& query = queries_[i];
            const StatementRun run{.rows = query.rows,
                                   .scanned = query.scanned,
                                   .waited_ns = std::exchange(waited, 0),
                                   .took_ns = query.took_ns,
                                   .decoded_ns = query.decoded_ns};
            watch_.count(work_, query, run, goal_);
            ns += run.waited_ns + run.took_ns + run.decoded_ns;
        }
        watch_.tally(work_, statement, count, ns);
    }
    if (commit_ns != 0) {
        watch_.count_beside(work_, commit_statement(), {.took_ns = commit_ns});
    }
}

/// The statements that ended are counted as ever; the first that did not has failed, and what the batch took
/// beside the others, its wait too, was its. Nothing of a job that was left behind may be read: the engine
/// may be at it.
void Watched::failed() {
    const bool stopped = work_.stopped != runtime::StopReason::none || std::uncaught_exceptions() == 0;
    std::uint64_t left = elapsed();
    for (const Query& query : queries_) {
        const bool failed = stopped || query.took_ns == 0;
        StatementRun run{.took_ns = left, .failed = true};
        if (!failed) {
            run = {.rows = query.rows, .scanned = query.scanned, .took_ns = query.took_ns};
            left -= std::min(left, query.took_ns);
        }
        watch_.count(work_, query, run, goal_);
        watch_.tally(work_, *query.statement, 1, run.took_ns);
        if (failed) {
            return;
        }
    }
}

}  // namespace brio::db
