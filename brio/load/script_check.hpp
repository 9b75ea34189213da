// What a step of a scenario file asks of an answer, as text:
//
//     check   = subject [ operator value ]            without one: it is there, and is not empty
//     subject = "status" | "body" | "header" name | "$" path       the JSON at it, as $.items[0].id
//     operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~"        ~: has the value in it
//
// Both sides are numbers where both can be read as such, else text. Pure.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace brio::load {

struct ScriptCheck {
    enum class Subject : std::uint8_t { status, body, header, json };
    enum class Operator : std::uint8_t { there, equal, unequal, less, at_most, more, at_least, has };

    std::string name;  // as it was written: what is counted
    Subject subject = Subject::status;
    std::string of;  // the header's name, the JSON's path
    Operator compares = Operator::there;
    std::string value;

    /// Of what the subject is, with `wanted` for the value.
    bool holds(std::string_view found, std::string_view wanted) const;

    bool operator==(const ScriptCheck&) const = default;
};

/// Else a sentence that says what is wrong and what would be right.
std::expected<ScriptCheck, std::string> parse_script_check(std::string_view text);

}  // namespace brio::load
