// Answers: the same bytes at once and in pieces must come out the same. The first byte of the input seeds the
// splits and says whether the request was HEAD, the rest is what the peer sends before it ends the
// connection.
#include <brio/http/response_parser.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using brio::http::ResponseLimits;
using brio::http::ResponseParser;

/// Small, so that short inputs reach every limit.
constexpr ResponseLimits limits{.status_line = 48,
                                .header_bytes = 128,
                                .header_count = 6,
                                .interim = 2,
                                .body = 64,
                                .chunk_extension_bytes = 16,
                                .trailer_bytes = 32,
                                .trailer_count = 3};

std::string log_of(std::string_view bytes, bool to_head, std::uint32_t seed, bool in_pieces) {
    ResponseParser parser(limits, to_head);
    while (!bytes.empty()) {
        seed = seed * 1664525 + 1013904223;
        auto const size =
            in_pieces ? std::min<std::size_t>(1 + (seed >> 24) % 12, bytes.size()) : bytes.size();
        parser.feed(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    parser.end();
    std::string log(parser.error());
    if (parser.state() == ResponseParser::State::complete) {
        auto const head = parser.take_head();
        log += std::to_string(head.status()) + (parser.may_reuse() ? " reuse " : " close ") +
               std::string(head.reason());
        for (std::size_t i = 0; i < head.field_count(); ++i) {
            log += "\n" + std::string(head.name(i)) + ": " + std::string(head.value(i));
        }
        log += "\n\n" + std::string(parser.take_body().view());
    } else if (log.empty()) {  // neither complete nor an error after the end
        std::abort();
    }
    return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 2048) {
        return 0;
    }
    std::string_view const bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    bool const to_head = (data[0] & 1) != 0;
    auto const whole = log_of(bytes, to_head, 0, false);
    auto const split = log_of(bytes, to_head, data[0], true);
    if (whole != split) {
        std::fprintf(stderr, "at once:\n%s\nin pieces:\n%s\n", whole.c_str(), split.c_str());
        std::abort();
    }
    return 0;
}
