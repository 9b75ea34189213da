#include <brio/base/recent_log.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include <brio/base/text.hpp>

namespace brio {

namespace {

constexpr std::int64_t one_flood_us = 1'000'000;
constexpr std::uint64_t most_searched = 64;  // places, for a line's like

constinit RecentLog own{};
std::atomic<RecentLog*> current{&own};

void append_value(Buffer& out, const LogField::Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        append_json_text(out, text->substr(0, RecentLog::most_fields));
    } else if (const auto* truth = std::get_if<bool>(&value)) {
        out.append(*truth ? "true" : "false");
    } else if (const auto* number = std::get_if<double>(&value)) {
        if (std::isfinite(*number)) {
            append_number(out, *number);
        } else {
            out.append("null");
        }
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        append_integer(out, *integer);
    } else {
        append_integer(out, std::get<std::uint64_t>(value));
    }
}

/// The object with those fields that fit.
std::string object_of(LogFields fields) {
    Buffer out(256);
    out.push_back('{');
    for (const LogField& field : fields) {
        const auto before = out.size();
        out.append(before > 1 ? "," : "");
        append_json_text(out, field.name);
        out.push_back(':');
        append_value(out, field.value);
        if (out.size() >= RecentLog::most_fields) {
            out.resize(before);
        }
    }
    out.push_back('}');
    return std::string(out.view());
}

template <std::size_t most>
std::uint16_t put(std::array<char, most>& into, std::string_view text) noexcept {
    const auto size = std::min(most, text.size());
    std::ranges::copy(text.substr(0, size), into.begin());
    return static_cast<std::uint16_t>(size);
}

/// FNV-1a, 64 bits; not 0.
std::uint64_t kind_of(Severity severity, std::string_view message) noexcept {
    std::uint64_t hash = 14695981039346656037U ^ static_cast<std::uint64_t>(severity);
    for (const char c : message) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    return hash | 1U;
}

}  // namespace

bool RecentLog::joins_another(std::uint64_t kind, std::int64_t time_us) noexcept {
    const auto last = last_.load(std::memory_order_acquire);
    for (auto number = last; number > 0 && number + most_searched > last; --number) {
        Place& place = places_[number % places_.size()];
        const auto age = time_us - place.time_us.load(std::memory_order_relaxed);
        if (age >= one_flood_us) {
            return false;
        }
        if (place.kind.load(std::memory_order_relaxed) == kind) {
            place.times.fetch_add(1, std::memory_order_relaxed);
            return true;
        }
    }
    return false;
}

void RecentLog::add(const LogLine& line, LogFields fields) {
    counts_[static_cast<std::size_t>(line.severity)].fetch_add(1, std::memory_order_relaxed);
    const auto kind = kind_of(line.severity, line.message);
    const auto time_us = line.time.time_since_epoch().count();
    if (joins_another(kind, time_us)) {
        return;
    }
    Kept kept{};
    kept.number = last_.fetch_add(1, std::memory_order_acq_rel) + 1;
    kept.time_us = time_us;
    kept.process = static_cast<std::uint32_t>(::getpid());
    kept.severity = static_cast<std::uint64_t>(line.severity);
    kept.message_size = put(kept.message, line.message);
    kept.fields_size = put(kept.fields, object_of(fields));
    Place& place = places_[kept.number % places_.size()];
    if (place.line.write(kept)) {
        place.times.store(1, std::memory_order_relaxed);
        place.time_us.store(time_us, std::memory_order_relaxed);
        place.kind.store(kind, std::memory_order_relaxed);
    }
}

std::vector<RecentLine> RecentLog::lines(Severity least) const {
    std::vector<RecentLine> found;
    for (const Place& place : places_) {
        Kept kept;
        if (place.line.read(kept) && static_cast<Severity>(kept.severity) >= least) {
            found.push_back(
                {.number = kept.number,
                 .time = WallTime(std::chrono::microseconds(kept.time_us)),
                 .severity = static_cast<Severity>(kept.severity),
                 .process = kept.process,
                 .message = valid_utf8({kept.message.data(), kept.message_size}),
                 .fields = std::string(kept.fields.data(), kept.fields_size),
                 .times = std::max<std::uint64_t>(place.times.load(std::memory_order_relaxed), 1)});
        }
    }
    std::ranges::sort(found, std::ranges::greater(), &RecentLine::number);
    return found;
}

RecentLog& recent_log() noexcept { return *current.load(std::memory_order_acquire); }

SharedRecentLog::SharedRecentLog(RecentLog& log) noexcept { current.store(&log, std::memory_order_release); }
SharedRecentLog::~SharedRecentLog() { current.store(&own, std::memory_order_release); }

}  // namespace brio
