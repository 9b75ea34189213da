// Where one HTTP/1.1 answer ends and the next begins (RFC 9112, section 6): status, Content-Length, chunked.
//
// It judges framing only; fields and bodies are skipped, not kept.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

class AnswerReader {
public:
    /// Eats from the front of `bytes`. The status of the next answer once its last byte was eaten; nothing
    /// when more bytes are needed (then all of `bytes` was eaten) or the answer is broken (see broken()).
    std::optional<int> next(std::string_view& bytes);

    /// True once something came that is no HTTP/1.1 answer; no further answer is found then.
    bool broken() const noexcept { return state_ == State::broken; }
    /// True when the answer whose status next() gave last asked for the connection to be closed.
    bool closes() const noexcept { return closes_; }

private:
    enum class State { head, body, chunk_size, chunk_data, trailer, broken };

    bool take_head(std::string_view& bytes);
    bool read_head(std::string_view head);
    bool take_line(std::string_view& bytes);
    bool skip(std::string_view& bytes);

    State state_ = State::head;
    int status_ = 0;
    bool closes_ = false;
    std::uint64_t left_ = 0;  // bytes of body or chunk still to skip
    std::string partial_;     // a head or a line of chunking whose end has not come
};

}  // namespace bench
