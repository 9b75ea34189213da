#include <brio/base/recent_log.hpp>

#include <algorithm>
#include <cmath>

#include <brio/base/text.hpp>

namespace brio {

namespace {

constexpr std::chrono::seconds one_flood{1};

std::string_view cut(std::string_view text, std::size_t most) noexcept {
    return text.substr(0, std::min(text.size(), most));
}

void append_value(Buffer& out, const LogField::Value& value, std::size_t most) {
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        append_json_text(out, cut(*text, most));
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

std::string object_of(LogFields fields) {
    Buffer out(256);
    out.push_back('{');
    for (const LogField& field : fields) {
        if (out.size() >= most_recent_line) {
            break;
        }
        out.append(out.size() > 1 ? "," : "");
        append_json_text(out, field.name);
        out.push_back(':');
        append_value(out, field.value, most_recent_line - std::min(out.size(), most_recent_line));
    }
    out.push_back('}');
    return std::string(out.view());
}

}  // namespace

void RecentLog::add(const LogLine& line, LogFields fields) {
    const std::scoped_lock lock(mutex_);
    ++counts_[static_cast<std::size_t>(line.severity)];
    for (auto each = lines_.rbegin(); each != lines_.rend() && line.time - each->time < one_flood; ++each) {
        if (each->message == line.message && each->severity == line.severity) {
            ++each->times;
            return;
        }
    }
    if (lines_.size() >= most_recent_lines) {
        lines_.pop_front();
    }
    lines_.push_back({.number = ++last_,
                      .time = line.time,
                      .severity = line.severity,
                      .message = valid_utf8(cut(line.message, most_recent_line)),
                      .fields = object_of(fields)});
}

std::vector<RecentLine> RecentLog::lines(Severity least) const {
    const std::scoped_lock lock(mutex_);
    std::vector<RecentLine> found;
    for (auto each = lines_.rbegin(); each != lines_.rend(); ++each) {
        if (each->severity >= least) {
            found.push_back(*each);
        }
    }
    return found;
}

std::uint64_t RecentLog::count(Severity severity) const {
    const std::scoped_lock lock(mutex_);
    return counts_[static_cast<std::size_t>(severity)];
}

RecentLog& recent_log() noexcept {
    static RecentLog log;
    return log;
}

}  // namespace brio
