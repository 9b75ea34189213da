// Reads the Content-Disposition of one part of a form (RFC 7578 §4.2), as browsers and command-line clients
// write it.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace brio::http {

struct FormDisposition {
    std::string name;
    std::optional<std::string> filename;  // of `filename`, else of `filename*` (RFC 8187)
};

/// Nothing for another type than form-data, without a name, for a parameter given twice and for bad syntax.
/// In quoted strings
/// `\"`, `\\`, and `%22`, `%0D`, `%0A` (the escapes of browsers) are undone; other backslashes and percent
/// signs are themselves. The texts may hold any bytes.
std::optional<FormDisposition> parse_form_disposition(std::string_view text);

}  // namespace brio::http
