#include <bench/raw/answer_head.hpp>

#include <xxhash.h>
#include <bench/raw/json_append.hpp>
#include <charconv>
#include <cstring>
#include <ctime>

namespace bench {
namespace {

constexpr std::string_view page_head =
    "HTTP/1.1 200 OK\r\n"
    "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length:         0\r\n"
    "ETag: \"0000000000000000\"\r\n"
    "Cache-Control: private, no-cache\r\n"
    "Vary: Accept-Encoding\r\n"
    "\r\n";
constexpr std::size_t date_at = page_head.find("Thu,");
constexpr std::size_t date_size = 29;
constexpr std::size_t length_end = page_head.find("\r\nETag");
constexpr std::size_t length_size = 9;
constexpr std::size_t tag_at = page_head.find("ETag: \"") + 7;

void put_hex(char* at, std::uint64_t value) {
    constexpr char hex[] = "0123456789abcdef";
    for (int i = 15; i >= 0; --i) {
        at[i] = hex[value & 15];
        value >>= 4;
    }
}

}  // namespace

std::string_view http_date() {
    static std::time_t made_at = -1;
    static char text[64];
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != made_at) {
        made_at = now.tv_sec;
        std::tm civil{};
        gmtime_r(&made_at, &civil);
        std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &civil);
    }
    return {text, date_size};
}

std::size_t begin_page_head(brio::Buffer& out) {
    const std::size_t head = out.size();
    out.append(page_head);
    return head;
}

void finish_page_head(brio::Buffer& out, std::size_t head) {
    char* const at = out.data() + head;
    const std::string_view body = out.view().substr(head + page_head.size());
    std::memcpy(at + date_at, http_date().data(), date_size);
    char digits[20];
    const auto count =
        static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, body.size()).ptr - digits);
    std::memset(at + length_end - length_size, ' ', length_size);
    std::memcpy(at + length_end - count, digits, count);
    put_hex(at + tag_at, XXH3_64bits(body.data(), body.size()));
}

void append_created(brio::Buffer& out, std::int64_t id, std::string_view body) {
    out.append("HTTP/1.1 201 Created\r\nDate: ");
    out.append(http_date());
    out.append("\r\nContent-Type: application/json\r\nContent-Length: ");
    append_number(out, static_cast<std::int64_t>(body.size()));
    out.append("\r\nLocation: /api/resources/");
    append_number(out, id);
    out.append("\r\nCache-Control: private, no-cache\r\n\r\n");
    out.append(body);
}

void append_empty(brio::Buffer& out, std::string_view status) {
    out.append("HTTP/1.1 ");
    out.append(status);
    out.append("\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace bench
