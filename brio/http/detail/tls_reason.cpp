#include <brio/http/detail/tls_reason.hpp>

#include <openssl/err.h>

namespace brio::http::detail {

std::string take_tls_reason() {
    auto const code = ERR_peek_last_error();
    auto const* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return reason != nullptr ? reason : "unknown reason";
}

}  // namespace brio::http::detail
