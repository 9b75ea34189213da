#include <brio/load/answer_reader.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

#include <brio/http/token.hpp>

namespace brio::load {
namespace {

using http::equals_ignoring_case;
using http::trim;

constexpr std::size_t shortest_head = 13;  // "HTTP/1.1 200\r\n" without its last byte

// Length of the head in front of `bytes`, its empty line included; 0 while that line has not come.
std::size_t head_length(std::string_view bytes) noexcept {
    const void* end = memmem(bytes.data(), bytes.size(), "\r\n\r\n", 4);
    return end == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data()) + 4;
}

// The line at the front of `rest`, which goes behind it; without its line end.
std::string_view take_text_line(std::string_view& rest) noexcept {
    auto const end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

bool is_field(std::string_view line, std::string_view lower_name) noexcept {
    return line.size() > lower_name.size() && line[lower_name.size()] == ':' &&
           equals_ignoring_case(line.substr(0, lower_name.size()), lower_name);
}

bool lists(std::string_view value, std::string_view option) noexcept {
    while (!value.empty()) {
        if (equals_ignoring_case(http::next_part(value, ','), option)) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<std::string_view> next_field(std::string_view& rest, std::string_view name) noexcept {
    while (!rest.empty()) {
        auto const line = take_text_line(rest);
        if (is_field(line, name)) {
            return trim(line.substr(name.size() + 1));
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> find_field(std::string_view head, std::string_view name) noexcept {
    take_text_line(head);
    return next_field(head, name);
}

void AnswerReader::begin(bool to_head, bool keeps) {
    stage_ = Stage::head;
    to_head_ = to_head;
    keeps_ = keeps;
    begun_ = closes_ = false;
    partial_.clear();
    head_.clear();
    body_.clear();
}

AnswerReader::State AnswerReader::state() const noexcept {
    return stage_ == Stage::whole ? State::whole : stage_ == Stage::broken ? State::broken : State::more;
}

AnswerReader::State AnswerReader::feed(std::string_view& bytes) {
    begun_ = begun_ || !bytes.empty();
    for (;;) {
        switch (stage_) {
            case Stage::whole:
            case Stage::broken: return state();
            case Stage::head:
                if (bytes.empty()) {
                    return State::more;
                }
                take_head(bytes);
                break;
            case Stage::body:
                if (!take_data(bytes)) {
                    return state();
                }
                stage_ = Stage::whole;
                break;
            case Stage::chunk_data:
                if (!take_data(bytes)) {
                    return state();
                }
                stage_ = Stage::chunk_size;
                break;
            case Stage::until_end:
                left_ = bytes.size();
                take_data(bytes);
                return state();
            case Stage::chunk_size:
                if (bytes.empty()) {
                    return State::more;
                }
                take_chunk_size(bytes);
                break;
            case Stage::trailer:
                if (bytes.empty()) {
                    return State::more;
                }
                take_trailer(bytes);
                break;
        }
    }
}

AnswerReader::State AnswerReader::end() {
    if (stage_ == Stage::until_end) {
        stage_ = Stage::whole;
    } else if (stage_ != Stage::whole) {
        stage_ = Stage::broken;
    }
    return state();
}

void AnswerReader::take_head(std::string_view& bytes) {
    if (partial_.empty()) {
        if (auto const length = head_length(bytes); length != 0) {
            auto const head = bytes.substr(0, length);
            bytes.remove_prefix(length);
            return read_head(head);
        }
    }
    auto const before = partial_.size();
    partial_.append(bytes.substr(0, longest_head));
    if (auto const length = head_length(partial_); length != 0) {
        bytes.remove_prefix(length - before);
        partial_.resize(length);
        read_head(partial_);
        partial_.clear();
    } else {
        bytes = {};
        stage_ = partial_.size() > longest_head ? Stage::broken : stage_;
    }
}

void AnswerReader::read_head(std::string_view head) {
    if (!head.starts_with("HTTP/1.") || head.size() < shortest_head || head[8] != ' ' ||
        std::from_chars(head.data() + 9, head.data() + 12, status_).ptr != head.data() + 12 ||
        status_ < 100 || status_ > 599 || status_ == 101) {
        stage_ = Stage::broken;
        return;
    }
    if (status_ < 200) {
        return;  // the answer itself is still to come
    }
    closes_ = head[7] == '0';
    read_fields(head);
    if (keeps_) {
        head_ = head;
    }
    if (to_head_ || status_ == 204 || status_ == 304) {
        stage_ = Stage::whole;
    } else if (is_chunked_) {
        stage_ = Stage::chunk_size;
    } else if (has_length_) {
        stage_ = Stage::body;
    } else if (stage_ != Stage::broken) {
        closes_ = true;
        stage_ = Stage::until_end;
    }
}

// Few fields matter, and their names begin with two letters.
void AnswerReader::read_fields(std::string_view head) {
    left_ = 0;
    has_length_ = is_chunked_ = false;
    take_text_line(head);
    while (!head.empty()) {
        auto const line = take_text_line(head);
        auto const first = line.empty() ? '\0' : http::lower(line[0]);
        if (first == 'c' && is_field(line, "content-length")) {
            auto const text = trim(line.substr(15));
            auto const* const end = text.data() + text.size();
            auto const read = std::from_chars(text.data(), end, left_);
            has_length_ = read.ec == std::errc() && read.ptr == end;
            stage_ = has_length_ ? stage_ : Stage::broken;
        } else if (first == 'c' && is_field(line, "connection")) {
            closes_ = lists(line.substr(11), "close") || (closes_ && !lists(line.substr(11), "keep-alive"));
        } else if (first == 't' && is_field(line, "transfer-encoding")) {
            is_chunked_ = lists(line.substr(18), "chunked");
        }
    }
}

// Up to the end of a line of chunking.
bool AnswerReader::take_line(std::string_view& bytes) {
    auto const end = bytes.find('\n');
    auto const taken = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(taken.size());
    if (partial_.size() + taken.size() > longest_head) {
        stage_ = Stage::broken;
        return false;
    }
    partial_.append(taken);
    return end != std::string_view::npos;
}

void AnswerReader::take_chunk_size(std::string_view& bytes) {
    if (!take_line(bytes)) {
        return;
    }
    if (partial_ == "\r\n") {  // behind the chunk before
        partial_.clear();
        return;
    }
    auto const* const end = partial_.data() + partial_.size();
    auto const is_number = std::from_chars(partial_.data(), end, left_, 16).ec == std::errc();
    stage_ = !is_number ? Stage::broken : left_ == 0 ? Stage::trailer : Stage::chunk_data;
    partial_.clear();
}

void AnswerReader::take_trailer(std::string_view& bytes) {
    if (!take_line(bytes)) {
        return;
    }
    stage_ = partial_.size() <= 2 ? Stage::whole : stage_;
    partial_.clear();
}

bool AnswerReader::take_data(std::string_view& bytes) {
    auto const count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (keeps_) {
        if (body_.size() + count > largest_kept_body) {
            stage_ = Stage::broken;
            return false;
        }
        body_.append(bytes.substr(0, count));
    }
    bytes.remove_prefix(count);
    left_ -= count;
    return left_ == 0;
}

}  // namespace brio::load
