// One look-up of the query cache, but for the type of its value. Internal to cache.hpp.
#pragma once
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/cache/caches.hpp>
#include <brio/cache/lifetime.hpp>
#include <brio/cache/redis_store.hpp>
#include <brio/ledger/dependencies.hpp>
#include <brio/runtime/work.hpp>

namespace brio::cache {

/// What may differ from query to query.
struct QueryOptions {
    std::chrono::nanoseconds ttl = std::chrono::seconds(60);
    /// How long "there is none" is remembered; never longer than what is there; 0: not at all.
    std::chrono::nanoseconds negative = std::chrono::seconds(30);
    /// For that long after its time a value is given as it is, while it is made anew in the background. What
    /// makes it then runs without the one who asked, so it must own all that it uses.
    std::chrono::nanoseconds stale_while_revalidate{0};
    /// For that long it is given when making it anew fails (what the environment does, not a 4xx).
    std::chrono::nanoseconds stale_if_error{0};
    /// Stale values also after a write, within stale_while_revalidate: a writer may miss what it wrote.
    bool stale_after_writes = false;
    double jitter = 0.1;                 // of the time, both ways
    std::vector<std::string> tags = {};  // what clears them together
    /// What get_or_set() is counted as; lives as long as the program.
    std::string_view name = "values";
};

/// What is asked for, whoever asks.
struct Asked {
    Caches* caches;
    const Subject* subject;
    Key key;
    QueryOptions options;
};

class QueryRun {
public:
    using Shared = std::shared_ptr<const Item>;
    static constexpr std::chrono::seconds retry_after{1};

    /// `asked` and `work` outlive it.
    QueryRun(const Asked& asked, runtime::Work& work, const void* type);

    bool looks_with_others() const noexcept { return asked_.caches->remote() != nullptr && !only_renews_; }
    bool is_off() const noexcept { return !asked_.caches->is_on(); }
    void bypass() const noexcept { asked_.subject->count(Result::bypass); }
    Flights::Boarding board() const { return asked_.caches->flights().board(asked_.key); }

    /// What may be given, counted as a hit. `needs_renewal` says whether it is to be made anew meanwhile.
    Shared look_up();
    bool needs_renewal() const noexcept { return needs_renewal_; }
    void miss() const noexcept { count(Result::miss); }
    /// Nobody asks: nothing is counted, and what is there already, here or with others, is not looked for.
    void only_renews() noexcept { only_renews_ = true; }
    /// The right to make it, or what another has made meanwhile, counted as a hit, or why that failed.
    Async<Flights::Landing> take_turn() const;
    /// What may be given though making it failed with the error that is being handled.
    Shared instead() const;
    /// What is given meanwhile is given for a while without another try.
    void renewal_failed() const;

private:
    friend class QueryFill;
    bool is_right(const Item& item) const noexcept { return item.type == type_; }
    void put_off(const Item& item) const noexcept;
    void count(Result result, const Item* given = nullptr) const noexcept {
        if (!only_renews_) {
            asked_.subject->count(result, given);
        }
    }
    void note(const Item& item) const noexcept;

    const Asked& asked_;
    runtime::Work& work_;
    const void* const type_;
    const Lifetime lifetime_;
    Shared fallback_;
    bool needs_renewal_ = false;
    bool only_renews_ = false;
};

/// Making the value, by the one who leads.
class QueryFill {
public:
    QueryFill(QueryRun& run, std::optional<Flights::Lead> lead);
    QueryFill(const QueryFill&) = delete;
    QueryFill& operator=(const QueryFill&) = delete;
    /// Without an end (the work was stopped) the lead goes to the next who waits.
    ~QueryFill();

    /// What the processes share of it, if anything.
    Async<std::optional<RedisStore::Found>> ask_shared(std::uint64_t type);
    /// It was found there: true when it may be given as fresh. Else it may still stand in for an error.
    bool found(std::shared_ptr<Item> item, std::size_t heap, RedisStore::Found found);

    /// Before it is made.
    Async<void> begin();
    ledger::Dependencies& read() noexcept { return read_; }
    /// It was made; `heap` is what the item points to.
    void made(std::shared_ptr<Item> item, std::size_t heap, bool is_negative);
    /// The same for the processes that share: `payload` is the value's encoding.
    bool is_for_sharing() const noexcept { return stamp_ != 0 && made_ != nullptr; }
    void share(std::uint64_t type, std::string_view payload);
    /// It threw the error that is being handled.
    void failed();

private:
    void set(Item& item, std::size_t heap) const;
    std::string_view keep(const std::shared_ptr<Item>& item, std::size_t heap, bool is_negative);
    std::uint64_t took() const noexcept { return ticks_to_ns(ticks() - begun_); }

    QueryRun& run_;
    std::optional<Flights::Lead> lead_;
    Stamp stamp_ = 0;                   // of the shared clock, before it was begun; 0: not to be shared
    std::shared_ptr<const Item> made_;  // where it is good for others
    ledger::Dependencies read_;
    const std::uint64_t epoch_;
    const std::uint64_t statements_;
    Ticks begun_;
    bool may_share_;  // Redis answers
};

}  // namespace brio::cache
