#include <brio/base/log.hpp>

#include <brio/base/recent_log.hpp>
#include <brio/base/text.hpp>

#include <unistd.h>
#include <atomic>
#include <cmath>

namespace brio {

namespace {

std::atomic<LogSettings> current{LogSettings{}};

std::string_view word(Severity severity) noexcept {
    static constexpr std::string_view words[] = {"debug", "info", "warning", "error"};
    return words[static_cast<std::size_t>(severity)];
}

void append_digits(Buffer& out, unsigned value, int width) {
    char digits[10];
    for (int i = width - 1; i >= 0; --i) {
        digits[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out.append({digits, static_cast<std::size_t>(width)});
}

bool needs_quotes(std::string_view text) noexcept {
    if (text.empty()) {
        return true;
    }
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte >= 0x7f || c == '"' || c == '=' || c == '\\') {
            return true;
        }
    }
    return false;
}

void append_value(Buffer& out, const LogField::Value& value, LogFormat format) {
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        if (format == LogFormat::json || needs_quotes(*text)) {
            append_json_text(out, *text);
        } else {
            out.append(*text);
        }
    } else if (const auto* truth = std::get_if<bool>(&value)) {
        out.append(*truth ? "true" : "false");
    } else if (const auto* number = std::get_if<double>(&value)) {
        if (format == LogFormat::json && !std::isfinite(*number)) {
            out.append("null");  // JSON has no word for it
        } else {
            append_number(out, *number);
        }
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        append_integer(out, *integer);
    } else {
        append_integer(out, std::get<std::uint64_t>(value));
    }
}

/// A message may hold what a client sent: a line feed in it must not begin a line of its own.
void append_message(Buffer& out, std::string_view message) {
    for (const char c : message) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < ' ' || byte >= 0x7f) {
            append_json_text(out, message);
            return;
        }
    }
    out.append(message);
}

void write_line(Severity severity, std::string_view message, LogFields fields) noexcept {
    const LogSettings settings = log_settings();
    try {
        if (severity >= Severity::warning) {
            recent_log().add({settings.format, severity, wall_now(), message}, fields);
        }
        if (settings.format == LogFormat::off || severity < settings.least) {
            return;
        }
        Buffer line(256);
        append_log_line(line, {settings.format, severity, wall_now(), message}, fields);
        // a line cut short by a full pipe is not continued: another's may stand behind it
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    } catch (const std::bad_alloc&) {
    }
}

}  // namespace

std::optional<LogFormat> log_format(std::string_view name) noexcept {
    if (name == "text") {
        return LogFormat::text;
    }
    if (name == "json") {
        return LogFormat::json;
    }
    if (name == "off") {
        return LogFormat::off;
    }
    return std::nullopt;
}

void configure_log(LogSettings settings) noexcept { current.store(settings, std::memory_order_relaxed); }
LogSettings log_settings() noexcept { return current.load(std::memory_order_relaxed); }

void log_debug(std::string_view message, LogFields fields) noexcept {
    write_line(Severity::debug, message, fields);
}
void log_info(std::string_view message, LogFields fields) noexcept {
    write_line(Severity::info, message, fields);
}
void log_warning(std::string_view message, LogFields fields) noexcept {
    write_line(Severity::warning, message, fields);
}
void log_error(std::string_view message, LogFields fields) noexcept {
    write_line(Severity::error, message, fields);
}

void append_log_line(Buffer& out, const LogLine& line, LogFields fields) {
    if (line.format == LogFormat::off) {
        return;
    }
    const bool json = line.format == LogFormat::json;
    out.append(json ? R"({"time":")" : "");
    append_time(out, line.time);
    out.append(json ? R"(","level":")" : " ");
    out.append(word(line.severity));
    if (json) {
        out.append(R"(","message":)");
        append_json_text(out, line.message);
    } else {
        out.push_back(' ');
        append_message(out, line.message);
    }
    for (const LogField& field : fields) {
        if (json) {
            out.push_back(',');
            append_json_text(out, field.name);
            out.push_back(':');
        } else {
            out.push_back(' ');
            out.append(field.name);
            out.push_back('=');
        }
        append_value(out, field.value, line.format);
    }
    out.append(json ? "}\n" : "\n");
}

void append_json_text(Buffer& out, std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    out.push_back('"');
    const std::string valid = valid_utf8(text);
    for (const char c : valid) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out.append("\\n");
        } else if (c == '\t') {
            out.append("\\t");
        } else if (c == '\r') {
            out.append("\\r");
        } else if (byte < ' ' || byte == 0x7f) {
            out.append("\\u00");
            out.push_back(hex[byte >> 4]);
            out.push_back(hex[byte & 15]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

void append_time(Buffer& out, WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto ms = static_cast<unsigned>(std::chrono::floor<std::chrono::milliseconds>(time - day).count());
    append_digits(out, static_cast<unsigned>(int{date.year()}), 4);
    out.push_back('-');
    append_digits(out, unsigned{date.month()}, 2);
    out.push_back('-');
    append_digits(out, unsigned{date.day()}, 2);
    out.push_back('T');
    append_digits(out, ms / 3'600'000, 2);
    out.push_back(':');
    append_digits(out, ms / 60'000 % 60, 2);
    out.push_back(':');
    append_digits(out, ms / 1'000 % 60, 2);
    out.push_back('.');
    append_digits(out, ms % 1'000, 3);
    out.push_back('Z');
}

}  // namespace brio
