#include <brio/cache/renewals.hpp>

#include <algorithm>

#include <brio/ledger/statement_tally.hpp>

namespace brio::cache {

/// It ends outside its own coroutine: by the hook that also began it.
class Renewals::One : runtime::Timer, runtime::TurnHook {
public:
    One(OfLoop& owner, runtime::Limit& limit, runtime::Loop& loop, std::string_view name, Async<void> call)
        : Timer([](runtime::Timer& timer) {
              static_cast<One&>(timer).work_.stop(runtime::StopReason::deadline);
          }),
          TurnHook([](runtime::TurnHook& hook) { static_cast<One&>(hook).turn_ended(); }),
          owner_(owner),
          limit_(limit),
          call_(std::move(call)) {
        tally_.start();
        work_.loop = &loop;
        work_.tally = &tally_;
        work_.name = name;
        work_.deadline = loop.now() + deadline;
        loop.arm_at(*this, work_.deadline);
        loop.at_turn_end(*this);
    }
    ~One() { limit_.give_back(); }

private:
    void turn_ended() {
        if (!has_begun_) {
            has_begun_ = true;
            call_.start(
                work_,
                [](void* context) {
                    One& self = *static_cast<One*>(context);
                    self.work_.loop->at_turn_end(self);
                },
                this);
        } else {
            std::erase_if(owner_.running, [this](const auto& each) { return each.get() == this; });
        }
    }

    OfLoop& owner_;
    runtime::Limit& limit_;
    ledger::StatementTally tally_;
    runtime::Work work_;
    Async<void> call_;
    bool has_begun_ = false;
};

Renewals::OfLoop::~OfLoop() = default;
Renewals::~Renewals() = default;

bool Renewals::start(runtime::Loop& loop, std::string_view name, Async<void> call) {
    if (!limit_.try_take()) {
        return false;
    }
    OfLoop& seat = seats_.of(loop, [] { return std::make_unique<OfLoop>(); });
    seat.running.push_back(std::make_unique<One>(seat, limit_, loop, name, std::move(call)));
    return true;
}

}  // namespace brio::cache
