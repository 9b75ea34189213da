// The parser behind parse_head(): stages that go on where the last call ended.
//
// Split invariance rests on one rule: whether and how a stage fails at a byte depends only on the bytes up to
// it. So every limit is tested at the byte that passes it, before anything that later bytes could change.
#pragma once
#include <brio/http/parse_head.hpp>

#include <cstddef>
#include <cstdint>

namespace brio::http {

class HeadParser {
public:
    HeadParser(std::string_view bytes, RequestHead& head, const Limits& limits, ParseResult& result) noexcept
        : head_(head),
          limits_(limits),
          result_(result),
          begin_(bytes.data()),
          end_(bytes.data() + bytes.size()) {}

    void run() noexcept;

private:
    using Stage = RequestHead::Stage;
    using Span = RequestHead::Span;

    // Each stage starts at `at` and returns where the next one does, or null when result_ says why there is
    // none. (The position is passed along because it then stays in a register, which halves the time a field
    // takes.)
    const char* skip_empty_lines(const char* at) noexcept;
    const char* read_method(const char* at) noexcept;
    const char* read_target(const char* at) noexcept;
    const char* read_version() noexcept;
    const char* read_fields(const char* at) noexcept;
    const char* begin_line(const char* at) noexcept;
    const char* read_name(const char* at) noexcept;
    const char* read_value(const char* at) noexcept;
    const char* end_head(const char* at) noexcept;

    const char* read_version_slowly(const char* at) noexcept;
    bool take_target(std::string_view text) noexcept;
    bool add_field(const char* value_end) noexcept;
    bool note(Known name, std::string_view value) noexcept;
    bool note_host(std::string_view value) noexcept;
    bool note_content_length(std::string_view value) noexcept;
    bool note_transfer_encoding(std::string_view value) noexcept;
    void note_connection(std::string_view value) noexcept;
    void note_expect(std::string_view value) noexcept;

    std::nullptr_t wait(Stage stage, const char* at) noexcept;
    std::nullptr_t reject(const Rejection& rejection) noexcept;
    bool refuse(const Rejection& rejection) noexcept { return reject(rejection) != nullptr; }
    std::nullptr_t reject_in_field(const char* at, const Rejection& rejection) noexcept;
    /// The byte at `at` (or, at the end, the bytes before it) makes the request line longer than its limit.
    bool line_too_long(const char* at) const noexcept;

    std::uint32_t offset(const char* at) const noexcept { return static_cast<std::uint32_t>(at - begin_); }
    Span span(const char* from, const char* to) const noexcept {
        return {offset(from), static_cast<std::uint32_t>(to - from)};
    }
    Span span(std::string_view text) const noexcept { return span(text.data(), text.data() + text.size()); }

    RequestHead& head_;
    const Limits& limits_;
    ParseResult& result_;
    const char* const begin_;
    const char* const end_;
};

}  // namespace brio::http
