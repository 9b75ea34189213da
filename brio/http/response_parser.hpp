// Parses answers to a client: one answer at a time, fed in pieces as they come (RFC 9112 §4-§7), strict.
//
// Rules beyond the grammar: CRLF only; no folding; no white space before a colon; HTTP/1.0 and 1.1 only;
// Content-Length of digits only and once; Transfer-Encoding only "chunked", once, only on 1.1, never beside
// Content-Length; a status from 100 to 599. The blank behind the status may be missing when there is no
// reason, as many servers do. Interim answers (1xx) are skipped, 101 is an error. The outcome depends on the
// bytes alone, not on how they were split.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/buffer.hpp>
#include <brio/http/chunked.hpp>

namespace brio::http {

struct ResponseLimits {
    std::size_t status_line = 8 * 1024;    // bytes before its CRLF
    std::size_t header_bytes = 64 * 1024;  // all field lines with their CRLFs
    std::size_t header_count = 200;
    std::size_t interim = 8;                       // 1xx answers before the real one
    std::uint64_t body = 16 * 1024 * 1024;         // bytes, and once more decoded
    std::uint64_t ratio = 1000;                    // of decoded bytes to those that came, from 64 kB on
    std::size_t chunk_extension_bytes = 4 * 1024;  // of all chunks together
    std::size_t trailer_bytes = 8 * 1024;
    std::size_t trailer_count = 32;
};

/// Status and fields of an answer; owns its text.
class ResponseHead {
public:
    int status() const noexcept { return status_; }
    std::string_view reason() const noexcept { return view(reason_); }
    std::size_t field_count() const noexcept { return fields_.size(); }
    std::string_view name(std::size_t i) const noexcept { return view(fields_[i].name); }
    std::string_view value(std::size_t i) const noexcept { return view(fields_[i].value); }
    /// The first field of that name, whatever the case; O(field_count).
    std::optional<std::string_view> find(std::string_view name) const noexcept;

private:
    friend class ResponseParser;
    struct Span {
        std::uint32_t at = 0;
        std::uint32_t size = 0;
    };
    struct Field {
        Span name;
        Span value;
    };
    std::string_view view(Span span) const noexcept {
        return std::string_view(text_).substr(span.at, span.size);
    }

    std::string text_;
    Span reason_;
    std::vector<Field> fields_;
    int status_ = 0;
};

class ResponseParser {
public:
    enum class State : std::uint8_t { more, complete, error };

    /// `to_head`: the request was HEAD, so its answer has no body whatever its fields say.
    ResponseParser(const ResponseLimits& limits, bool to_head);
    ResponseParser(const ResponseParser&) = delete;
    ResponseParser& operator=(const ResponseParser&) = delete;

    /// Takes the next bytes. After complete or error, takes none.
    State feed(std::string_view bytes);
    /// The peer will send no more: completes a body that lasts until the end, else an error.
    State end();

    State state() const noexcept;
    /// What was wrong, for a log; empty without an error.
    std::string_view error() const noexcept { return error_; }
    /// Some byte of an answer has come.
    bool has_begun() const noexcept { return begun_; }
    /// Once complete: the connection may carry another request. False too when bytes came behind the answer,
    /// which nobody asked for.
    bool may_reuse() const noexcept { return keep_alive_ && !excess_; }

    const ResponseHead& head() const noexcept { return head_; }
    /// Once complete.
    ResponseHead take_head() noexcept { return std::move(head_); }
    Buffer take_body() noexcept { return std::move(body_); }

private:
    enum class Stage : std::uint8_t { status_line, fields, counted, chunked, until_end, done, failed };

    std::size_t feed_line(std::string_view bytes);
    std::size_t feed_body(std::string_view bytes);
    void end_line();
    void read_status_line(std::string_view line);
    void read_field(std::string_view line);
    void end_head();
    void fail(std::string_view why) noexcept;
    bool note_length(std::string_view value) noexcept;
    bool note_coding(std::string_view value) noexcept;

    const ResponseLimits limits_;
    const Limits chunk_limits_;
    ResponseHead head_;
    Buffer body_;
    std::string line_;  // the one that has not ended yet
    std::string_view error_;
    std::optional<ChunkedDecoder> chunks_;
    std::optional<std::uint64_t> length_;
    std::uint64_t left_ = 0;
    std::size_t field_bytes_ = 0;
    std::size_t interim_ = 0;
    Stage stage_ = Stage::status_line;
    std::uint8_t minor_ = 0;
    bool to_head_;
    bool begun_ = false;
    bool has_coding_ = false;
    bool close_listed_ = false;
    bool keep_alive_listed_ = false;
    bool keep_alive_ = false;
    bool excess_ = false;
};

}  // namespace brio::http
