#include <brio/load/session.hpp>

#include <algorithm>

namespace brio::load {
namespace {

std::uint64_t ns_between(std::chrono::nanoseconds from, std::chrono::nanoseconds to) noexcept {
    return to > from ? static_cast<std::uint64_t>((to - from).count()) : 0;
}

}  // namespace

bool is_bad_status(int status, const std::vector<int>& expected) {
    return expected.empty() ? status >= 400 : std::ranges::find(expected, status) == expected.end();
}

bool count(Session& session, const Ended& ended) {
    session.is_refused = ended.missing == Missing::connect;
    if (!session.counting.has(ended.intended)) {
        return false;
    }
    auto& record = session.record;
    auto const latency = ns_between(ended.intended, ended.ended);
    auto const uncorrected = ns_between(ended.sent, ended.ended);
    auto const now = ended.ended - session.counting.from;
    record.waited += ended.waited ? 1 : 0;
    if (ended.missing) {
        record.no_answer({.id = ended.id,
                          .why = *ended.missing,
                          .now = now,
                          .latency_ns = latency,
                          .uncorrected_ns = uncorrected,
                          .bytes_sent = ended.bytes_sent});
    } else {
        record.answer({.id = ended.id,
                       .status = ended.status,
                       .now = now,
                       .latency_ns = latency,
                       .uncorrected_ns = uncorrected,
                       .bytes_sent = ended.bytes_sent,
                       .bytes_received = ended.bytes_received,
                       .is_failure = ended.is_failure});
    }
    return true;
}

}  // namespace brio::load
