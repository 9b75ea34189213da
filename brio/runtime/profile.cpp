#include <brio/runtime/profile.hpp>

#include <brio/base/expect.hpp>
#include <brio/runtime/running.hpp>

namespace brio::runtime {

namespace {

// Of code that runs for no unit of work, or elsewhere than it.
constinit thread_local OpenScopes scopes_of_thread;

OpenScopes& open_scopes() noexcept {
    const Running* const running = Running::here();
    return running != nullptr && running->scopes() != nullptr ? *running->scopes() : scopes_of_thread;
}

}  // namespace

constinit std::atomic<ProfileScopes*> ProfileScopes::installed_{nullptr};

ProfileScopes::ProfileScopes(metrics::Registry& registry)
    : registry_(registry),
      calls_(registry.histogram({.name = "profile_scope_seconds",
                                 .help = "Time in scopes of brio::profile(), recursive ones as one.",
                                 .labels = {"scope"},
                                 .most_series = most_names + 1,
                                 .hide_unused = true})),
      self_(registry.summary({.name = "profile_scope_self_seconds",
                              .help = "The same without the scopes within them.",
                              .labels = {"scope"},
                              .most_series = most_names + 1,
                              .hide_unused = true})),
      rest_(registry.summary({.name = "profile_scope_rest_seconds",
                              .help = "Of that, the time that the unit of work was suspended.",
                              .labels = {"scope"},
                              .most_series = most_names + 1,
                              .hide_unused = true})),
      others_(make("others")) {
    ProfileScopes* none = nullptr;
    expect(installed_.compare_exchange_strong(none, this), "a process has one ProfileScopes at a time");
}

ProfileScopes::~ProfileScopes() { installed_.store(nullptr, std::memory_order_release); }

std::unique_ptr<ProfileScopes::Site> ProfileScopes::make(ScopeName name) {
    return std::make_unique<Site>(Site{.name = name,
                                       .calls = calls_.with({name.view()}),
                                       .self = self_.with({name.view()}),
                                       .rest = rest_.with({name.view()})});
}

const ProfileScopes::Site& ProfileScopes::add(ScopeName name) noexcept {
    const std::scoped_lock lock(mutex_);
    for (std::size_t at = name.hash();; ++at) {
        auto& place = table_[at % table_.size()];
        const Site* const site = place.load(std::memory_order_relaxed);
        if (site != nullptr) {
            if (site->name.hash() == name.hash() && site->name.view() == name.view()) {
                return *site;
            }
            continue;
        }
        if (sites_.size() == most_names) {
            return *others_;
        }
        sites_.push_back(make(name));
        place.store(sites_.back().get(), std::memory_order_release);
        return *sites_.back();
    }
}

void ProfileScope::begin(const ProfileScopes::Site& site) noexcept {
    site_ = &site;
    chain_ = &open_scopes();
    outer_ = chain_->innermost;
    for (const ProfileScope* each = outer_; each != nullptr && !is_recursion_; each = each->outer_) {
        is_recursion_ = each->site_ == site_;
    }
    chain_->innermost = this;
    rested_before_ = chain_->rested;
    begun_ = ticks();
}

void ProfileScope::end() noexcept {
    const Ticks now = ticks();
    const Ticks elapsed = now > begun_ ? now - begun_ : 0;
    Ticks rested = chain_->rested - rested_before_;
    if (chain_->resting_since != 0 && now > chain_->resting_since) {  // its coroutine is destroyed
        rested += now - std::max(chain_->resting_since, begun_);
    }
    ProfileScope** at = &chain_->innermost;  // not always the innermost: one may outlive one opened later
    while (*at != this) {
        at = &(*at)->outer_;
    }
    *at = outer_;
    if (outer_ != nullptr) {
        outer_->in_inner_ += elapsed;
    } else if (chain_->innermost == nullptr) {
        chain_->resting_since = 0;
    }
    ProfileScopes* const scopes = ProfileScopes::here();
    if (scopes == nullptr) {
        return;
    }
    metrics::Shard& shard = scopes->registry().here();
    if (!is_recursion_) {
        site_->calls.observe(shard, ticks_to_ns(elapsed));
    }
    site_->self.observe(shard, ticks_to_ns(elapsed - std::min(elapsed, in_inner_)));
    site_->rest.observe(shard, ticks_to_ns(std::min(rested, elapsed)));
}

}  // namespace brio::runtime
