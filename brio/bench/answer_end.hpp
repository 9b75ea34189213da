// Where an answer of Brio's own server ends: cheap enough to be asked within what is measured.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace brio::bench {

struct AnswerEnd {
    int status;
    std::size_t size;  // head and body
};

/// Of the answer that `bytes` begin with; nothing while it is not all there. Knows what our server writes:
/// Content-Length, chunks at the end of `bytes`, and answers without a body.
std::optional<AnswerEnd> answer_end(std::string_view bytes, bool to_head = false) noexcept;

}  // namespace brio::bench
