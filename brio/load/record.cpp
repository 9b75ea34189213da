#include <brio/load/record.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace brio::load {

std::string_view words_of(Missing why) noexcept {
    switch (why) {
        case Missing::connect: return "connection refused or unreachable";
        case Missing::tls: return "no secure connection";
        case Missing::broken: return "connection ended before the answer did";
        case Missing::protocol: return "the answer is no HTTP/1.1";
        case Missing::timeout: return "no answer in time";
        case Missing::no_connection: return "no free connection";
        case Missing::redirect: return "redirect not followed";
        case Missing::unfinished: return "no answer by the run's end";
    }
    return "unknown";
}

std::uint64_t RequestRecord::requests() const noexcept {
    return answers + std::accumulate(missing.begin(), missing.end(), std::uint64_t{0});
}

double RequestRecord::failure_ratio() const noexcept {
    auto const all = requests();
    return all == 0 ? 0 : static_cast<double>(failures) / static_cast<double>(all);
}

std::uint64_t RequestRecord::answers_of(int status) const noexcept {
    auto const found = std::ranges::find(statuses, status, &StatusRecord::status);
    return found == statuses.end() ? 0 : found->latency.count();
}

Histogram RequestRecord::latency() const {
    Histogram all;
    for (auto const& each : statuses) {
        all.merge(each.latency);
    }
    return all;
}

Histogram& RequestRecord::latency_of(int status) {
    for (auto& each : statuses) {
        if (each.status == status) {
            return each.latency;
        }
    }
    if (statuses.size() + 1 < most_statuses || status == StatusRecord::other) {
        return statuses.emplace_back(StatusRecord{.status = status, .latency = {}}).latency;
    }
    return latency_of(StatusRecord::other);
}

void RequestRecord::merge(const RequestRecord& other) {
    for (auto const& each : other.statuses) {
        latency_of(each.status).merge(each.latency);
    }
    uncorrected.merge(other.uncorrected);
    std::ranges::transform(missing, other.missing, missing.begin(), std::plus<>());
    answers += other.answers;
    failures += other.failures;
    bytes_received += other.bytes_received;
    bytes_sent += other.bytes_sent;
    checks_passed += other.checks_passed;
    checks_failed += other.checks_failed;
}

std::size_t Record::id_of(std::string_view method, std::string_view name) {
    for (std::size_t id = 0; id < requests_.size(); ++id) {
        if (requests_[id].name == name && requests_[id].method == method) {
            return id;
        }
    }
    if (requests_.size() + 1 >= most_names && !(method.empty() && name == "other")) {
        return id_of("", "other");
    }
    auto& made = requests_.emplace_back();
    made.method = method;
    made.name = name;
    return requests_.size() - 1;
}

void Record::answer(const Answer& answer) {
    auto& request = requests_[answer.id];
    ++request.answers;
    request.latency_of(answer.status).record(answer.latency_ns);
    request.uncorrected.record(answer.uncorrected_ns);
    request.bytes_sent += answer.bytes_sent;
    request.bytes_received += answer.bytes_received;
    series_.answer(answer.now, answer.latency_ns, answer.bytes_received, answer.is_failure);
    if (answer.is_failure) [[unlikely]] {
        ++request.failures;
        failed({request.method, request.name, "status " + std::to_string(answer.status)});
    }
}

void Record::no_answer(const NoAnswer& ended) {
    auto& request = requests_[ended.id];
    ++request.missing[static_cast<std::size_t>(ended.why)];
    ++request.failures;
    request.bytes_sent += ended.bytes_sent;
    if (ended.why == Missing::timeout || ended.why == Missing::no_connection) {
        request.latency_of(StatusRecord::timed_out).record(ended.latency_ns);
    }
    if (ended.why == Missing::timeout) {
        request.uncorrected.record(ended.uncorrected_ns);
    }
    series_.failure(ended.now);
    failed({request.method, request.name, words_of(ended.why)});
}

void Record::check(std::size_t id, std::string_view name, bool passed, bool makes_bad, Time now) {
    auto& request = requests_[id];
    auto& check = check_of(name);
    (passed ? check.passed : check.failed) += 1;
    (passed ? request.checks_passed : request.checks_failed) += 1;
    if (!passed) {
        failed({request.method, request.name, "check: " + std::string(name)});
    }
    if (makes_bad) {
        ++request.failures;
        series_.turned_bad(now);
    }
}

void Record::user_error(std::string_view task, std::string_view what) {
    ++user_errors;
    failed({"", task, "exception: " + std::string(what)});
}

void Record::failed(const Failing& request, std::uint64_t count) {
    for (auto& each : failures_) {
        if (each.text == request.text && each.name == request.name && each.method == request.method) {
            each.count += count;
            return;
        }
    }
    if (failures_.size() < most_failures) {
        failures_.push_back(
            {std::string(request.method), std::string(request.name), std::string(request.text), count});
    } else if (failures_.size() == most_failures) {
        failures_.push_back({"", "other", "other", count});
    } else {
        failures_.back().count += count;
    }
}

CheckRecord& Record::check_of(std::string_view name) {
    auto const found = std::ranges::find(checks_, name, &CheckRecord::name);
    if (found != checks_.end()) {
        return *found;
    }
    if (checks_.size() < most_checks) {
        return checks_.emplace_back(CheckRecord{.name = std::string(name)});
    }
    if (checks_.size() == most_checks) {
        checks_.push_back({.name = "other"});
    }
    return checks_.back();
}

void Record::add(const RequestRecord& other) { requests_[id_of(other.method, other.name)].merge(other); }

void Record::add(const CheckRecord& other) {
    auto& check = check_of(other.name);
    check.passed += other.passed;
    check.failed += other.failed;
}

void Record::merge(const Record& other) {
    merge_counts(other);
    series_.merge(other.series_);
}

void Record::merge_beside(const Record& other) {
    merge_counts(other);
    series_.merge_beside(other.series_);
}

void Record::merge_counts(const Record& other) {
    for (auto const& each : other.requests_) {
        add(each);
    }
    for (auto const& each : other.failures_) {
        add(each);
    }
    for (auto const& each : other.checks_) {
        add(each);
    }
    lateness_.merge(other.lateness_);
    started += other.started;
    dropped += other.dropped;
    waited += other.waited;
    connections_opened += other.connections_opened;
    user_errors += other.user_errors;
}

Record Record::take() {
    Record fresh;
    fresh.requests_.reserve(requests_.size());
    for (auto const& each : requests_) {
        fresh.id_of(each.method, each.name);
    }
    series_.close();
    return std::exchange(*this, std::move(fresh));
}

RequestRecord Record::total() const {
    RequestRecord total;
    total.name = "Aggregated";
    for (auto const& each : requests_) {
        total.merge(each);
    }
    return total;
}

}  // namespace brio::load
