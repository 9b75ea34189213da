#include <brio/http/access_log.hpp>

#include <brio/base/text.hpp>
#include <brio/ledger/server_timing.hpp>

#include <algorithm>
#include <cstring>

namespace brio::http {

void LogEntry::set_path(std::string_view text) noexcept {
    path_size = static_cast<std::uint8_t>(std::min(text.size(), most_path));
    path_cut = text.size() > most_path;
    std::memcpy(path.data(), text.data(), path_size);
}

void LogEntry::set_id(std::string_view text) noexcept {
    id_size = static_cast<std::uint8_t>(std::min(text.size(), id.size()));
    std::memcpy(id.data(), text.data(), id_size);
}

namespace {

void append_text_line(Buffer& out, const LogEntry& entry, const ledger::Ledger& ledger) {
    out.append(method_name(entry.method));
    out.push_back(' ');
    out.append(entry.path_size == 0 ? std::string_view("-") : entry.path_view());
    out.append(entry.path_cut ? "… " : " ");
    append_integer(out, entry.status);
    out.push_back(' ');
    ledger::append_phase_words(out, ledger);
    if (!entry.cache.empty()) {
        out.append(" cache ");
        out.append(entry.cache);
    }
    if (entry.status >= 400) {
        out.append(" id ");
        out.append(entry.id_view());
    }
    if (entry.client) {
        out.append(" client ");
        append_address(out, *entry.client);
    }
}

void append_json_line(Buffer& out, const LogEntry& entry, const ledger::Ledger& ledger) {
    auto const text = [&out](std::string_view name, std::string_view value) {
        out.append(name);
        append_json_text(out, value);
    };
    out.append(R"({"time":")");
    append_time(out, wall_now());
    out.push_back('"');
    text(R"(,"method":)", method_name(entry.method));
    text(R"(,"path":)", entry.path_view());
    text(R"(,"endpoint":)", entry.endpoint);
    out.append(R"(,"status":)");
    append_integer(out, entry.status);
    out.append(R"(,"duration_ms":)");
    append_milliseconds(out, ledger.total());
    out.append(R"(,"phases_ms":{)");
    auto const times = ledger.times();
    bool first = true;
    for (std::size_t i = 0; i < ledger::request_phase_count; ++i) {
        if (times[i] >= ledger::least_shown_ns) {
            text(first ? "" : ",", ledger::phase_names[i]);
            out.push_back(':');
            append_milliseconds(out, times[i]);
            first = false;
        }
    }
    out.append(R"(},"statements":)");
    append_integer(out, ledger.statements);
    out.append(R"(,"bytes":)");
    append_integer(out, entry.bytes);
    if (!entry.cache.empty()) {
        text(R"(,"cache":)", entry.cache);
    }
    if (entry.client) {
        out.append(R"(,"client":")");
        append_address(out, *entry.client);
        out.push_back('"');
    }
    if (entry.has_trace) {
        auto const parent = format_traceparent(entry.trace);
        text(R"(,"trace_id":)", std::string_view(parent.data() + 3, 32));
    }
    text(R"(,"request_id":)", entry.id_view());
    out.push_back('}');
}

}  // namespace

void append_access_line(Buffer& out, LogFormat format, const LogEntry& entry, const ledger::Ledger& ledger) {
    if (format == LogFormat::json) {
        append_json_line(out, entry, ledger);
    } else {
        append_text_line(out, entry, ledger);
    }
}

}  // namespace brio::http
