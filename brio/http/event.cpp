#include <brio/http/event.hpp>

#include <brio/base/text.hpp>

#include <algorithm>

namespace brio::http {
namespace {

bool ends_line(char byte) noexcept { return byte == '\r' || byte == '\n'; }

void append_field(Buffer& out, std::string_view name, std::string_view value) {
    out.append(name);
    for (char const byte : value) {
        if (!ends_line(byte) && byte != '\0') {
            out.push_back(byte);
        }
    }
    out.push_back('\n');
}

// Each line of `text` behind `name`. CRLF, LF and CR all end a line, as they do for the client.
void append_lines(Buffer& out, std::string_view name, std::string_view text) {
    for (;;) {
        auto const end = std::ranges::find_if(text, ends_line);
        auto const size = static_cast<std::size_t>(end - text.begin());
        out.append(name);
        out.append(text.substr(0, size));
        out.push_back('\n');
        if (end == text.end()) {
            return;
        }
        text.remove_prefix(text.substr(size).starts_with("\r\n") ? size + 2 : size + 1);
    }
}

}  // namespace

void append_event_fields(Buffer& out, const Event& event) {
    if (!event.event.empty()) {
        append_field(out, "event: ", event.event);
    }
    if (!event.id.empty()) {
        append_field(out, "id: ", event.id);
    }
    if (event.retry) {
        out.append("retry: ");
        append_integer(out, std::max<std::int64_t>(event.retry->count(), 0));
        out.push_back('\n');
    }
}

void append_event(Buffer& out, const Event& event) {
    append_event_fields(out, event);
    append_lines(out, "data: ", event.data);
    out.push_back('\n');
}

void append_comment(Buffer& out, std::string_view text) {
    append_lines(out, ": ", text);
    out.push_back('\n');
}

}  // namespace brio::http
