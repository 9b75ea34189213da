// What a user of a scenario makes requests with, and the answers to them.
//
//     Async<> list_resources(load::Client client) {
//         auto answer = co_await client.get("/api/resources");
//         answer.check_status(200);
//         answer.check("has items", !answer.at("items[0].id").empty());
//     }
//
// A request that gets no whole answer throws nothing: it is counted, and its Answer has no status. A status
// from 400 on counts as a failure unless the request expects it. Paths with ids are made by load::path(), so
// that they share one name. Bodies that come in gzip are decoded when somebody looks at them.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/load/path.hpp>
#include <brio/load/request.hpp>
#include <brio/load/session.hpp>
#include <brio/runtime/async.hpp>

namespace brio::load {

/// Lives within the user's function that asked for it.
class Answer {
public:
    /// 0: there is none.
    int status() const noexcept { return status_; }
    bool is_success() const noexcept { return status_ >= 200 && status_ < 300; }
    std::optional<Missing> missing() const noexcept { return missing_; }
    /// The first field of that name, whatever the case.
    std::optional<std::string_view> header(std::string_view name) const;
    /// Decoded; empty when that failed, which counts as a failed check.
    std::string_view body();
    /// The JSON at "items[0].owner.id" of the body as text, a string without its quotes; empty when there is
    /// nothing, and for null. Cost: reads the body once for each step.
    std::string at(std::string_view json_path);
    /// The body as a T; nothing when it is no success or no T, which counts as a failed check.
    template <class T>
    std::optional<T> read() {
        auto value = is_success() ? json::read<T>(body(), {.bytes = SIZE_MAX})
                                  : std::unexpected(json::ReadError{.kind = json::ReadError::Kind::invalid});
        check("body can be read", value.has_value());
        return value ? std::optional(std::move(*value)) : std::nullopt;
    }

    /// Counts under `name`; the first that fails makes the request a failure. Of an answer that is missing
    /// every check fails. Gives whether it passed.
    bool check(std::string_view name, bool passed);
    bool check_status(int wanted);
    bool check_header(std::string_view name, std::string_view wanted);
    bool check_at(std::string_view json_path, std::string_view wanted);

private:
    friend class Client;
    explicit Answer(Session& session) : session_(&session) {}

    Session* session_;
    std::size_t id_ = 0;
    bool is_counted_ = false;
    bool is_bad_ = false;
    bool is_decoded_ = false;
    int status_ = 0;
    std::optional<Missing> missing_;
    std::string head_;
    std::string body_;
};

/// A value, cheap to copy; of one user.
class Client {
public:
    explicit Client(Session& session) noexcept : session_(&session) {}

    Async<Answer> get(Path path, RequestOptions options = {}) const {
        return send({.method = "GET", .path = std::move(path), .options = std::move(options)});
    }
    Async<Answer> head(Path path, RequestOptions options = {}) const {
        return send({.method = "HEAD", .path = std::move(path), .options = std::move(options)});
    }
    Async<Answer> del(Path path, RequestOptions options = {}) const {
        return send({.method = "DELETE", .path = std::move(path), .options = std::move(options)});
    }
    /// With `value` as JSON.
    template <class T>
    Async<Answer> post(Path path, const T& value, RequestOptions options = {}) const {
        return send_json("POST", std::move(path), value, std::move(options));
    }
    template <class T>
    Async<Answer> put(Path path, const T& value, RequestOptions options = {}) const {
        return send_json("PUT", std::move(path), value, std::move(options));
    }
    template <class T>
    Async<Answer> patch(Path path, const T& value, RequestOptions options = {}) const {
        return send_json("PATCH", std::move(path), value, std::move(options));
    }
    /// Throws std::invalid_argument when it cannot be sent (request.hpp), which ends the user's task.
    Async<Answer> send(Request request) const;

    Session& session() const noexcept { return *session_; }
    /// This user's, the same in each run with the same seed.
    Random& random() const noexcept { return session_->random; }
    /// This user's, from 0; no other has it.
    std::uint64_t number() const noexcept { return session_->number; }

private:
    template <class T>
    Async<Answer> send_json(const char* method, Path path, const T& value, RequestOptions options) const {
        Request request{.method = method, .path = std::move(path), .content_type = "application/json"};
        json::write(request.body, value);
        request.options = std::move(options);
        return send(std::move(request));
    }

    Session* session_;
};

}  // namespace brio::load
