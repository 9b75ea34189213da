// Values that are made anew with nobody waiting for them.
//
// Each belongs to its loop, runs under a unit of work of its own with a deadline, and is one of a bounded
// number. What is under way when its loop ends, or the renewals do, is given up.
#pragma once
#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include <brio/runtime/async.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/runtime/seats.hpp>

namespace brio::cache {

class Renewals {
public:
    static constexpr std::chrono::seconds deadline{10};

    explicit Renewals(std::uint64_t most) : limit_("cache_renewals", most) {}
    Renewals(const Renewals&) = delete;
    Renewals& operator=(const Renewals&) = delete;
    /// No loop that it was used on may run any more.
    ~Renewals();

    /// On the loop's thread; `call` begins at the end of this turn and owns what it uses. `name` is what its
    /// unit of work is called, and lives on. False when there are too many: then `call` is dropped.
    bool start(runtime::Loop& loop, std::string_view name, Async<void> call);
    runtime::Limit& limit() noexcept { return limit_; }

private:
    class One;
    struct OfLoop {
        ~OfLoop();
        std::vector<std::unique_ptr<One>> running;
    };
    runtime::Limit limit_;
    runtime::Seats<OfLoop> seats_;
};

}  // namespace brio::cache
