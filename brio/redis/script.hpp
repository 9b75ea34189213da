// A script that Redis runs as one step. Made once, at best as a constant of the program.
#pragma once
#include <string>
#include <string_view>

namespace brio::redis {

class Script {
public:
    /// `text` lives as long as this: a literal.
    explicit Script(std::string_view text);
    std::string_view text() const noexcept { return text_; }
    /// Its SHA-1 in hexadecimal digits, by which EVALSHA names it.
    std::string_view hash() const noexcept { return hash_; }

private:
    std::string_view text_;
    std::string hash_;
};

}  // namespace brio::redis
