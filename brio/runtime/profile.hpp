// brio::profile("parse"): from here to the end of the scope is counted under that name.
//
//     auto scope = brio::profile("parse");
//
// Of each name: how often, in total, in itself (without the scopes opened within it), how long its unit of
// work rested meanwhile, and the 95th percentile. A scope belongs to the unit of work that opened it,
// wherever it is suspended: others on the same thread neither pay for it nor count as its inner scopes.
// Concurrent children of a runtime::Scope count for themselves. A throw closes it as a return does. Of a name
// that is open already (recursion) only the outermost adds to the total. Functions given to offload() have
// scopes of their thread.
//
// Does nothing until a ProfileScopes is there. Cost: 30 ns a scope, 1 ns without one (profile_bench).
// Metrics: profile_scope_seconds{scope} (histogram; each outermost call), profile_scope_self_seconds{scope},
// profile_scope_rest_seconds{scope} (sum and count; each call).
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/work.hpp>

namespace brio {

namespace runtime {

/// A scope's name: only text that is there when the program is compiled, so that there is a bound to it.
class ScopeName {
public:
    template <std::size_t size>
    consteval ScopeName(const char (&text)[size]) : text_(text),
                                                    size_(size - 1) {
        for (const char c : view()) {  // FNV-1a
            hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        }
    }
    constexpr std::string_view view() const noexcept { return {text_, size_}; }
    constexpr std::uint64_t hash() const noexcept { return hash_; }

private:
    const char* text_;
    std::size_t size_;
    std::uint64_t hash_ = 0xcbf29ce484222325U;
};

/// Where the scopes of a process are counted while it lives: one at a time. Ends after all that open scopes.
class ProfileScopes {
public:
    static constexpr std::size_t most_names = 256;  // those after them are counted as "others"

    explicit ProfileScopes(metrics::Registry& registry);
    ~ProfileScopes();
    ProfileScopes(const ProfileScopes&) = delete;
    ProfileScopes& operator=(const ProfileScopes&) = delete;

    struct Site {
        ScopeName name;
        metrics::Histogram calls;
        metrics::Summary self;
        metrics::Summary rest;
    };
    /// Any thread. Takes a lock for a name that is new.
    const Site& site_of(ScopeName name) noexcept {
        for (std::size_t at = name.hash();; ++at) {
            const Site* const site = table_[at % table_.size()].load(std::memory_order_acquire);
            if (site == nullptr) [[unlikely]] {
                return add(name);
            }
            if (site->name.hash() == name.hash() && site->name.view() == name.view()) {
                return *site;
            }
        }
    }
    metrics::Registry& registry() noexcept { return registry_; }
    /// That of the process; null: none.
    static ProfileScopes* here() noexcept { return installed_.load(std::memory_order_acquire); }

private:
    const Site& add(ScopeName name) noexcept;
    std::unique_ptr<Site> make(ScopeName name);

    static constinit std::atomic<ProfileScopes*> installed_;
    metrics::Registry& registry_;
    metrics::Family<metrics::Histogram> calls_;
    metrics::Family<metrics::Summary> self_;
    metrics::Family<metrics::Summary> rest_;
    std::array<std::atomic<const Site*>, 2 * most_names> table_{};
    std::mutex mutex_;
    std::vector<std::unique_ptr<Site>> sites_;  // guarded by mutex_
    std::unique_ptr<Site> others_;
};

class [[nodiscard("a scope that is not kept ends at once")]] ProfileScope {
public:
    explicit ProfileScope(ScopeName name) noexcept {
        if (ProfileScopes* const scopes = ProfileScopes::here()) {
            begin(scopes->site_of(name));
        }
    }
    ~ProfileScope() {
        if (site_ != nullptr) {
            end();
        }
    }
    ProfileScope(const ProfileScope&) = delete;
    ProfileScope& operator=(const ProfileScope&) = delete;

private:
    void begin(const ProfileScopes::Site& site) noexcept;
    void end() noexcept;

    const ProfileScopes::Site* site_ = nullptr;  // null: it is not counted
    OpenScopes* chain_ = nullptr;
    ProfileScope* outer_ = nullptr;
    Ticks begun_ = 0;
    Ticks rested_before_ = 0;
    Ticks in_inner_ = 0;
    bool is_recursion_ = false;
};

}  // namespace runtime

inline runtime::ProfileScope profile(runtime::ScopeName name) noexcept { return runtime::ProfileScope(name); }

}  // namespace brio
