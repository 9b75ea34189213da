#include <brio/cache/shared_answers.hpp>

#include <brio/base/steady_wall.hpp>
#include <brio/cache/codec.hpp>
#include <brio/cache/counted_growth.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::cache {
namespace {

/// The type that the envelope says: moves with the layout below.
constexpr std::uint64_t answer_type = 0x62'72'69'6f'2d'61'6e'01;

// Status, four texts, whether a problem follows and its two texts; the rest is the body, so that it is taken
// where it stands.

/// What is more than these two words is not shared.
bool is_plain(const http::ProblemParts& problem) noexcept {
    return problem.errors.empty() && !problem.retry_after && problem.headers.empty();
}

void write_answer(Buffer& out, const AnswerItem& item) {
    write_number(out, static_cast<std::uint64_t>(item.status));
    for (const std::string* text : {&item.content_type, &item.etag, &item.cache_control, &item.fields}) {
        write_text(out, *text);
    }
    write_number(out, item.problem != nullptr ? 1 : 0);
    if (item.problem != nullptr) {
        write_text(out, item.problem->code);
        write_text(out, item.problem->detail);
    } else {
        out.append(item.body->identity());
    }
}

/// Where the body begins; nothing when that is no answer.
std::optional<const char*> read_answer(std::string_view payload, AnswerItem& item) {
    ByteReader in(payload);
    std::uint64_t status = 0;
    std::uint64_t has_problem = 0;
    if (!in.number(status) || status < 100 || status > 999) {
        return std::nullopt;
    }
    item.status = static_cast<int>(status);
    for (std::string* text : {&item.content_type, &item.etag, &item.cache_control, &item.fields}) {
        std::string_view bytes;
        if (!in.text(bytes)) {
            return std::nullopt;
        }
        *text = bytes;
    }
    if (!in.number(has_problem)) {
        return std::nullopt;
    }
    if (has_problem != 0) {
        std::string_view code;
        std::string_view detail;
        if (!in.text(code) || !in.text(detail)) {
            return std::nullopt;
        }
        item.problem = std::make_unique<const http::ProblemParts>(http::ProblemParts{
            .status = item.status, .code = std::string(code), .detail = std::string(detail)});
    }
    return in.rest().data();
}

/// What only this process' memory asks for.
void keep_here(Caches& caches, const std::shared_ptr<AnswerItem>& item, const KeyView& key,
               Caches::Begun begun) {
    item->key = key.bytes;
    item->bytes = item->own_bytes() + (item->body != nullptr ? item->body->bytes() : 0);
    caches.keep(item, key.hash, begun);
}

}  // namespace

Key shared_key(const RedisStore& store, std::string_view key) {
    Buffer bytes(key.size() + 32);
    KeyWriter(bytes).word('v', store.edition()).bytes('b', key);
    return Key(std::string(bytes.view()));
}

Async<SharedAnswer> find_shared_answer(Caches& caches, KeyView key, std::string_view label) {
    auto& work = co_await runtime::current_work;
    const std::uint64_t epoch = caches.epoch();
    const Key shared = shared_key(*caches.remote(), key.bytes);
    auto answer = co_await caches.remote()->get({.key = shared, .type = answer_type, .label = label});
    if (!answer.found || answer.found->fresh.count() <= 0) {
        co_return SharedAnswer{.may_begin = answer.has_answered};
    }
    auto& found = *answer.found;
    const auto& envelope = found.envelope;
    const auto now = work.loop->now();
    auto item = std::make_shared<AnswerItem>();
    const auto body = read_answer(envelope.payload, *item);
    if (!body || caches.epoch() != epoch) {  // dropped by hand while it came
        co_return SharedAnswer{.may_begin = true};
    }
    item->made = now - found.age;
    item->fresh_until = now + found.fresh;
    item->stale_until = item->fresh_until + envelope.stale;
    item->binding = std::move(found.binding);
    item->tags.assign(envelope.tags.begin(), envelope.tags.end());
    item->label = label;
    item->rebuild = envelope.rebuild;
    item->statements = envelope.statements;
    const bool is_kept = caches.options().bytes != 0;
    if (item->problem == nullptr) {
        http::KeptBody::Grown grown;
        if (is_kept) {
            CountedGrowth growth(caches);
            growth.belongs_to(item);
            grown = std::move(growth);
        }
        // The payload is the end of the envelope, and the body that of the payload.
        std::string bytes = std::move(found.bytes);
        bytes.erase(0, static_cast<std::size_t>(*body - bytes.data()));
        item->body = std::make_shared<const http::KeptBody>(std::move(bytes), std::move(grown));
    }
    if (is_kept) {
        keep_here(caches, item, key, {epoch, now});
    }
    co_return SharedAnswer{.item = std::move(item)};
}

bool put_shared_answer(Caches& caches, runtime::Loop& loop, const AnswerItem& item, Stamp stamp) {
    if (item.passes() || (item.problem != nullptr && !is_plain(*item.problem)) ||
        !caches.remote()->is_usable(loop)) {
        return false;
    }
    Buffer payload;
    write_answer(payload, item);
    return caches.remote()->put(
        loop, shared_key(*caches.remote(), item.key),
        {.type = answer_type,
         .made = steady_wall_now() -
                 std::chrono::duration_cast<std::chrono::microseconds>(loop.now() - item.made),
         .fresh = item.fresh_until - item.made,
         .stale = item.stale_until - item.fresh_until,
         .rebuild = item.rebuild,
         .statements = item.statements,
         .stamp = stamp,
         .tags = {item.tags.begin(), item.tags.end()},
         .payload = payload.view()},
        item.binding);
}

}  // namespace brio::cache
