// The smallest server over the pure parsers, without sockets: what it makes of bytes, as text. Test-only.
//
// Its routes are those of RawCase. Two ways of splitting the same bytes must leave the same log.
#pragma once
#include <brio/http/chunked.hpp>
#include <brio/http/parse_head.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::http {

class ModelServer {
public:
    explicit ModelServer(const Limits& limits = Limits{}) : limits_(limits) {}

    void feed(std::string_view piece) {
        input_ += piece;
        while (!closed_ && (chunks_ || length_left_ ? read_body() : read_head())) {
        }
    }

    /// All that happened: heads with every field, bodies, answers.
    const std::string& log() const { return log_; }
    const std::vector<int>& answers() const { return answers_; }
    bool closed() const { return closed_; }
    /// Bytes were seen that end no request yet.
    bool waiting() const { return !closed_ && (at_ != input_.size() || chunks_ || length_left_); }

private:
    bool read_head() {
        std::string copy = input_.substr(at_);  // parsed at another place in memory each time
        bytes_.swap(copy);
        const auto result = parse_head(bytes_, seen_, head_, limits_);
        if (result.state == ParseResult::State::incomplete) {
            seen_ = bytes_.size();
            return false;
        }
        if (result.state == ParseResult::State::error) {
            return refuse(result.rejection);
        }
        at_ += result.consumed;
        seen_ = 0;
        note_head();
        if (const auto refusal = body_refusal(head_, limits_.body)) {
            return refuse(*refusal);
        }
        if (head_.expect_continue()) {
            log_ += "100\n";
        }
        status_ = route();
        keep_alive_ = head_.keep_alive();
        if (head_.chunked()) {
            chunks_.emplace(limits_, limits_.body);
        } else if (head_.has_body()) {
            length_left_ = head_.content_length();
        } else {
            answer();
        }
        return true;
    }

    bool read_body() {
        const auto rest = std::string_view(input_).substr(at_);
        if (length_left_) {
            const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(*length_left_, rest.size()));
            body_.append(rest.substr(0, size));
            at_ += size;
            *length_left_ -= size;
            return *length_left_ == 0 && end_body();
        }
        const auto step = chunks_->decode(rest, body_);
        at_ += step.consumed;
        if (step.state == ChunkedDecoder::Step::State::error) {
            return refuse(step.rejection);
        }
        return step.state == ChunkedDecoder::Step::State::done && end_body();
    }

    bool end_body() {
        log_ += "body " + std::to_string(body_.size()) + " " +
                std::to_string(std::hash<std::string_view>{}(body_.view())) + "\n";
        body_.clear();
        chunks_.reset();
        length_left_.reset();
        answer();
        return true;
    }

    int route() const {
        if (head_.method() == Method::other) {
            return 501;
        }
        if (head_.method() == Method::options && head_.path() == "*") {
            return 200;
        }
        if (head_.path() != "/") {
            return 404;
        }
        const auto method = head_.method();
        return method == Method::get || method == Method::head || method == Method::post ? 200 : 405;
    }

    void note_head() {
        log_ += std::string(method_name(head_.method())) + " " + std::string(head_.method_token()) + " " +
                std::string(head_.target()) + " path " + std::string(head_.path()) + " query " +
                std::string(head_.query()) + " host " + std::string(head_.host()) + " 1." +
                std::to_string(head_.version_minor()) + (head_.upgrade() ? " upgrade" : "") + "\n";
        for (std::size_t i = 0; i < head_.field_count(); ++i) {
            log_ += "  " + std::string(head_.field(i).name) + "=" + std::string(head_.field(i).value) + "\n";
        }
        for (std::size_t i = 0; i < known_count; ++i) {
            head_.each(static_cast<Known>(i), [&](std::string_view value) {
                log_ += "  known " + std::string(known_names[i]) + "=" + std::string(value) + "\n";
            });
        }
    }

    void answer() {
        answers_.push_back(status_);
        closed_ = !keep_alive_;
        log_ += std::to_string(status_) + (closed_ ? " close\n" : "\n");
    }

    bool refuse(const Rejection& rejection) {
        answers_.push_back(rejection.status);
        closed_ = true;
        log_ += std::to_string(rejection.status) + " " + std::string(rejection.code) + ": " +
                std::string(rejection.detail) + "\n";
        return false;
    }

    Limits limits_;
    std::string input_;
    std::string bytes_;
    std::size_t at_ = 0;
    std::size_t seen_ = 0;
    RequestHead head_;
    std::optional<ChunkedDecoder> chunks_;
    std::optional<std::uint64_t> length_left_;
    Buffer body_;
    int status_ = 0;
    bool keep_alive_ = true;
    bool closed_ = false;
    std::vector<int> answers_;
    std::string log_;
};

}  // namespace brio::http
