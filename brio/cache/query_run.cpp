#include <brio/cache/query_run.hpp>

#include <algorithm>

#include <brio/base/random.hpp>
#include <brio/base/steady_wall.hpp>
#include <brio/http/problem.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/ledger/statement_tally.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::cache {

namespace {

Lifetime lifetime_of(const QueryOptions& options) {
    return {.fresh = options.ttl,
            .stale_while_revalidate = options.stale_while_revalidate,
            .stale_if_error = options.stale_if_error,
            .stale_after_writes = options.stale_after_writes,
            .jitter = options.jitter};
}

/// Whether an older value is better than this error, which is being handled.
bool is_of_environment() {
    try {
        throw;
    } catch (const http::Problem& problem) {
        return problem.status() >= 500;
    } catch (const runtime::Cancelled& cancelled) {
        return cancelled.reason() == runtime::StopReason::deadline;
    } catch (const std::exception&) {
        return true;
    }
}

}  // namespace

QueryRun::QueryRun(const Asked& asked, runtime::Work& work, const void* type)
    : asked_(asked),
      work_(work),
      type_(type),
      lifetime_(lifetime_of(asked.options)) {}

/// Whoever keeps what is made from the item depends on the same.
void QueryRun::note(const Item& item) const noexcept {
    if (work_.dependencies != nullptr) {
        item.binding.note(*work_.dependencies);
        work_.dependencies->limit(item.fresh_until);
    }
}

QueryRun::Shared QueryRun::look_up() {
    const auto now = work_.loop->now();
    Shared item = asked_.caches->memory().find(asked_.key, now);
    if (item == nullptr || !is_right(*item)) {
        return nullptr;
    }
    const bool holds = item->binding.holds(now);
    const Use use = use_of(*item, holds, lifetime_, now, [] { return thread_random().uniform(); });
    const bool may_retry = now >= item->retry_at.load(std::memory_order_relaxed);
    if (use == Use::on_error && may_retry) {
        fallback_ = std::move(item);
        return nullptr;
    }
    if (use == Use::none) {
        if (!holds) {
            asked_.caches->memory().drop(asked_.key, Removal::invalidated, item.get());
        }
        return nullptr;
    }
    needs_renewal_ = (use == Use::early || use == Use::stale) && may_retry &&
                     !asked_.caches->flights().is_under_way(asked_.key);
    const bool is_hit = use == Use::fresh || use == Use::early;
    count(is_hit ? Result::hit : Result::stale, item.get());
    note(*item);
    return item;
}

Async<Flights::Landing> QueryRun::take_turn() const {
    auto turn = co_await asked_.caches->take_turn(asked_.key, type_);
    if (turn.item != nullptr) {
        count(Result::hit, turn.item.get());
        note(*turn.item);
    }
    co_return turn;
}

QueryRun::Shared QueryRun::instead() const {
    if (fallback_ == nullptr || !is_of_environment()) {
        return nullptr;
    }
    put_off(*fallback_);
    count(Result::stale, fallback_.get());
    note(*fallback_);
    return fallback_;
}

void QueryRun::renewal_failed() const {
    if (const Shared item = asked_.caches->memory().peek(asked_.key); item != nullptr && is_right(*item)) {
        put_off(*item);
    }
}

void QueryRun::put_off(const Item& item) const noexcept {
    item.retry_at.store(work_.loop->now() + retry_after, std::memory_order_relaxed);
}

QueryFill::QueryFill(QueryRun& run, std::optional<Flights::Lead> lead)
    : run_(run),
      lead_(std::move(lead)),
      epoch_(run.asked_.caches->epoch()),
      statements_(run.work_.tally != nullptr ? run.work_.tally->total() : 0),
      begun_(ticks()),
      may_share_(run.only_renews_ && run.asked_.caches->remote() != nullptr &&
                 run.asked_.caches->remote()->is_usable(*run.work_.loop)) {}

/// Whoever keeps what is made from this value depends on the same, however it went.
QueryFill::~QueryFill() {
    auto* outer = run_.work_.dependencies;
    if (outer == nullptr) {
        return;
    }
    for (const auto& entry : read_) {
        outer->read(entry, true);
    }
    if (read_.refused() != ledger::Unkept::none) {
        outer->refuse(read_.refused());
    }
    outer->limit(read_.until());
}

void QueryFill::set(Item& item, std::size_t heap) const {
    const Asked& asked = run_.asked_;
    item.type = run_.type_;
    item.key = asked.key.bytes();
    item.label = asked.subject->name();
    item.tags = asked.options.tags;
    item.bytes = heap + item.key.size() + item.binding.heap_bytes();
    for (const std::string& tag : item.tags) {
        item.bytes += sizeof tag + tag.size();
    }
}

Async<std::optional<RedisStore::Found>> QueryFill::ask_shared(std::uint64_t type) {
    const Asked& asked = run_.asked_;
    auto answer = co_await asked.caches->remote()->get(
        {.key = asked.key, .type = type, .label = asked.subject->name()});
    may_share_ = answer.has_answered;
    co_return std::move(answer.found);
}

Async<void> QueryFill::begin() {
    if (may_share_) {
        stamp_ = co_await run_.asked_.caches->remote()->begin();
    }
    begun_ = ticks();
}

bool QueryFill::found(std::shared_ptr<Item> item, std::size_t heap, RedisStore::Found found) {
    const Asked& asked = run_.asked_;
    if (asked.caches->epoch() != epoch_) {  // dropped by hand while it came
        return false;
    }
    const auto now = run_.work_.loop->now();
    item->binding = std::move(found.binding);
    item->rebuild = found.envelope.rebuild;
    item->statements = found.envelope.statements;
    item->made = now - found.age;
    item->fresh_until = now + found.fresh;
    item->stale_until = item->fresh_until + found.envelope.stale;
    set(*item, heap);
    if (!item->is_fresh(now) || !item->binding.holds(now)) {
        const auto use = use_of(*item, true, run_.lifetime_, now, [] { return 1.0; });
        run_.fallback_ =
            use == Use::none || run_.lifetime_.stale_if_error.count() == 0 ? nullptr : std::move(item);
        return false;
    }
    run_.count(Result::hit, item.get());
    run_.note(*item);
    asked.caches->keep(item, asked.key.hash(), {epoch_, now});
    if (lead_) {
        lead_->land(std::move(item));
        lead_.reset();
    }
    return true;
}

void QueryFill::share(std::uint64_t type, std::string_view payload) {
    const Asked& asked = run_.asked_;
    asked.caches->remote()->put(*run_.work_.loop, asked.key,
                                {.type = type,
                                 .key = asked.key.bytes(),
                                 .made = steady_wall_now(),
                                 .fresh = made_->fresh_until - made_->made,
                                 .stale = made_->stale_until - made_->fresh_until,
                                 .rebuild = made_->rebuild,
                                 .statements = made_->statements,
                                 .stamp = stamp_,
                                 .tags = {asked.options.tags.begin(), asked.options.tags.end()},
                                 .payload = payload},
                                made_->binding);
}

std::string_view QueryFill::keep(const std::shared_ptr<Item>& item, std::size_t heap, bool is_negative) {
    const Asked& asked = run_.asked_;
    Lifetime lifetime = run_.lifetime_;
    if (is_negative) {
        lifetime.fresh = std::min(lifetime.fresh, asked.options.negative);
    }
    const auto now = run_.work_.loop->now();
    item->binding = Binding(read_);
    item->rebuild = std::chrono::nanoseconds(took());
    item->statements =
        run_.work_.tally == nullptr ? 0 : static_cast<std::uint32_t>(run_.work_.tally->total() - statements_);
    set(*item, heap);
    set_times(*item, lifetime, now, read_.until(), thread_random().uniform());
    read_.limit(item->fresh_until);
    if (lifetime.fresh.count() <= 0) {
        return "negative";
    }
    if (!item->binding.holds(now)) {
        return "moved";
    }
    const bool was_kept = asked.caches->keep(item, asked.key.hash(), {epoch_, now});
    if (asked.caches->epoch() != epoch_) {
        return "dropped";
    }
    made_ = item;
    return was_kept ? "kept" : "too_large";
}

void QueryFill::made(std::shared_ptr<Item> item, std::size_t heap, bool is_negative) {
    const bool is_kept = read_.refused() == ledger::Unkept::none;
    const auto outcome = is_kept ? keep(item, heap, is_negative) : name_of(read_.refused());
    run_.asked_.subject->made(took(), outcome);
    // What was begun before something was dropped is not for those who came after that: the next one leads.
    if (lead_ && run_.asked_.caches->epoch() == epoch_) {
        is_kept ? lead_->land(std::move(item)) : lead_->decline();
    }
    lead_.reset();
}

void QueryFill::failed() {
    run_.asked_.subject->made(took(), "failed");
    if (lead_) {
        lead_->fail(std::current_exception());
        lead_.reset();
    }
}

}  // namespace brio::cache
