// Why bytes of a client were refused: what the answer says. All views are to static text, so a Rejection may
// be kept.
#pragma once
#include <cstdint>
#include <string_view>

namespace brio::http {

struct Rejection {
    std::uint16_t status = 0;
    std::string_view code;    // stable, e.g. "invalid_chunk_size": `code` of the problem document
    std::string_view detail;  // one sentence for people; never holds bytes of the request

    friend bool operator==(const Rejection&, const Rejection&) = default;
};

}  // namespace brio::http
