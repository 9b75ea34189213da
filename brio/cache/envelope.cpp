#include <brio/cache/envelope.hpp>

#include <array>

#include <xxhash.h>

#include <brio/base/expect.hpp>
#include <brio/cache/codec.hpp>

namespace brio::cache {

namespace {

constexpr std::string_view magic(
    "\x93"
    "BrioC\r\n",
    8);  // no text, and no other format, begins so
constexpr std::uint64_t format = 1;
constexpr std::size_t head_size = 32;  // magic, format, size of all, checksum of what follows

void write_list(Buffer& out, const std::vector<std::string_view>& texts) {
    write_number(out, texts.size());
    for (const std::string_view text : texts) {
        write_text(out, text);
    }
}

bool read_list(ByteReader& in, std::size_t most, std::vector<std::string_view>& texts) {
    std::size_t count = 0;
    if (!in.count(1, count) || count > most) {
        return false;
    }
    texts.resize(count);
    return std::ranges::all_of(texts, [&](std::string_view& text) { return in.text(text); });
}

/// What nanoseconds can count, from 0 on: so no difference of two of them overflows.
bool read_time(ByteReader& in, std::chrono::nanoseconds& into,
               std::chrono::nanoseconds unit = std::chrono::nanoseconds(1)) {
    std::uint64_t count = 0;
    const bool is_there = in.word(count) && count <= static_cast<std::uint64_t>(INT64_MAX / unit.count());
    into = is_there ? unit * static_cast<std::int64_t>(count) : std::chrono::nanoseconds(0);
    return is_there;
}

std::uint64_t checksum_of(std::string_view rest) { return XXH3_64bits(rest.data(), rest.size()); }

}  // namespace

std::string_view name_of(Refusal reason) noexcept {
    constexpr std::array<std::string_view, refusal_count> names{"magic", "format", "truncated", "checksum",
                                                                "type",  "key",    "malformed"};
    return names[static_cast<std::size_t>(reason)];
}

std::string seal(const Envelope& envelope) {
    expect(envelope.tables.size() <= most_envelope_tables && envelope.tags.size() <= most_envelope_tags,
           "an envelope names at most 16 tables and 64 tags");
    Buffer rest(envelope.key.size() + envelope.payload.size() + 256);
    write_word(rest, envelope.type);
    write_text(rest, envelope.key);
    write_word(rest, static_cast<std::uint64_t>(envelope.made.time_since_epoch().count()));
    write_word(rest, static_cast<std::uint64_t>(envelope.fresh.count()));
    write_word(rest, static_cast<std::uint64_t>(envelope.stale.count()));
    write_word(rest, static_cast<std::uint64_t>(envelope.rebuild.count()));
    write_number(rest, envelope.statements);
    write_word(rest, envelope.stamp);
    write_list(rest, envelope.tables);
    write_list(rest, envelope.tags);
    write_text(rest, envelope.payload);

    Buffer head(head_size);
    head.append(magic);
    write_word(head, format);
    write_word(head, head_size + rest.size());
    write_word(head, checksum_of(rest.view()));
    std::string sealed;
    sealed.reserve(head_size + rest.size());
    return std::move(sealed.append(head.view()).append(rest.view()));
}

std::expected<Envelope, Refusal> open(std::string_view bytes, const Expected& expected) {
    const auto refused = [](Refusal reason) { return std::unexpected(reason); };
    if (!bytes.starts_with(magic.substr(0, bytes.size()))) {
        return refused(Refusal::magic);
    }
    ByteReader in(bytes);
    std::string_view begin;
    std::uint64_t found_format = 0;
    std::uint64_t size = 0;
    std::uint64_t checksum = 0;
    if (!in.take(magic.size(), begin) || !in.word(found_format)) {
        return refused(Refusal::truncated);
    }
    if (found_format != format) {
        return refused(Refusal::format);
    }
    if (!in.word(size) || !in.word(checksum) || size > bytes.size()) {
        return refused(Refusal::truncated);
    }
    if (size != bytes.size()) {
        return refused(Refusal::malformed);
    }
    if (checksum_of(in.rest()) != checksum) {
        return refused(Refusal::checksum);
    }

    Envelope envelope;
    std::chrono::nanoseconds made{0};
    std::uint64_t statements = 0;
    if (!in.word(envelope.type) || !in.text(envelope.key)) {
        return refused(Refusal::malformed);
    }
    if (envelope.type != expected.type) {
        return refused(Refusal::type);
    }
    if (envelope.key != expected.key) {
        return refused(Refusal::key);
    }
    if (!read_time(in, made, std::chrono::microseconds(1)) || !read_time(in, envelope.fresh) ||
        !read_time(in, envelope.stale) || !read_time(in, envelope.rebuild) || !in.number(statements) ||
        statements > UINT32_MAX || !in.word(envelope.stamp) ||
        !read_list(in, most_envelope_tables, envelope.tables) ||
        !read_list(in, most_envelope_tags, envelope.tags) || !in.text(envelope.payload) ||
        !in.rest().empty()) {
        return refused(Refusal::malformed);
    }
    envelope.made = WallTime(std::chrono::duration_cast<std::chrono::microseconds>(made));
    envelope.statements = static_cast<std::uint32_t>(statements);
    return envelope;
}

}  // namespace brio::cache
