// What Redis answered: a value that owns its bytes.
#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::redis {

class Reply {
public:
    enum class Kind : std::uint8_t { nil, text, status, integer, array, error };

    Reply() noexcept = default;
    Reply(Kind kind, std::string_view text) : kind_(kind), text_(text) {}
    explicit Reply(std::int64_t integer) noexcept : kind_(Kind::integer), integer_(integer) {}
    explicit Reply(std::vector<Reply> elements) noexcept
        : kind_(Kind::array),
          elements_(std::move(elements)) {}

    Kind kind() const noexcept { return kind_; }
    bool is_nil() const noexcept { return kind_ == Kind::nil; }
    bool is_error() const noexcept { return kind_ == Kind::error; }
    /// Of a text (any bytes), a status or an error; empty for what has none.
    std::string_view text() const noexcept { return text_; }
    std::string take_text() noexcept { return std::move(text_); }
    /// An integer, or a text that is one.
    std::optional<std::int64_t> integer() const noexcept {
        if (kind_ == Kind::integer) {
            return integer_;
        }
        std::int64_t value = 0;
        const char* const end = text_.data() + text_.size();
        if (kind_ != Kind::text || std::from_chars(text_.data(), end, value).ptr != end || text_.empty()) {
            return std::nullopt;
        }
        return value;
    }
    /// Of an array; empty for anything else.
    std::span<const Reply> elements() const noexcept { return elements_; }
    std::vector<Reply> take_elements() noexcept { return std::move(elements_); }

private:
    friend class ReplyReader;
    Kind kind_ = Kind::nil;
    std::int64_t integer_ = 0;
    std::string text_;
    std::vector<Reply> elements_;
};

}  // namespace brio::redis
