// What parse_head() answers, one name for each refusal.
#pragma once
#include <brio/http/rejection.hpp>

namespace brio::http::detail {

inline constexpr Rejection too_many_empty_lines{400, "invalid_request_line",
                                                "too many empty lines stand before the request line"};
inline constexpr Rejection invalid_method{400, "invalid_request_line",
                                          "the method is not a token followed by one space"};
inline constexpr Rejection invalid_target{400, "invalid_target",
                                          "the request target holds a character that must be escaped"};
inline constexpr Rejection missing_version{
    400, "invalid_request_line", "the request line is not method, target and version with one space between"};
inline constexpr Rejection invalid_version{400, "invalid_request_line",
                                           "the version is not HTTP/1.0 or HTTP/1.1 followed by CRLF"};
inline constexpr Rejection version_not_supported{505, "http_version_not_supported",
                                                 "only HTTP/1.0 and HTTP/1.1 are spoken"};
inline constexpr Rejection line_too_long{414, "uri_too_long", "the request line is longer than the limit"};
inline constexpr Rejection bare_cr{400, "invalid_line_end", "a CR is not followed by LF"};
inline constexpr Rejection bare_lf{400, "invalid_line_end", "a line ends with LF instead of CRLF"};
inline constexpr Rejection folded_field{400, "invalid_header", "a header line begins with white space"};
inline constexpr Rejection missing_colon{400, "invalid_header", "a header line has no colon"};
inline constexpr Rejection space_in_name{400, "invalid_header",
                                         "white space stands in or after a header name"};
inline constexpr Rejection invalid_name{400, "invalid_header", "a header name is not a token"};
inline constexpr Rejection invalid_value{400, "invalid_header", "a header value holds a control character"};
inline constexpr Rejection fields_too_large{431, "headers_too_large",
                                            "the header fields are larger than the limit"};
inline constexpr Rejection too_many_fields{431, "too_many_headers",
                                           "there are more header fields than the limit"};
inline constexpr Rejection missing_host{400, "invalid_host", "HTTP/1.1 wants a Host field"};
inline constexpr Rejection repeated_host{400, "invalid_host", "there is more than one Host field"};
inline constexpr Rejection invalid_host{400, "invalid_host", "the Host field is not host[:port]"};
inline constexpr Rejection invalid_length{400, "invalid_content_length",
                                          "Content-Length is not one number of decimal digits"};
inline constexpr Rejection repeated_length{400, "invalid_content_length",
                                           "there is more than one Content-Length"};
inline constexpr Rejection length_and_coding{400, "invalid_framing",
                                             "Content-Length and Transfer-Encoding exclude each other"};
inline constexpr Rejection coding_on_1_0{400, "invalid_transfer_encoding",
                                         "HTTP/1.0 has no Transfer-Encoding"};
inline constexpr Rejection unknown_coding{400, "invalid_transfer_encoding",
                                          "Transfer-Encoding is something other than \"chunked\", once"};
inline constexpr Rejection unknown_expectation{417, "expectation_failed",
                                               "Expect is something other than \"100-continue\""};
inline constexpr Rejection body_too_large{413, "body_too_large", "the body is larger than the limit"};

}  // namespace brio::http::detail
