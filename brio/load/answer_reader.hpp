// Where one HTTP/1.1 answer ends and the next begins (RFC 9112 §6): status, Content-Length, chunked, or the
// end of the connection.
//
// For a generator of load: it judges framing only, and what nobody will look at is skipped, not kept. The
// strict reader is http/response_parser.hpp, which takes several times as long. Interim answers (1xx) are
// skipped.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brio::load {

/// The value of the first field called `name` (lower case) of a head, without blanks around it. It looks at
/// lines behind the first.
std::optional<std::string_view> find_field(std::string_view head, std::string_view name) noexcept;
/// The next field called `name` from `rest` on, which goes behind it: for fields that may come several times.
std::optional<std::string_view> next_field(std::string_view& rest, std::string_view name) noexcept;

class AnswerReader {
public:
    enum class State : std::uint8_t { more, whole, broken };
    static constexpr std::size_t longest_head = 64 * 1024;
    static constexpr std::size_t largest_kept_body = 16 * 1024 * 1024;

    /// Call before each answer but the first of a new reader. `to_head`: the request was HEAD, so no body
    /// comes whatever the fields say. `keeps`: head() and body() are wanted.
    void begin(bool to_head = false, bool keeps = false);
    /// Eats from the front of `bytes` up to the end of the answer. `more`: all were eaten. After `broken`
    /// nothing is read any more.
    State feed(std::string_view& bytes);
    /// The peer sends no more: ends an answer that lasts until then, else broken.
    State end();

    /// Of the answer that is whole.
    int status() const noexcept { return status_; }
    /// The connection carries no further request.
    bool closes() const noexcept { return closes_; }
    /// Some byte of it has come.
    bool has_begun() const noexcept { return begun_; }
    /// With `keeps`: the status line and the fields, each with its CRLF; the body without its framing.
    std::string_view head() const noexcept { return head_; }
    std::string_view body() const noexcept { return body_; }
    std::string take_head() noexcept { return std::move(head_); }
    std::string take_body() noexcept { return std::move(body_); }

private:
    enum class Stage : std::uint8_t { head, body, chunk_size, chunk_data, trailer, until_end, whole, broken };

    State state() const noexcept;
    void take_head(std::string_view& bytes);
    void read_head(std::string_view head);
    void read_fields(std::string_view head);
    bool take_line(std::string_view& bytes);
    bool take_data(std::string_view& bytes);
    void take_chunk_size(std::string_view& bytes);
    void take_trailer(std::string_view& bytes);

    Stage stage_ = Stage::head;
    int status_ = 0;
    bool to_head_ = false;
    bool keeps_ = false;
    bool begun_ = false;
    bool closes_ = false;
    bool has_length_ = false;
    bool is_chunked_ = false;
    std::uint64_t left_ = 0;  // bytes of body or chunk still to come
    std::string partial_;     // a head or a line of chunking whose end has not come
    std::string head_;
    std::string body_;
};

}  // namespace brio::load
