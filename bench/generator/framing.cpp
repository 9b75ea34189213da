#include <bench/generator/framing.hpp>

#include <algorithm>
#include <bench/common/http_head.hpp>
#include <charconv>

namespace bench {
namespace {

constexpr std::size_t longest_head = 64 * 1024;

}  // namespace

std::optional<int> AnswerReader::next(std::string_view& bytes) {
    while (true) {
        switch (state_) {
            case State::head:
                if (!take_head(bytes)) {
                    return std::nullopt;
                }
                break;
            case State::body:
                if (!skip(bytes)) {
                    return std::nullopt;
                }
                state_ = State::head;
                return status_;
            case State::chunk_size: {
                if (!take_line(bytes)) {
                    return std::nullopt;
                }
                const char* const end = partial_.data() + partial_.size();
                const bool is_number = std::from_chars(partial_.data(), end, left_, 16).ec == std::errc();
                state_ = !is_number ? State::broken : left_ == 0 ? State::trailer : State::chunk_data;
                left_ += 2;  // the line end after the data
                partial_.clear();
                break;
            }
            case State::chunk_data:
                if (!skip(bytes)) {
                    return std::nullopt;
                }
                state_ = State::chunk_size;
                break;
            case State::trailer: {
                if (!take_line(bytes)) {
                    return std::nullopt;
                }
                const bool is_last = partial_.size() == 2;
                partial_.clear();
                if (is_last) {
                    state_ = State::head;
                    return status_;
                }
                break;
            }
            case State::broken: return std::nullopt;
        }
    }
}

bool AnswerReader::take_head(std::string_view& bytes) {
    if (bytes.empty()) {
        return false;
    }
    if (partial_.empty()) {
        if (const auto length = head_length(bytes)) {
            const std::string_view head = bytes.substr(0, *length);
            bytes.remove_prefix(*length);
            return read_head(head);
        }
        partial_ = bytes;
        bytes = {};
    } else {
        const std::size_t before = partial_.size();
        partial_ += bytes;
        if (const auto length = head_length(partial_)) {
            bytes.remove_prefix(*length - before);
            partial_.resize(*length);
            const bool is_head = read_head(partial_);
            partial_.clear();
            return is_head;
        }
        bytes = {};
    }
    if (partial_.size() > longest_head) {
        state_ = State::broken;
    }
    return false;
}

bool AnswerReader::read_head(std::string_view head) {
    if (!head.starts_with("HTTP/1.") || head.size() < 13 ||
        std::from_chars(head.data() + 9, head.data() + 12, status_).ptr != head.data() + 12) {
        state_ = State::broken;
        return false;
    }
    const auto connection = field(head, "connection");
    closes_ = connection && *connection == "close";
    const bool has_no_body = status_ < 200 || status_ == 204 || status_ == 304;
    const auto length = content_length(head);
    if (has_no_body || length) {
        left_ = has_no_body ? 0 : *length;
        state_ = State::body;
        return true;
    }
    const auto coding = field(head, "transfer-encoding");
    state_ = coding && coding->ends_with("chunked") ? State::chunk_size : State::broken;
    return state_ != State::broken;
}

bool AnswerReader::take_line(std::string_view& bytes) {
    const std::size_t end = bytes.find('\n');
    partial_ += bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (partial_.size() > longest_head) {
        state_ = State::broken;
    }
    return end != std::string_view::npos;
}

bool AnswerReader::skip(std::string_view& bytes) {
    const auto count = std::min<std::uint64_t>(left_, bytes.size());
    bytes.remove_prefix(count);
    left_ -= count;
    return left_ == 0;
}

}  // namespace bench
