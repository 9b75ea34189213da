// Test-only: routes whose answers are streams, and what their clients see.
#pragma once
#include <brio/base/text.hpp>
#include <brio/http/stream.hpp>
#include <brio/http/wire_harness.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace brio::http::test {

using namespace std::chrono_literals;

struct News {
    std::int64_t number = 0;
};

inline runtime::WaitList announced;
inline std::vector<std::string> ended;  // what producers say of themselves when they end

struct SaysEnd {
    std::string name;
    ~SaysEnd() { ended.push_back(name); }
};

inline Async<void> count_to(EventWriter events, int last, int from) {
    SaysEnd const says{"count"};
    for (int i = from; i <= last; ++i) {
        auto const id = std::to_string(i);
        co_await events.send({.event = "number", .id = id}, News{i});
        co_await runtime::sleep_for(1s);
    }
}
inline EventStream counted(LastEventId last) {
    return EventStream(count_to, 3, static_cast<int>(last.number().value_or(0)) + 1);
}

inline Async<void> follow(EventWriter events) {
    SaysEnd const says{"follow"};
    for (;;) {
        co_await announced.wait();
        co_await events.send({.data = "news"});
    }
}
inline Async<EventStream> followed() {
    co_await runtime::sleep_for(0ms);
    co_return EventStream({.heartbeat = 5s, .retry = 250ms}, follow);
}
inline EventStream patient() { return EventStream({.heartbeat = 5s, .when_slow = WhenSlow::wait}, follow); }
inline EventStream short_lived() { return EventStream({.most_time = 2s}, follow); }

inline Async<void> flood(EventWriter events) {
    SaysEnd const says{"flood"};
    std::string const data(1000, 'x');
    for (;;) {
        co_await events.send({.data = data});
    }
}
inline EventStream flooded() { return EventStream(flood); }

inline Async<void> fail_later(EventWriter events) {
    co_await events.send({.data = "one"});
    co_await runtime::sleep_for(1s);
    throw std::runtime_error("a secret of the database");
}
inline EventStream failing() { return EventStream(fail_later); }
inline EventStream refusing() { throw not_found("feed"); }

inline Async<void> write_rows(StreamWriter out, int rows) {
    SaysEnd const says{"rows"};
    for (int i = 0; i < rows; ++i) {
        out.buffer().append(std::to_string(i) + ",some text of row\n");
        co_await out.room();
    }
}
inline Stream rows(Path<"count", int> count) {
    return {{.content_type = "text/csv; charset=utf-8", .disposition = "attachment; filename=\"rows.csv\""},
            write_rows,
            *count};
}
inline Async<void> write_and_fail(StreamWriter out) {
    co_await out.write("half");
    throw std::runtime_error("the other half is gone");
}
inline Stream half() { return {{.content_type = "text/plain"}, write_and_fail}; }
inline Async<void> write_nothing(StreamWriter) { co_return; }
inline Stream empty() { return {{.content_type = "text/plain"}, write_nothing}; }
inline std::variant<EventStream, NoContent> either(LastEventId last) {
    if (last.value == "end") {
        return NoContent{};
    }
    return EventStream(count_to, 3, 3);
}
inline std::string plain() { return "plain"; }

inline void routes(Router& router) {
    router.get<"/counted">(counted);
    router.get<"/followed">(followed);
    router.get<"/patient">(patient);
    router.get<"/short">(short_lived);
    router.get<"/flood">(flooded);
    router.get<"/failing">(failing);
    router.get<"/refusing">(refusing);
    router.get<"/rows/{count}">(rows);
    router.get<"/half">(half);
    router.get<"/empty">(empty);
    router.get<"/either">(either);
    router.get<"/plain">(plain);
}

inline std::string get(std::string_view path, std::string_view fields = "") {
    return concat({"GET ", path, " HTTP/1.1\r\nHost: a\r\n", fields, "\r\n"});
}

// The chunks' content, and whether the last one came.
struct Chunked {
    std::string content;
    bool whole = false;
};
inline Chunked unchunked(std::string_view body) {
    Chunked read;
    while (!body.empty()) {
        std::size_t used = 0;
        auto const size = std::stoul(std::string(body.substr(0, 10)), &used, 16);
        body.remove_prefix(used + 2);
        if (size == 0) {
            read.whole = body == "\r\n";
            break;
        }
        read.content += body.substr(0, size);
        body.remove_prefix(std::min(body.size(), size + 2));
    }
    return read;
}

// What one read gives: a stream without end is not to be received whole.
inline std::size_t read_some(Wire& wire, int client) {
    wire.turn();
    std::array<char, 64 * 1024> bytes;
    auto const size = ::recv(client, bytes.data(), bytes.size(), 0);
    wire.turn();
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

class StreamTest : public ::testing::Test {
protected:
    StreamTest() { ended.clear(); }
};

}  // namespace brio::http::test
