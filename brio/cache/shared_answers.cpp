#include <brio/cache/shared_answers.hpp>

#include <brio/cache/codec.hpp>
#include <brio/cache/counted_growth.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::cache {
namespace {

struct StoredProblem {
    std::string code;
    std::string detail;
};
struct StoredAnswer {
    std::int32_t status = 200;
    std::string content_type;
    std::string etag;
    std::string cache_control;
    std::string fields;
    std::optional<StoredProblem> problem;
    std::string body;
};

/// What is more than these two words is not shared.
bool is_plain(const http::ProblemParts& problem) noexcept {
    return problem.errors.empty() && !problem.retry_after && problem.headers.empty();
}

std::shared_ptr<AnswerItem> item_of(Caches& caches, StoredAnswer stored) {
    auto item = std::make_shared<AnswerItem>();
    item->status = stored.status;
    item->content_type = std::move(stored.content_type);
    item->etag = std::move(stored.etag);
    item->cache_control = std::move(stored.cache_control);
    item->fields = std::move(stored.fields);
    if (stored.problem) {
        item->problem = std::make_unique<const http::ProblemParts>(
            http::ProblemParts{.status = stored.status,
                               .code = std::move(stored.problem->code),
                               .detail = std::move(stored.problem->detail)});
    } else {
        CountedGrowth growth(caches);
        growth.belongs_to(item);
        item->body = std::make_shared<const http::KeptBody>(std::move(stored.body), growth);
    }
    return item;
}

}  // namespace

Async<SharedAnswer> find_shared_answer(Caches& caches, KeyView key, const Subject& subject) {
    auto& work = co_await runtime::current_work;
    const std::uint64_t epoch = caches.epoch();
    auto answer = co_await caches.remote()->get(
        {.key = key, .type = type_fingerprint<StoredAnswer>(), .label = subject.name()});
    if (!answer.found || answer.found->fresh.count() <= 0) {
        co_return SharedAnswer{.may_begin = answer.has_answered};
    }
    const auto& found = *answer.found;
    auto stored = decode<StoredAnswer>(found.envelope.payload);
    if (!stored) {
        co_return SharedAnswer{.may_begin = true};
    }
    auto item = item_of(caches, std::move(*stored));
    const auto now = work.loop->now();
    item->key = key.bytes;
    item->made = now - found.age;
    item->fresh_until = now + found.fresh;
    item->stale_until = item->fresh_until + found.envelope.stale;
    item->binding = found.binding;
    item->tags.assign(found.envelope.tags.begin(), found.envelope.tags.end());
    item->label = subject.name();
    item->rebuild = found.envelope.rebuild;
    item->statements = found.envelope.statements;
    item->bytes = item->own_bytes() + (item->body != nullptr ? item->body->bytes() : 0);
    if (caches.epoch() != epoch) {  // dropped by hand while it came
        co_return SharedAnswer{.may_begin = true};
    }
    caches.keep(item, key.hash, {epoch, now});
    co_return SharedAnswer{.item = std::move(item)};
}

bool put_shared_answer(Caches& caches, runtime::Loop& loop, const AnswerItem& item, const KeyHash& hash,
                       Stamp stamp) {
    if (item.passes || (item.problem != nullptr && !is_plain(*item.problem)) ||
        !caches.remote()->is_usable(loop)) {
        return false;
    }
    StoredAnswer stored{.status = item.status,
                        .content_type = item.content_type,
                        .etag = item.etag,
                        .cache_control = item.cache_control,
                        .fields = item.fields};
    if (item.problem != nullptr) {
        stored.problem = StoredProblem{.code = item.problem->code, .detail = item.problem->detail};
    } else {
        stored.body = item.body->identity();
    }
    Buffer payload;
    encode(payload, stored);
    return caches.remote()->put(
        loop, KeyView(item.key, hash),
        {.type = type_fingerprint<StoredAnswer>(),
         .made = wall_now() - std::chrono::duration_cast<std::chrono::microseconds>(loop.now() - item.made),
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
