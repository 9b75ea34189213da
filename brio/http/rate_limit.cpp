#include <brio/http/rate_limit.hpp>

#include <brio/base/expect.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/http/address.hpp>
#include <brio/http/admission.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/route.hpp>

#include <openssl/sha.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>

namespace brio::http {
namespace {

std::int64_t seconds_up(std::chrono::nanoseconds time) {
    return std::chrono::ceil<std::chrono::seconds>(time).count();
}

std::string_view address_text(const std::optional<Address>& address, Buffer& space) {
    if (!address) {
        return {};
    }
    auto const one = address->of_one_client();
    space.append({reinterpret_cast<const char*>(one.bytes.data()), one.bytes.size()});
    return space.view();
}

std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    random_bytes(std::as_writable_bytes(std::span(&seed, 1)));
    return seed;
}

struct Policy {
    Policy(RateLimit of, Buckets::Rules rules, std::string text)
        : limit(std::move(of)),
          buckets(std::move(rules)),
          field(std::move(text)) {}

    RateLimit limit;
    Buckets buckets;
    std::string field;  // RateLimit-Policy
    std::uint64_t seed = random_seed();
};

std::shared_ptr<Policy> make_policy(RateLimit limit) {
    expect(limit.count > 0 && limit.per.count() > 0, "a rate limit lets something in");
    expect(!limit.name.empty() && limit.name.find_first_of("\"\\\r\n") == std::string::npos,
           "the name of a rate limit is a word");
    limit.burst = limit.burst == 0 ? limit.count : limit.burst;
    if (!limit.by) {
        limit.by = by_address();
    }
    auto const gap =
        std::max(limit.per / static_cast<std::int64_t>(limit.count), std::chrono::nanoseconds(1));
    auto const window = gap * static_cast<std::int64_t>(limit.burst);
    auto field = concat({"\"", limit.name, "\";q=", integer_text(limit.burst),
                         ";w=", integer_text(std::max<std::int64_t>(seconds_up(window), 1))});
    Buckets::Rules rules{.gap = gap,
                         .burst = limit.burst,
                         .clients = limit.clients,
                         .name = concat({"rate_limit_", limit.name})};
    return std::make_shared<Policy>(std::move(limit), std::move(rules), std::move(field));
}

// By its name clients, metrics and the program's other processes know a limit.
void add_to(runtime::Limits& limits, runtime::Limit& own) {
    limits.each([&](const runtime::Limit& other) {
        expect(other.name() != own.name(),
               concat({"only one limit is called ", own.name(), " (RateLimit::name tells them apart)"}));
    });
    limits.add(own);
}

ClientDigest digest_of(std::string_view key) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> whole;
    ::SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), whole.data());
    ClientDigest half;
    std::copy_n(whole.begin(), half.size(), half.begin());
    return half;
}

void tell_others(Policy& policy, Exchange& exchange, std::uint64_t hash, std::string_view key) {
    if (!policy.limit.shared || exchange.services == nullptr) {
        return;
    }
    if (auto* const others = exchange.services->find<SharedBuckets>()) {
        others->tell(*exchange.work.loop, policy.buckets, hash, digest_of(key));
    }
}

// True when the answer is 429.
bool is_over(Policy& policy, Exchange& exchange) {
    if (exchange.route != nullptr && exchange.route->options.importance == Importance::critical) {
        return false;
    }
    thread_local Buffer space;
    space.clear();
    auto const key = policy.limit.by(exchange, space);
    if (key.empty()) {
        return false;
    }
    auto const hash = XXH3_64bits_withSeed(key.data(), key.size(), policy.seed);
    auto const taken = policy.buckets.take(hash, exchange.work.loop->now());
    if (taken.has_news) {
        tell_others(policy, exchange, hash, key);
    }
    exchange.rate = {
        .policy = &policy, .left = taken.left, .full_s = static_cast<std::uint64_t>(seconds_up(taken.full))};
    if (taken.is_let_in) {
        return false;
    }
    count_rate_limited(exchange);
    answer_with(exchange, ProblemParts{.status = 429,
                                       .code = "rate_limited",
                                       .detail = "this client asks more often than it may; Retry-After says "
                                                 "when it may again",
                                       .retry_after = std::chrono::seconds(
                                           std::max<std::int64_t>(seconds_up(taken.again), 1))});
    return true;
}

void say_how_it_stands(const Policy& policy, Exchange& exchange) {
    if (exchange.rate.policy != &policy) {
        return;
    }
    exchange.response.header("RateLimit-Policy", policy.field);
    exchange.response.header("RateLimit",
                             concat({"\"", policy.limit.name, "\";r=", integer_text(exchange.rate.left),
                                     ";t=", integer_text(exchange.rate.full_s)}));
}

}  // namespace

ClientKey by_address() {
    return [](Exchange& exchange, Buffer& space) { return address_text(client_address(exchange), space); };
}

ClientKey by_address(std::vector<std::string> trusted_proxies) {
    std::vector<Network> trusted;
    for (auto const& text : trusted_proxies) {
        auto const network = parse_network(text);
        expect(network.has_value(), "a trusted proxy is an address or a network, as 10.0.0.0/8");
        trusted.push_back(*network);
    }
    return [trusted = std::move(trusted)](Exchange& exchange, Buffer& space) {
        return address_text(client_address(exchange, trusted), space);
    };
}

ClientKey by_header(std::string name) {
    return [name = std::move(name)](Exchange& exchange, Buffer& space) -> std::string_view {
        if (auto const value = exchange.head.find(name); value && !value->empty()) {
            return *value;
        }
        return address_text(client_address(exchange), space);
    };
}

ClientKey by_identity() { return by_header("Authorization"); }

Middleware rate_limit(RateLimit limit) {
    auto const policy = make_policy(std::move(limit));
    return {.name = "rate_limit",
            .before = [policy](Exchange& exchange) { return is_over(*policy, exchange); },
            .after = [policy](Exchange& exchange) { say_how_it_stands(*policy, exchange); },
            .bounds = [policy](runtime::Limits& limits) { add_to(limits, policy->buckets.limit()); }};
}

Buckets::Buckets(Rules rules)
    : rules_(std::move(rules)),
      news_from_(static_cast<std::uint32_t>(std::clamp<std::uint64_t>(rules_.burst / 16, 1, 1U << 20U))),
      sets_(std::bit_ceil(std::max<std::size_t>(rules_.clients / (ways * shards), 1))),
      shards_(std::make_unique<Shard[]>(shards)),
      kept_(rules_.name, sets_ * ways * shards) {
    for (std::size_t i = 0; i < shards; ++i) {
        shards_[i].slots.resize(sets_ * ways);
    }
}

Buckets::Taken Buckets::take(std::uint64_t hash, Time now) {
    hash = kept_hash(hash);
    auto& shard = shards_[hash % shards];
    const std::scoped_lock lock(shard.mutex);
    auto& slot = place_of(shard, hash, now);
    // Full at `full_at`; each token taken puts that off by a gap; never later than a whole bucket from now.
    auto const begin = std::max(slot.full_at, now.count());
    auto const most = window().count();
    auto const after = begin + rules_.gap.count();
    auto const is_let_in = after - now.count() <= most;
    slot.full_at = is_let_in ? after : begin;
    auto const missing = Time(slot.full_at - now.count());
    auto const left = (most - missing.count()) / rules_.gap.count();
    return {.is_let_in = is_let_in,
            .has_news = is_let_in && ++slot.untold == news_from_,
            .left = static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0)),
            .again = is_let_in ? Time(0) : Time(after - now.count() - most),
            .full = missing};
}

Buckets::Untold Buckets::take_untold(std::uint64_t hash, Time now) {
    hash = kept_hash(hash);
    auto& shard = shards_[hash % shards];
    const std::scoped_lock lock(shard.mutex);
    auto* const slot = find(shard, hash);
    if (slot == nullptr) {
        return {};
    }
    auto const tokens = std::exchange(slot->untold, 0);
    auto const missing = std::max(Time(slot->full_at) - now, Time(0));
    return {.tokens = tokens, .missing = std::min(missing, tokens * rules_.gap)};
}

void Buckets::hear(std::uint64_t hash, Time missing, Time at) {
    hash = kept_hash(hash);
    auto& shard = shards_[hash % shards];
    const std::scoped_lock lock(shard.mutex);
    if (auto* const slot = find(shard, hash)) {
        auto const believed = std::clamp(missing, Time(0), most_debt * window());
        slot->full_at = (at + believed + slot->untold * rules_.gap).count();
    }
}

Buckets::Slot* Buckets::set_of(Shard& shard, std::uint64_t hash) noexcept {
    return shard.slots.data() + ((hash / shards) & (sets_ - 1)) * ways;
}

Buckets::Slot* Buckets::find(Shard& shard, std::uint64_t hash) noexcept {
    auto* const set = set_of(shard, hash);
    auto* const found = std::find_if(set, set + ways, [&](const Slot& each) { return each.hash == hash; });
    return found == set + ways ? nullptr : found;
}

Buckets::Slot& Buckets::place_of(Shard& shard, std::uint64_t hash, Time now) {
    if (auto* const found = find(shard, hash)) {
        return *found;
    }
    auto* const set = set_of(shard, hash);
    auto* const soonest = std::ranges::min_element(set, set + ways, {}, &Slot::full_at);
    if (soonest->hash == 0) {
        kept_.take();
    } else if (soonest->full_at > now.count()) {
        kept_.count_refusal();
    }
    *soonest = {.hash = hash};
    return *soonest;
}

}  // namespace brio::http
