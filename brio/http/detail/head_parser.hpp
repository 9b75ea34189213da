// The parser behind parse_head(): stages that go on where the last call ended.
//
// Split invariance rests on one rule: whether and how a stage fails at a byte depends only on the bytes up to
// it. So every limit is tested at the byte that passes it, before anything that later bytes could change.
#pragma once
#include <brio/http/parse_head.hpp>

#include <cstdint>

namespace brio::http {

class HeadParser {
public:
    HeadParser(std::string_view bytes, RequestHead& head, const Limits& limits) noexcept
        : head_(head),
          limits_(limits),
          begin_(bytes.data()),
          end_(bytes.data() + bytes.size()),
          at_(bytes.data() + head.position_) {}

    ParseResult run() noexcept;

private:
    using Stage = RequestHead::Stage;
    using Span = RequestHead::Span;

    // Each stage returns true when it came to its end, else result_ says why not.
    bool skip_empty_lines() noexcept;
    bool read_method() noexcept;
    bool read_target() noexcept;
    bool read_version() noexcept;
    bool read_fields() noexcept;
    bool begin_line() noexcept;
    bool read_name() noexcept;
    bool read_value() noexcept;
    bool end_head() noexcept;

    bool read_version_slowly() noexcept;
    bool add_field(const char* value_end) noexcept;
    bool note(Known name, std::string_view value) noexcept;
    bool note_host(std::string_view value) noexcept;
    bool note_content_length(std::string_view value) noexcept;
    bool note_transfer_encoding(std::string_view value) noexcept;
    void note_connection(std::string_view value) noexcept;
    void note_expect(std::string_view value) noexcept;

    bool wait(Stage stage, const char* at) noexcept;
    bool reject(const Rejection& rejection) noexcept;
    bool reject_in_line(const char* at, const Rejection& rejection) noexcept;
    bool reject_in_field(const char* at, const Rejection& rejection) noexcept;
    /// The byte at `at` (or, at the end, the bytes before it) makes the request line longer than its limit.
    bool line_too_long(const char* at) const noexcept;

    std::uint32_t offset(const char* at) const noexcept { return static_cast<std::uint32_t>(at - begin_); }
    Span span(const char* from, const char* to) const noexcept {
        return {offset(from), static_cast<std::uint32_t>(to - from)};
    }
    Span span(std::string_view text) const noexcept { return span(text.data(), text.data() + text.size()); }

    RequestHead& head_;
    const Limits& limits_;
    const char* const begin_;
    const char* const end_;
    const char* at_;
    ParseResult result_;
};

}  // namespace brio::http
