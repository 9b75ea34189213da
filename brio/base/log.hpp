// The process log on stderr: few lines about the program itself, for people or for machines. Requests have
// LineSink.
//
// text: `2026-01-31T12:00:00.000Z info listening url=http://127.0.0.1:8080`, a value in quotes when it has
// blanks, quotes or control characters. json: one object a line, `{"time":…,"level":…,"message":…, fields}`.
// A line is one write(2), so lines of several threads and processes do not mix.
#pragma once
#include <brio/base/buffer.hpp>
#include <brio/base/clock.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <variant>

namespace brio {

enum class LogFormat : std::uint8_t { text, json, off };
enum class Severity : std::uint8_t { debug, info, warning, error };

/// `text`, `json` or `off` (as BRIO_LOG gives it); nothing for any other word.
std::optional<LogFormat> log_format(std::string_view word) noexcept;

struct LogField {
    using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

    LogField(std::string_view field, std::string_view text) noexcept : name(field), value(text) {}
    LogField(std::string_view field, const char* text) noexcept
        : name(field),
          value(std::string_view(text)) {}
    LogField(std::string_view field, bool truth) noexcept : name(field), value(truth) {}
    template <std::signed_integral Integer>
    LogField(std::string_view field, Integer number) noexcept : name(field),
                                                                value(std::int64_t{number}) {}
    template <std::unsigned_integral Integer>
        requires(!std::same_as<Integer, bool>)
    LogField(std::string_view field, Integer number) noexcept : name(field),
                                                                value(std::uint64_t{number}) {}
    template <std::floating_point Number>
    LogField(std::string_view field, Number number) noexcept : name(field),
                                                               value(double{number}) {}

    std::string_view name;
    Value value;
};
using LogFields = std::initializer_list<LogField>;

struct LogSettings {
    LogFormat format = LogFormat::text;
    Severity least = Severity::info;
};
/// For the whole process, from any thread. Unset, the log is text from info on.
void configure_log(LogSettings settings) noexcept;
LogSettings log_settings() noexcept;

/// Write one line when the settings let it. Any thread; not for hot paths (a write(2) each). Never throws: a
/// line that cannot be written is lost.
void log_debug(std::string_view message, LogFields fields = {}) noexcept;
void log_info(std::string_view message, LogFields fields = {}) noexcept;
void log_warning(std::string_view message, LogFields fields = {}) noexcept;
void log_error(std::string_view message, LogFields fields = {}) noexcept;

struct LogLine {
    LogFormat format;
    Severity severity;
    WallTime time;
    std::string_view message;
};
/// Appends the line with its line feed; nothing when the format is off. Pure.
void append_log_line(Buffer& out, const LogLine& line, LogFields fields);

/// `"…"` with the escapes of RFC 8259 and invalid UTF-8 replaced.
void append_json_text(Buffer& out, std::string_view text);

/// RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
void append_time(Buffer& out, WallTime time);

}  // namespace brio
