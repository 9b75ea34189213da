// A finished answer as the cache keeps it: status, header fields, entity tag, body and the codings made of
// it; or the problem that says that there is nothing.
//
// What the request alone decides is left out and made anew each time: Date, Age, X-Cache, X-Request-ID, what
// middlewares add in after(), the choice of the coding, 304. A field that one added in before() counts as the
// handler's.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <brio/cache/item.hpp>
#include <brio/http/exchange.hpp>
#include <brio/http/kept_body.hpp>
#include <brio/http/problem.hpp>

namespace brio::cache {

struct AnswerItem : Item {
    static constexpr char tag = 0;  // its address is the type
    AnswerItem() { type = &tag; }

    int status = 200;
    std::string content_type;
    std::string etag;  // of the identity
    std::string cache_control;
    std::string fields;  // lines, each with its CRLF
    std::shared_ptr<const http::KeptBody> body;

    /// Without a type: answers to this request are not to be shared, and each makes its own without waiting
    /// for others.
    bool passes() const noexcept { return type == nullptr; }

    // Instead of all these: thrown again for each who asks, since a problem's body names the request.
    std::unique_ptr<const http::ProblemParts> problem;

    /// What all of it takes in memory, but for the variants of the body.
    std::uint64_t own_bytes() const noexcept;
};

/// Whether an answer of a handler may be given to others, and if not why: "kept", "status", "no_store",
/// "cookies", "stream", "too_large". Pure (RFC 9111 §3).
std::string_view storable(const http::Response& response, bool is_stream, std::uint64_t largest) noexcept;

/// Takes what the handler has rendered, its body too: the exchange answers from the item from then on.
void take_answer(http::Exchange& exchange, AnswerItem& item, http::KeptBody::Grown grown);
/// Makes the item the exchange's answer, `age` old. Cost: copies of the small fields, none of the body.
void give_answer(http::Exchange& exchange, const AnswerItem& item, std::chrono::nanoseconds age);

}  // namespace brio::cache
