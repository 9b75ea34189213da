// A member function that a loop calls some time later: a step of a drain, something done again and again.
#pragma once
#include <brio/runtime/loop.hpp>

namespace brio::runtime {

/// For the loop's thread. The owner outlives it, and it cancels itself when it is destroyed.
template <class Owner>
class Later : private Timer {
public:
    Later(Loop& loop, Owner& owner, void (Owner::*step)()) noexcept
        : Timer([](Timer& timer) {
              auto& self = static_cast<Later&>(timer);
              (self.owner_.*self.step_)();
          }),
          loop_(loop),
          owner_(owner),
          step_(step) {}

    /// In the place of what was asked for before.
    void in(Nanoseconds time) { loop_.arm(*this, time); }
    using Timer::cancel;

private:
    Loop& loop_;
    Owner& owner_;
    void (Owner::* const step_)();
};

}  // namespace brio::runtime
