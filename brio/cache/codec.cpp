#include <brio/cache/codec.hpp>

#include <xxhash.h>

#include <brio/base/text.hpp>
#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>
#include <brio/reflect/text.hpp>

namespace brio::cache {

namespace {
std::uint64_t least_first(std::uint64_t value) noexcept {
    return std::endian::native == std::endian::big ? __builtin_bswap64(value) : value;
}
}  // namespace

bool ByteReader::word(std::uint64_t& into) noexcept {
    std::string_view bytes;
    if (!take(sizeof into, bytes)) {
        return false;
    }
    std::memcpy(&into, bytes.data(), sizeof into);
    into = least_first(into);
    return true;
}

bool ByteReader::number(std::uint64_t& into) noexcept {
    into = 0;
    for (std::size_t i = 0; i < rest_.size() && i < 10; ++i) {
        const auto byte = static_cast<unsigned char>(rest_[i]);
        if (i == 9 && byte > 1) {
            return fail();
        }
        into |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            rest_.remove_prefix(i + 1);
            return (byte != 0 || i == 0) || fail();
        }
    }
    return fail();
}

bool ByteReader::text(std::string_view& into) noexcept {
    std::uint64_t size = 0;
    return number(size) && take(size, into);
}

bool ByteReader::count(std::size_t least, std::size_t& into) noexcept {
    std::uint64_t number_of = 0;
    if (!number(number_of)) {
        return false;
    }
    into = number_of;
    return number_of <= rest_.size() / least || fail();
}

void write_word(Buffer& out, std::uint64_t value) {
    value = least_first(value);
    std::memcpy(out.prepare(sizeof value), &value, sizeof value);
    out.commit(sizeof value);
}

void write_number(Buffer& out, std::uint64_t value) {
    char* to = out.prepare(10);
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7) {
        to[size++] = static_cast<char>(value | 0x80);
    }
    to[size++] = static_cast<char>(value);
    out.commit(size);
}

void write_text(Buffer& out, std::string_view text) {
    write_number(out, text.size());
    out.append(text);
}

namespace detail {

std::uint64_t hash_of_description(std::string_view description) noexcept {
    return XXH3_64bits(description.data(), description.size());
}

void describe_number(Buffer& out, char tag, std::uint64_t number) {
    out.push_back(tag);
    append_integer(out, number);
    out.push_back('.');
}

bool is_plain_text(std::string_view text) { return !reflect::text_fault(text, 0, text.size()); }

bool is_json(std::string_view text) { return json::read<json::Raw>(text).has_value(); }

}  // namespace detail
}  // namespace brio::cache
