// The chunked transfer coding (RFC 9112 §7.1), strict: sizes of 1 to 16 hex digits and nothing around them,
// CRLF only, well-formed extensions (ignored), trailer fields checked as header fields are and thrown away,
// never merged.
#pragma once
#include <brio/base/buffer.hpp>
#include <brio/http/limits.hpp>
#include <brio/http/rejection.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brio::http {

class ChunkedDecoder {
public:
    struct Step {
        enum class State : std::uint8_t {
            more,   // all of `bytes` consumed, the body goes on
            data,   // `data` is a piece of the body; call again with what follows `consumed`
            done,   // the body ended at `consumed`; what follows belongs to the next request
            error,  // answer `rejection` (400, 413, 431) and close; every later call says the same
        };
        State state = State::more;
        std::size_t consumed = 0;
        std::string_view data;  // a view into the bytes given, never empty in State::data
        Rejection rejection;
    };

    /// `limits` must outlive the decoder. `body_limit` counts decoded bytes; a chunk that would pass it is
    /// 413 at its size.
    ChunkedDecoder(const Limits& limits, std::uint64_t body_limit) noexcept
        : limits_(&limits),
          body_left_(body_limit) {}

    /// One step: consumes framing and at most one piece of data. The pieces of a body add up to the same
    /// bytes, and an error comes with the same byte, however the input is split.
    Step next(std::string_view bytes) noexcept;
    /// Steps until more, done or error, appending the data to `body`.
    Step decode(std::string_view bytes, Buffer& body);

    bool done() const noexcept { return state_ == State::done; }

private:
    // In groups, in this order: size, extension, line end, trailer. step() relies on it.
    enum class State : std::uint8_t {
        size_start,
        size,
        extension_start,
        extension_name,
        extension_after_name,
        extension_value_start,
        extension_token,
        extension_quoted,
        extension_escape,
        extension_value_end,
        extension_after_value,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer_name,
        trailer_value,
        trailer_lf,
        final_lf,
        done,
        failed,
    };
    void step(char byte) noexcept;
    void step_size(char byte) noexcept;
    void begin_extension() noexcept;
    void step_extension(char byte) noexcept;
    void step_line_end(char byte) noexcept;
    void step_trailer(char byte) noexcept;
    void go(State next_state) noexcept;
    void fail(const Rejection& rejection) noexcept;

    const Limits* limits_;
    std::uint64_t body_left_;
    std::uint64_t chunk_ = 0;  // size while its digits are read, then what is left of its data
    std::size_t extension_bytes_ = 0;
    std::size_t trailer_bytes_ = 0;
    std::size_t trailers_ = 0;
    std::uint8_t digits_ = 0;
    State state_ = State::size_start;
    Rejection rejection_;
};

}  // namespace brio::http
