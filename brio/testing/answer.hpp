// An HTTP/1.1 answer as a test looks at it.
#pragma once
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <brio/json/read.hpp>

namespace brio::testing {

struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    /// The first field of that name, whatever the case; empty when there is none.
    std::string_view header(std::string_view name) const noexcept;
    bool says_close() const noexcept { return header("Connection") == "close"; }
    /// The body as a T. Throws std::runtime_error with what is wrong and the body.
    template <class T>
    T as() const {
        auto read = json::read<T>(body);
        if (!read) {
            throw std::runtime_error("the answer's body " + json::describe(read.error()) + ": " + body);
        }
        return std::move(*read);
    }
    /// Of a problem+json body: its stable code. Empty when it has none.
    std::string problem_code() const;
};

/// Takes one whole answer off the front of `bytes`; nothing when it is not all there. `to_head`: it has no
/// body whatever its length says. Understands Content-Length only. Throws std::runtime_error for what is no
/// answer.
std::optional<Answer> take_answer(std::string& bytes, bool to_head = false);

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The bytes of a request with Host and, where there is a body, Content-Length.
std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         const Headers& headers);

}  // namespace brio::testing
