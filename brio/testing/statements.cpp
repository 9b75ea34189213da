#include <brio/testing/statements.hpp>

#include <charconv>
#include <stdexcept>
#include <string>

namespace brio::testing {

std::uint64_t statements_of(const Answer& answer) {
    auto const text = answer.header("X-Brio-Statements");
    std::uint64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

void expect_queries(const Answer& answer, std::uint64_t most) {
    if (statements_of(answer) <= most) {
        return;
    }
    std::string message = "at most " + std::to_string(most) + " statements were expected; it ran ";
    message += answer.header("X-Brio-Statements");
    for (auto const& [name, value] : answer.headers) {
        if (name == "X-Brio-Warning") {
            message += "\n" + value;
        }
    }
    throw std::runtime_error(message);
}

}  // namespace brio::testing
