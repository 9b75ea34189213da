#include <brio/cache/shared_rate_limits.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/later.hpp>

namespace brio::cache {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds say_every = std::chrono::minutes(1);
constexpr nanoseconds least_kept = std::chrono::milliseconds(1);  // in Redis, which counts in these

// In microseconds since November 2023, whose fractions a Lua number still holds. KEYS: buckets. ARGV: of
// each, what the tokens cost, how much of that has not come back where nobody else took any, how much may be
// missing, and how long it is kept once it is full. Gives what is missing of each.
//
// Tokens are told later than they were taken, so some have come back meanwhile, but only in a bucket that was
// full: what others took in the same time keeps them away.
const redis::Script& count_script() {
    static const redis::Script script(
        "local now = redis.call('TIME')\n"
        "now = (now[1] - 1700000000) * 1000000 + now[2]\n"
        "local missing = {}\n"
        "for i, key in ipairs(KEYS) do\n"
        "  local cost, own, most, kept = unpack(ARGV, 4 * i - 3, 4 * i)\n"
        "  local full = tonumber(redis.call('GET', key) or '') or 0\n"
        "  if full > now + most then full = 0 end\n"  // of before its clock was set back
        "  full = math.min(math.max(full + cost, now + own), now + most)\n"
        "  local left = full - now\n"
        "  redis.call('SET', key, string.format('%.3f', full), 'PX', math.ceil((left + kept) / 1000))\n"
        "  missing[i] = math.ceil(left)\n"
        "end\n"
        "return missing\n");
    return script;
}

std::string microseconds_text(nanoseconds time) {
    char digits[64];
    const int size = std::snprintf(digits, sizeof digits, "%.3f", static_cast<double>(time.count()) / 1000);
    return {digits, static_cast<std::size_t>(size)};
}

void append_hex(std::string& to, const http::ClientDigest& client) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const unsigned char each : client) {
        to += digits[each >> 4];
        to += digits[each & 15];
    }
}

struct News {
    http::Buckets* buckets;
    std::uint64_t hash;
    http::ClientDigest client;
};
struct Told {
    News of;
    http::Buckets::Untold took;
};

}  // namespace

// A loop's part: at most one script is under way.
class SharedRateLimits::Seat {
public:
    Seat(SharedRateLimits& owner, runtime::Loop& loop)
        : owner_(owner),
          loop_(loop),
          soon_(loop, *this, &Seat::begin) {
        work_.loop = &loop;
        work_.name = "rate limits";
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat() {
        telling_.reset();
        owner_.waiting_.give_back(news_.size());
    }

    void add(const News& news) {
        if (news_.empty()) {
            since_ = loop_.now();
            if (!is_telling_) {
                soon_.in(std::max(told_at_ + owner_.options_.every - loop_.now(), nanoseconds(0)));
            }
        }
        news_.push_back(news);
    }

private:
    void begin() {
        is_telling_ = true;
        told_at_ = loop_.now();
        telling_ = tell(*this);
        telling_.start(work_, [](void*) {}, nullptr);
    }

    std::vector<Told> take_news() {
        const std::size_t count = std::min(news_.size(), most_told);
        std::vector<Told> told;
        told.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (const auto took = news_[i].buckets->take_untold(news_[i].hash, loop_.now());
                took.tokens != 0) {
                told.push_back({.of = news_[i], .took = took});
            }
        }
        news_.erase(news_.begin(), news_.begin() + static_cast<std::ptrdiff_t>(count));
        owner_.waiting_.give_back(count);
        return told;
    }

    static Async<void> tell(Seat& self) {
        const nanoseconds since = self.since_;
        const nanoseconds at = self.told_at_;
        const std::vector<Told> told = self.take_news();
        self.since_ = at;
        if (!told.empty()) {
            std::vector<std::string> keys;
            std::vector<std::string> costs;
            for (const Told& each : told) {
                const http::Buckets& buckets = *each.of.buckets;
                keys.push_back(concat({self.owner_.prefix_, buckets.rules().name, ":"}));
                append_hex(keys.back(), each.of.client);
                costs.push_back(
                    microseconds_text(buckets.rules().gap * static_cast<std::int64_t>(each.took.tokens)));
                costs.push_back(microseconds_text(each.took.missing));
                costs.push_back(microseconds_text(buckets.window() * http::Buckets::most_debt));
                costs.push_back(microseconds_text(std::max(buckets.window(), least_kept)));
            }
            const auto outcome =
                co_await self.owner_.client_.run(count_script(), std::move(keys), std::move(costs));
            self.hear(told, outcome, at, self.loop_.now() - since);
        }
        self.is_telling_ = false;
        if (!self.news_.empty()) {
            const bool is_behind = self.news_.size() >= most_told;
            self.soon_.in(is_behind
                              ? nanoseconds(0)
                              : std::max(at + self.owner_.options_.every - self.loop_.now(), nanoseconds(0)));
        }
    }

    void hear(const std::vector<Told>& told, const redis::Outcome& outcome, nanoseconds at,
              nanoseconds late) {
        std::uint64_t tokens = 0;
        const bool is_answer = outcome && outcome->elements().size() == told.size();
        for (std::size_t i = 0; i < told.size(); ++i) {
            tokens += told[i].took.tokens;
            if (is_answer) {
                const auto missing = std::chrono::microseconds(outcome->elements()[i].integer().value_or(0));
                told[i].of.buckets->hear(told[i].of.hash, missing, at);
            }
        }
        if (is_answer) {
            owner_.count_together(tokens, late);
        } else {
            owner_.count_alone(tokens, outcome ? "an answer that is none" : outcome.error().what);
        }
    }

    SharedRateLimits& owner_;
    runtime::Loop& loop_;
    runtime::Later<Seat> soon_;
    std::vector<News> news_;
    nanoseconds since_{0};  // the oldest of them
    nanoseconds told_at_{0};
    bool is_telling_ = false;
    runtime::Work work_;
    Async<void> telling_;
};

SharedRateLimits::Metrics::Metrics(metrics::Registry& with)
    : registry(with),
      late(
          with.histogram(
                  {.name = "rate_limit_told_seconds",
                   .help = "From the first token that the other processes did not know of to the sum of all"})
              .with({})) {
    const auto tokens =
        with.counter({.name = "rate_limit_tokens_total",
                      .help = "Tokens of shared rate limits: counted together, or by this process alone",
                      .labels = {"counted"},
                      .most_series = 2});
    together = tokens.with({"together"});
    alone = tokens.with({"alone"});
}

SharedRateLimits::SharedRateLimits(redis::Client& client, SharedRateLimitsOptions options)
    : client_(client),
      options_(std::move(options)),
      prefix_(concat({"brio:", options_.program, ":"})),
      waiting_("rate_limit_untold", options_.waiting) {
    if (options_.registry != nullptr) {
        metrics_.emplace(*options_.registry);
    }
}

SharedRateLimits::~SharedRateLimits() = default;

void SharedRateLimits::tell(runtime::Loop& loop, http::Buckets& buckets, std::uint64_t hash,
                            const http::ClientDigest& client) {
    if (!client_.is_usable(loop)) {
        count_alone(buckets.take_untold(hash, loop.now()).tokens, "Redis is not used for now");
        return;
    }
    if (!waiting_.try_take()) {
        count_alone(buckets.take_untold(hash, loop.now()).tokens, "too much to tell");
        return;
    }
    seats_.of(loop, [&] { return std::make_unique<Seat>(*this, loop); })
        .add({.buckets = &buckets, .hash = hash, .client = client});
}

void SharedRateLimits::count_alone(std::uint64_t tokens, std::string_view why) {
    if (metrics_) {
        metrics_->alone.add(metrics_->registry.here(), tokens);
    }
    const std::int64_t now = monotonic_now().count();
    std::int64_t said = said_.load(std::memory_order_relaxed);
    if (!is_alone_.load(std::memory_order_relaxed) && (said == 0 || now - said > say_every.count()) &&
        said_.compare_exchange_strong(said, now, std::memory_order_relaxed)) {
        is_alone_.store(true, std::memory_order_relaxed);
        log_warning("rate limits count for each process by itself for now", {{"reason", why}});
    }
}

void SharedRateLimits::count_together(std::uint64_t tokens, nanoseconds late) {
    if (metrics_) {
        metrics_->together.add(metrics_->registry.here(), tokens);
        metrics_->late.observe(metrics_->registry.here(), static_cast<std::uint64_t>(late.count()));
    }
    if (is_alone_.load(std::memory_order_relaxed) && is_alone_.exchange(false, std::memory_order_relaxed)) {
        log_info("rate limits are counted together again", {});
    }
}

}  // namespace brio::cache
