// An answer under construction: status, header fields, body. Reused from request to request.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <brio/base/buffer.hpp>
#include <brio/http/kept_body.hpp>

namespace brio::http {

class Response {
public:
    Response() = default;
    explicit Response(int status_code) : status(status_code) {}

    int status = 200;
    /// Static text or none; owned ones go through set_content_type().
    std::string_view content_type;
    Buffer body;
    /// Instead of `body`: bytes that live as long as the program, sent without a copy.
    std::string_view static_body;
    /// Instead of both: a body that a cache keeps, and the codings made of it; lives until it is written.
    std::shared_ptr<const KeptBody> kept;
    /// Close the connection after this answer.
    bool close = false;

    /// Adds `name: value`. Stops the process when the name is no token; control characters in the value are
    /// dropped, so that request text can never make a second field. ETag and Cache-Control are those of
    /// etag() and cache_control(): the last one said counts.
    Response& header(std::string_view name, std::string_view value);
    Response& set_content_type(std::string_view type);
    Response& text(std::string_view text);
    /// `encoded` is JSON.
    Response& json(std::string_view encoded);
    Response& etag(std::string_view tag) {
        etag_.clear();
        etag_.append(tag);
        return *this;
    }
    Response& cache_control(std::string_view value) {
        cache_control_.clear();
        cache_control_.append(value);
        return *this;
    }
    /// The field Age (RFC 9111 §5.1).
    Response& age(std::chrono::seconds age);
    /// Adds what fields() of another response gave.
    Response& add_fields(std::string_view lines) {
        fields_.append(lines);
        return *this;
    }
    /// Adds `name` to the Vary field, unless it is there.
    Response& vary(std::string_view name);
    Response& cookie(std::string_view name, std::string_view value,
                     std::string_view attributes = "Path=/; HttpOnly; SameSite=Lax");

    /// The fields added so far as lines, each with its CRLF.
    std::string_view fields() const noexcept { return fields_.view(); }
    bool has_field(std::string_view name) const noexcept;
    std::string_view etag() const noexcept { return etag_.view(); }
    std::string_view cache_control() const noexcept { return cache_control_.view(); }
    bool sets_cookies() const noexcept { return sets_cookies_; }
    /// The coding that the body is sent in; compress() chooses it, and then the entity tag names the variant.
    Coding coding() const noexcept { return coding_; }
    /// With the tag of the variant in place of that of the identity, or back.
    void set_coding(Coding coding);
    std::size_t body_size() const noexcept { return body_view().size(); }
    std::string_view body_view() const noexcept {
        return !static_body.empty() ? static_body : kept ? kept->identity() : body.view();
    }
    /// As new, memory kept.
    void clear() noexcept;

private:
    Buffer fields_;
    Buffer etag_;
    Buffer cache_control_;
    Coding coding_ = Coding::identity;
    Buffer owned_type_;  // not a string: content_type points into it, and moves must leave its bytes in place
    bool sets_cookies_ = false;
};

/// What a handler returns to say 201 with the row and a Location: the request's path followed by the row's
/// id, unless given.
template <class T>
struct Created {
    T value;
    std::string location = {};
};
template <class T>
Created(T) -> Created<T>;

/// 202: accepted, not yet done.
template <class T>
struct Accepted {
    T value;
};
template <class T>
Accepted(T) -> Accepted<T>;

/// 204.
struct NoContent {};

/// Another place: 303 by default.
struct Redirect {
    std::string location;
    int status = 303;
};

}  // namespace brio::http
