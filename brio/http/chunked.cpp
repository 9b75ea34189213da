#include <brio/http/chunked.hpp>
#include <brio/http/token.hpp>

#include <algorithm>

namespace brio::http {

namespace {

constexpr std::uint8_t max_digits = 16;  // of a size: as many as 64 bits hold

constexpr Rejection invalid_size{400, "invalid_chunk", "a chunk size is not 1 to 16 hex digits"};
constexpr Rejection invalid_extension{400, "invalid_chunk", "a chunk extension is malformed"};
constexpr Rejection long_extensions{400, "invalid_chunk", "the chunk extensions are larger than the limit"};
constexpr Rejection invalid_line_end{400, "invalid_chunk",
                                     "a line of the chunked body does not end with CRLF"};
constexpr Rejection invalid_trailer{400, "invalid_trailer", "a trailer field is malformed"};
constexpr Rejection large_trailers{431, "trailers_too_large", "the trailer fields are more than the limit"};
constexpr Rejection large_body{413, "body_too_large", "the body is larger than the limit"};

bool is_blank(char byte) noexcept { return byte == ' ' || byte == '\t'; }

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size() && state_ != State::done && state_ != State::failed;) {
        if (state_ == State::data) {
            const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_, bytes.size() - at));
            chunk_ -= size;
            state_ = chunk_ == 0 ? State::data_cr : State::data;
            return {.state = Step::State::data, .consumed = at + size, .data = bytes.substr(at, size)};
        }
        step(bytes[at]);
        ++at;
        if (state_ == State::done) {
            return {.state = Step::State::done, .consumed = at};
        }
        if (state_ == State::failed) {
            return {.state = Step::State::error, .consumed = at, .rejection = rejection_};
        }
    }
    if (state_ == State::failed) {
        return {.state = Step::State::error, .rejection = rejection_};
    }
    const bool ended = state_ == State::done;
    return {.state = ended ? Step::State::done : Step::State::more, .consumed = ended ? 0 : bytes.size()};
}

ChunkedDecoder::Step ChunkedDecoder::decode(std::string_view bytes, Buffer& body) {
    std::size_t consumed = 0;
    for (;;) {
        auto step = next(bytes.substr(consumed));
        step.consumed = consumed += step.consumed;
        if (step.state != Step::State::data) {
            return step;
        }
        body.append(step.data);
    }
}

void ChunkedDecoder::fail(const Rejection& rejection) noexcept {
    state_ = State::failed;
    rejection_ = rejection;
}

void ChunkedDecoder::step(char byte) noexcept {
    if (state_ <= State::size) {
        step_size(byte);
    } else if (state_ <= State::extension_after_value) {
        step_extension(byte);
    } else if (state_ < State::trailer_start) {
        step_line_end(byte);
    } else {
        step_trailer(byte);
    }
}

void ChunkedDecoder::step_size(char byte) noexcept {
    if (has_class(byte, hex_char)) {
        if (digits_ == max_digits) {
            return fail(invalid_size);
        }
        ++digits_;
        chunk_ = chunk_ * 16 + hex_value(byte);
        state_ = State::size;
        return;
    }
    if (digits_ == 0 || (byte != '\r' && byte != ';')) {
        return fail(invalid_size);
    }
    if (chunk_ > body_left_) {
        return fail(large_body);
    }
    if (byte == ';') {
        begin_extension();
    } else {
        state_ = State::size_lf;
    }
}

void ChunkedDecoder::begin_extension() noexcept {
    state_ = State::extension_start;
    ++extension_bytes_;
    if (extension_bytes_ > limits_->chunk_extension_bytes) {
        fail(long_extensions);
    }
}

/// *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ), but no BWS before CRLF.
void ChunkedDecoder::step_extension(char byte) noexcept {
    const bool may_end = state_ == State::extension_name || state_ == State::extension_token ||
                         state_ == State::extension_value_end;
    if (byte == '\r' && may_end) {
        state_ = State::size_lf;
        return;
    }
    if (byte == ';' &&
        (may_end || state_ == State::extension_after_name || state_ == State::extension_after_value)) {
        return begin_extension();
    }
    if (++extension_bytes_ > limits_->chunk_extension_bytes) {
        return fail(long_extensions);
    }
    const bool blank = is_blank(byte);
    const bool token = has_class(byte, token_char);
    switch (state_) {
        case State::extension_start:
            return go(token ? State::extension_name : blank ? state_ : State::failed);
        case State::extension_name:
            return go(token         ? state_
                      : byte == '=' ? State::extension_value_start
                      : blank       ? State::extension_after_name
                                    : State::failed);
        case State::extension_after_name:
            return go(blank ? state_ : byte == '=' ? State::extension_value_start : State::failed);
        case State::extension_value_start:
            return go(token         ? State::extension_token
                      : byte == '"' ? State::extension_quoted
                      : blank       ? state_
                                    : State::failed);
        case State::extension_token:
            return go(token ? state_ : blank ? State::extension_after_value : State::failed);
        case State::extension_quoted:
            return go(byte == '"'                    ? State::extension_value_end
                      : byte == '\\'                 ? State::extension_escape
                      : has_class(byte, quoted_char) ? state_
                                                     : State::failed);
        case State::extension_escape:
            return go(has_class(byte, value_char) ? State::extension_quoted : State::failed);
        default: return go(blank ? State::extension_after_value : State::failed);
    }
}

void ChunkedDecoder::go(State next_state) noexcept {
    if (next_state == State::failed) {
        return fail(invalid_extension);
    }
    state_ = next_state;
}

void ChunkedDecoder::step_line_end(char byte) noexcept {
    if (byte != (state_ == State::data_cr ? '\r' : '\n')) {
        return fail(invalid_line_end);
    }
    if (state_ == State::data_cr) {
        state_ = State::data_lf;
    } else if (state_ == State::size_lf) {
        state_ = chunk_ == 0 ? State::trailer_start : State::data;
        body_left_ -= chunk_;
    } else {
        state_ = State::size_start;
        digits_ = 0;
    }
}

void ChunkedDecoder::step_trailer(char byte) noexcept {
    if (state_ == State::final_lf) {
        return byte == '\n' ? go(State::done) : fail(invalid_line_end);
    }
    if (state_ == State::trailer_start && byte == '\r') {
        state_ = State::final_lf;
        return;
    }
    if (state_ == State::trailer_start && ++trailers_ > limits_->trailer_count) {
        return fail(large_trailers);
    }
    if (++trailer_bytes_ > limits_->trailer_bytes) {
        return fail(large_trailers);
    }
    switch (state_) {
        case State::trailer_lf: return byte == '\n' ? go(State::trailer_start) : fail(invalid_line_end);
        case State::trailer_value:
            if (byte == '\r') {
                return go(State::trailer_lf);
            }
            return has_class(byte, value_char) ? void() : fail(invalid_trailer);
        case State::trailer_name:
            if (byte == ':') {
                return go(State::trailer_value);
            }
            [[fallthrough]];
        default: return has_class(byte, token_char) ? go(State::trailer_name) : fail(invalid_trailer);
    }
}

}  // namespace brio::http
