// What a load test counts, for each request name and method, over all, and second by second.
//
// Everything is bounded: names, statuses of a name, texts of failures and checks each have a limit, and what
// comes beyond is counted under "other". A name is a template ("/api/resources/{id}"), never a path with an
// id. A record belongs to one thread; records of several threads, or of several parts of a run, are merged.
//
// Latency is counted from when the request was meant to begin, so that a server which stalls is charged for
// all that it kept waiting (Tene, "How NOT to measure latency"); beside it stands the uncorrected time, from
// when the request was really sent, which is what most tools show.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <brio/load/histogram.hpp>
#include <brio/load/series.hpp>

namespace brio::load {

/// Why a request got no whole answer.
enum class Missing : std::uint8_t {
    connect,        // nobody accepts connections there
    tls,            // no secure connection
    broken,         // the connection ended before the answer did
    protocol,       // what came is no HTTP/1.1
    timeout,        // the request's time passed
    no_connection,  // the same, and all connections were in use until then: it was never sent
    redirect,       // to another origin, to nowhere, or too many of them
    unfinished,     // the run had ended, and its patience too
};
inline constexpr std::size_t missing_kinds = 8;
/// "connection refused or unreachable", "no answer in time", …
std::string_view words_of(Missing why) noexcept;

/// Latencies of the answers of one status.
struct StatusRecord {
    static constexpr int timed_out = 0;  // no answer: the time that was waited for it, sent or not
    static constexpr int other = -1;     // statuses beyond the limit

    int status = timed_out;
    Histogram latency;
};

/// Of one method and name.
struct RequestRecord {
    static constexpr std::size_t most_statuses = 12;

    std::string method;
    std::string name;
    std::vector<StatusRecord> statuses;  // in the order of their first answers
    Histogram uncorrected;               // of all answers and time-outs, from the sending
    std::array<std::uint64_t, missing_kinds> missing{};
    std::uint64_t answers = 0;   // whole ones, of any status
    std::uint64_t failures = 0;  // answers that were judged bad, and requests without one
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t checks_passed = 0;
    std::uint64_t checks_failed = 0;

    /// All that ended.
    std::uint64_t requests() const noexcept;
    /// Failures among requests(), 0 to 1.
    double failure_ratio() const noexcept;
    std::uint64_t answers_of(int status) const noexcept;
    /// Of all statuses, time-outs included: a request that never ended was at least that slow. What broke
    /// otherwise has no time. Cost: a merge of each status.
    Histogram latency() const;
    void merge(const RequestRecord& other);

    /// The histogram of a status; of StatusRecord::other beyond the limit.
    Histogram& latency_of(int status);
};

/// One way in which a request failed: "status 503", "no answer in time", "check: has items".
struct FailureRecord {
    std::string method;
    std::string name;
    std::string text;
    std::uint64_t count = 0;
};

struct CheckRecord {
    std::string name;
    std::uint64_t passed = 0;
    std::uint64_t failed = 0;
};

class Record {
public:
    static constexpr std::size_t most_names = 200;
    static constexpr std::size_t most_failures = 100;
    static constexpr std::size_t most_checks = 100;
    using Time = std::chrono::nanoseconds;

    /// Stays what it is for the record's life, take() included; the one of "other" when there are too many.
    std::size_t id_of(std::string_view method, std::string_view name);

    struct Answer {
        std::size_t id = 0;
        int status = 0;
        Time now{};  // since counting began
        std::uint64_t latency_ns = 0;
        std::uint64_t uncorrected_ns = 0;
        std::uint64_t bytes_sent = 0;
        std::uint64_t bytes_received = 0;
        bool is_failure = false;  // by its status
    };
    void answer(const Answer& answer);
    /// Of timeout and no_connection `latency_ns` counts, of timeout `uncorrected_ns` too: since the sending.
    struct NoAnswer {
        std::size_t id = 0;
        Missing why{};
        Time now{};
        std::uint64_t latency_ns = 0;
        std::uint64_t uncorrected_ns = 0;
        std::uint64_t bytes_sent = 0;
    };
    void no_answer(const NoAnswer& request);
    /// Of an answer that was counted. `makes_bad`: it is the first reason to call it a failure.
    void check(std::size_t id, std::string_view name, bool passed, bool makes_bad, Time now);
    /// Something left a user's function as an exception.
    void user_error(std::string_view task, std::string_view what);
    /// How far behind its plan the generator was with a request.
    void lateness(std::uint64_t ns) noexcept { lateness_.record(ns); }

    void merge(const Record& other);
    /// The same with what another process counted at the same time: users are added up.
    void merge_beside(const Record& other);
    void add(const RequestRecord& other);
    void add(const FailureRecord& other) { failed({other.method, other.name, other.text}, other.count); }
    void add(const CheckRecord& other);
    void add_lateness(const Histogram& other) { lateness_.merge(other); }
    /// What was counted since the last take(); counts from zero then.
    Record take();

    const std::vector<RequestRecord>& requests() const noexcept { return requests_; }
    const std::vector<FailureRecord>& failures() const noexcept { return failures_; }
    const std::vector<CheckRecord>& checks() const noexcept { return checks_; }
    const Series& series() const noexcept { return series_; }
    Series& series() noexcept { return series_; }
    const Histogram& lateness() const noexcept { return lateness_; }
    /// Over all names; its own name is "Aggregated" and its method empty.
    RequestRecord total() const;

    std::uint64_t started = 0;  // tasks that were begun: of arrivals or, in the closed model, of users
    std::uint64_t dropped = 0;  // arrivals for which there was no free user, or no place to wait
    std::uint64_t waited = 0;   // requests that had to wait for a connection
    std::uint64_t connections_opened = 0;
    std::uint64_t user_errors = 0;  // exceptions that left a user's function

private:
    struct Failing {
        std::string_view method;
        std::string_view name;
        std::string_view text;
    };
    void merge_counts(const Record& other);
    void failed(const Failing& request, std::uint64_t count = 1);
    CheckRecord& check_of(std::string_view name);

    std::vector<RequestRecord> requests_;
    std::vector<FailureRecord> failures_;
    std::vector<CheckRecord> checks_;
    Series series_;
    Histogram lateness_;
};

}  // namespace brio::load
