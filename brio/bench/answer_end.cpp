#include <brio/bench/answer_end.hpp>

#include <charconv>

namespace brio::bench {

std::optional<AnswerEnd> answer_end(std::string_view bytes, bool to_head) noexcept {
    constexpr std::string_view length_name = "\r\nContent-Length: ";
    constexpr std::string_view last_chunk = "\r\n0\r\n\r\n";
    auto const head_end = bytes.find("\r\n\r\n");
    if (head_end == std::string_view::npos || head_end < 12) {
        return std::nullopt;
    }
    int status = 0;
    std::from_chars(bytes.data() + 9, bytes.data() + 12, status);
    auto const body_at = head_end + 4;
    auto const head = bytes.substr(0, body_at);
    if (status < 200) {  // 100 Continue: the answer follows
        auto end = answer_end(bytes.substr(body_at), to_head);
        if (end) {
            end->size += body_at;
        }
        return end;
    }
    if (to_head || status == 204 || status == 304) {
        return AnswerEnd{status, body_at};
    }
    if (auto const at = head.find(length_name); at != std::string_view::npos) {
        std::size_t length = 0;
        auto const* const digits = head.data() + at + length_name.size();
        std::from_chars(digits, head.data() + head.size(), length);
        return bytes.size() - body_at >= length ? std::optional(AnswerEnd{status, body_at + length})
                                                : std::nullopt;
    }
    // An empty one is nothing but its last chunk, behind the head's end.
    auto const is_whole = bytes.ends_with(last_chunk) && bytes.size() - body_at + 2 >= last_chunk.size();
    return is_whole ? std::optional(AnswerEnd{status, bytes.size()}) : std::nullopt;
}

}  // namespace brio::bench
