// The format of server-sent events: what an event looks like on the wire. Pure.
//
// Source: WHATWG HTML, "Server-sent events", parsing an event stream.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include <brio/base/buffer.hpp>

namespace brio::http {

struct Event {
    std::string_view event = {};  // its type; empty: "message"
    std::string_view data = {};   // any text; the client gets its lines joined by LF
    std::string_view id = {};  // what the client sends as Last-Event-ID when it comes again; empty: as before
    std::optional<std::chrono::milliseconds> retry = {};  // how long the client waits before it comes again
};

/// Each line of `data` as a field of its own, then the empty line that ends the event. CR, LF and NUL are
/// dropped from `event` and `id`, so that neither can make a second field.
void append_event(Buffer& out, const Event& event);

/// Lines that clients ignore: they keep what lies between from taking the connection for dead.
void append_comment(Buffer& out, std::string_view text);

/// The fields of an event without its data and its end, for who writes `data: …` by itself.
void append_event_fields(Buffer& out, const Event& event);

}  // namespace brio::http
