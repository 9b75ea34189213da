#include <brio/http/response_parser.hpp>

#include <algorithm>

#include <brio/http/token.hpp>

namespace brio::http {
namespace {

constexpr std::string_view invalid_status_line = "the status line is not HTTP/1.x, three digits and a reason";
constexpr std::string_view invalid_length = "Content-Length is not one number of decimal digits, given once";
constexpr std::string_view invalid_coding = "Transfer-Encoding is something other than \"chunked\", once";

}  // namespace

std::optional<std::string_view> ResponseHead::find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (equals_ignoring_case(view(fields_[i].name), name)) {
            return value(i);
        }
    }
    return std::nullopt;
}

ResponseParser::ResponseParser(const ResponseLimits& limits, bool to_head)
    : limits_(limits),
      chunk_limits_{.chunk_extension_bytes = limits.chunk_extension_bytes,
                    .trailer_bytes = limits.trailer_bytes,
                    .trailer_count = limits.trailer_count},
      to_head_(to_head) {}

ResponseParser::State ResponseParser::state() const noexcept {
    return stage_ == Stage::done ? State::complete : stage_ == Stage::failed ? State::error : State::more;
}

void ResponseParser::fail(std::string_view why) noexcept {
    error_ = why;
    stage_ = Stage::failed;
}

ResponseParser::State ResponseParser::feed(std::string_view bytes) {
    begun_ = begun_ || !bytes.empty();
    while (!bytes.empty()) {
        switch (stage_) {
            case Stage::status_line:
            case Stage::fields: bytes.remove_prefix(feed_line(bytes)); break;
            case Stage::counted:
            case Stage::chunked:
            case Stage::until_end: bytes.remove_prefix(feed_body(bytes)); break;
            case Stage::done: excess_ = true; return State::complete;
            case Stage::failed: return State::error;
        }
    }
    return state();
}

ResponseParser::State ResponseParser::end() {
    if (stage_ == Stage::until_end) {
        stage_ = Stage::done;
    } else if (stage_ != Stage::done && stage_ != Stage::failed) {
        fail(!begun_ ? "the connection ended before the answer began"
                     : "the connection ended within the answer");
    }
    return state();
}

// Up to the end of one line; the limits hold for each byte, so that no split of the input gets past them.
std::size_t ResponseParser::feed_line(std::string_view bytes) {
    auto const lf = bytes.find('\n');
    auto const taken = bytes.substr(0, lf == std::string_view::npos ? lf : lf + 1);
    auto const in_status = stage_ == Stage::status_line;
    auto const used = in_status ? line_.size() : field_bytes_;
    if (used + taken.size() > (in_status ? limits_.status_line + 2 : limits_.header_bytes)) {
        fail(in_status ? "the status line is longer than its limit"
                       : "the header fields are larger than their limit");
        return taken.size();
    }
    field_bytes_ += in_status ? 0 : taken.size();
    line_.append(taken);
    if (lf != std::string_view::npos) {
        end_line();
        line_.clear();
    }
    return taken.size();
}

void ResponseParser::end_line() {
    std::string_view line = line_;
    line.remove_suffix(1);
    if (line.empty() || line.back() != '\r') {
        return fail("a line ends with LF instead of CRLF");
    }
    line.remove_suffix(1);
    if (stage_ == Stage::status_line) {
        read_status_line(line);
    } else if (line.empty()) {
        end_head();
    } else {
        read_field(line);
    }
}

void ResponseParser::read_status_line(std::string_view line) {
    auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (line.size() < 12 || !line.starts_with("HTTP/1.") || !is_digit(line[7]) || line[8] != ' ' ||
        !is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]) ||
        (line.size() > 12 && line[12] != ' ') || !all_of_class(line, value_char)) {
        return fail(invalid_status_line);
    }
    minor_ = line[7] == '0' ? 0 : 1;
    auto const status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    if (status < 100 || status > 599) {
        return fail("the status is not between 100 and 599");
    }
    head_.status_ = status;
    head_.text_.assign(line);
    head_.reason_ = line.size() > 13 ? ResponseHead::Span{13, static_cast<std::uint32_t>(line.size() - 13)}
                                     : ResponseHead::Span{};
    stage_ = Stage::fields;
}

void ResponseParser::read_field(std::string_view line) {
    auto const colon = line.find(':');
    auto const name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name)) {
        return fail("a header field is not a name, a colon and a value");
    }
    auto const value = trim(line.substr(colon + 1));
    if (!all_of_class(value, value_char)) {
        return fail("a header value holds a control character");
    }
    if (head_.fields_.size() >= limits_.header_count) {
        return fail("there are more header fields than the limit");
    }
    auto const at = static_cast<std::uint32_t>(head_.text_.size());
    head_.text_.append(name).append(value);
    auto const name_size = static_cast<std::uint32_t>(name.size());
    head_.fields_.push_back({{at, name_size}, {at + name_size, static_cast<std::uint32_t>(value.size())}});
    if (equals_ignoring_case(name, "content-length")) {
        if (!note_length(value)) {
            fail(invalid_length);
        }
    } else if (equals_ignoring_case(name, "transfer-encoding")) {
        if (!note_coding(value)) {
            fail(invalid_coding);
        }
    } else if (equals_ignoring_case(name, "connection")) {
        for (auto rest = value; !rest.empty();) {
            auto const option = next_part(rest, ',');
            close_listed_ = close_listed_ || equals_ignoring_case(option, "close");
            keep_alive_listed_ = keep_alive_listed_ || equals_ignoring_case(option, "keep-alive");
        }
    }
}

bool ResponseParser::note_length(std::string_view value) noexcept {
    std::uint64_t length = 0;
    for (char const c : value) {
        auto const digit = static_cast<unsigned char>(c - '0');
        if (digit > 9 || __builtin_mul_overflow(length, 10U, &length) ||
            __builtin_add_overflow(length, digit, &length)) {
            return false;
        }
    }
    if (value.empty() || length_) {
        return false;
    }
    length_ = length;
    return true;
}

bool ResponseParser::note_coding(std::string_view value) noexcept {
    if (has_coding_ || minor_ == 0 || !equals_ignoring_case(value, "chunked")) {
        return false;
    }
    has_coding_ = true;
    return true;
}

// RFC 9112 §6.3, with what it leaves open decided for the error.
void ResponseParser::end_head() {
    if (has_coding_ && length_) {
        return fail("Content-Length and Transfer-Encoding exclude each other");
    }
    auto const status = head_.status_;
    if (status == 101) {
        return fail("the protocol was switched, which nobody asked for");
    }
    if (status < 200) {
        if (++interim_ > limits_.interim) {
            return fail("there are more interim answers than the limit");
        }
        head_ = {};
        length_.reset();
        has_coding_ = close_listed_ = keep_alive_listed_ = false;
        field_bytes_ = 0;
        stage_ = Stage::status_line;
        return;
    }
    keep_alive_ = !close_listed_ && (minor_ == 1 || keep_alive_listed_);
    if (to_head_ || status == 204 || status == 304) {
        stage_ = Stage::done;
    } else if (has_coding_) {
        chunks_.emplace(chunk_limits_, limits_.body);
        stage_ = Stage::chunked;
    } else if (length_) {
        if (*length_ > limits_.body) {
            return fail("the body is larger than the limit");
        }
        left_ = *length_;
        stage_ = left_ == 0 ? Stage::done : Stage::counted;
    } else {
        keep_alive_ = false;
        stage_ = Stage::until_end;
    }
}

std::size_t ResponseParser::feed_body(std::string_view bytes) {
    if (stage_ == Stage::chunked) {
        auto const step = chunks_->decode(bytes, body_);
        if (step.state == ChunkedDecoder::Step::State::done) {
            stage_ = Stage::done;
        } else if (step.state == ChunkedDecoder::Step::State::error) {
            fail(step.rejection.detail);
        }
        return step.consumed;
    }
    if (stage_ == Stage::until_end) {
        if (body_.size() + bytes.size() > limits_.body) {
            fail("the body is larger than the limit");
        } else {
            body_.append(bytes);
        }
        return bytes.size();
    }
    auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    body_.append(bytes.substr(0, size));
    left_ -= size;
    stage_ = left_ == 0 ? Stage::done : Stage::counted;
    return size;
}

}  // namespace brio::http
