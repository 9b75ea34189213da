#include <bench/common/http_head.hpp>

#include <charconv>
#include <cstring>

namespace bench {
namespace {

bool same_name(const char* text, std::string_view lower) noexcept {
    for (std::size_t i = 0; i < lower.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<std::size_t> head_length(std::string_view bytes) noexcept {
    const void* end = memmem(bytes.data(), bytes.size(), "\r\n\r\n", 4);
    if (end == nullptr) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data()) + 4;
}

std::optional<std::string_view> field(std::string_view head, std::string_view name) noexcept {
    const char* const end = head.data() + head.size();
    const char* line = static_cast<const char*>(std::memchr(head.data(), '\n', head.size()));
    while (line != nullptr && ++line < end) {
        const auto left = static_cast<std::size_t>(end - line);
        const auto* next = static_cast<const char*>(std::memchr(line, '\n', left));
        if (left > name.size() && line[name.size()] == ':' && same_name(line, name)) {
            std::string_view value(line + name.size() + 1, next == nullptr ? end : next);
            while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
                value.remove_prefix(1);
            }
            while (!value.empty() && (value.back() == '\r' || value.back() == ' ' || value.back() == '\t')) {
                value.remove_suffix(1);
            }
            return value;
        }
        line = next;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> content_length(std::string_view head) noexcept {
    const auto text = field(head, "content-length");
    std::uint64_t length = 0;
    if (!text || text->empty()) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
    if (error != std::errc() || end != text->data() + text->size()) {
        return std::nullopt;
    }
    return length;
}

}  // namespace bench
