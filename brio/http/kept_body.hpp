// A body that is sent many times, as a cache keeps it: its bytes, and the codings made of them.
//
// Each coding is made at most once, on the offload threads, when somebody wants it; one that does not come
// out smaller is remembered as useless. So a body and its variants take at most four times the body's size.
// Thread-safe: any thread asks and reads; what was given out stays in place for the object's life.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <brio/http/coding.hpp>

namespace brio::runtime {
class OffloadPool;
}

namespace brio::http {

class KeptBody : public std::enable_shared_from_this<KeptBody> {
public:
    /// A variant is worth making for who is asked for again: from the second want() on.
    static constexpr unsigned wants_before_making = 2;
    /// Called once for each variant, with the bytes that it takes, on the thread that made it, after bytes()
    /// has grown. Must not throw.
    using Grown = std::function<void(std::size_t bytes)>;

    /// Make it by std::make_shared: those at work on a variant keep it alive.
    explicit KeptBody(std::string identity, Grown grown = {})
        : identity_(std::move(identity)),
          grown_(std::move(grown)),
          bytes_(identity_.size()) {}
    KeptBody(const KeptBody&) = delete;
    KeptBody& operator=(const KeptBody&) = delete;

    std::string_view identity() const noexcept { return identity_; }
    /// The body in `coding`; empty while that is not made.
    std::string_view variant(Coding coding) const noexcept {
        if (coding == Coding::identity) {
            return identity_;
        }
        auto const& found = of(coding);
        return found.state.load(std::memory_order_acquire) == State::made ? std::string_view(found.bytes)
                                                                          : std::string_view();
    }
    /// The codings that variant() has, identity among them.
    CodingSet made() const noexcept;
    /// That it has or may have.
    CodingSet possible() const noexcept;
    /// Says that `coding` would have been sent now. False when nobody will make it: it is there or useless,
    /// it was too early, or the threads have enough to do; then ask again.
    bool want(Coding coding, runtime::OffloadPool& pool) const;
    /// Whether others could get it in another coding, once somebody has found out: what an answer's type and
    /// route say never changes.
    enum class Varies : std::uint8_t { unknown, no, yes };
    Varies varies() const noexcept { return varies_.load(std::memory_order_relaxed); }
    void set_varies(bool varies) const noexcept {
        varies_.store(varies ? Varies::yes : Varies::no, std::memory_order_relaxed);
    }
    /// Of the identity and all variants so far.
    std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
    enum class State : std::uint8_t { absent, making, made, useless };
    struct Variant {
        std::atomic<State> state{State::absent};
        std::string bytes;  // written while making, fixed once made
    };
    class Making;

    Variant& of(Coding coding) const noexcept { return variants_[static_cast<std::size_t>(coding) - 1]; }
    void make(Coding coding) const noexcept;

    // A cache's readers share it as const: variants come into being behind that.
    const std::string identity_;
    const Grown grown_;
    mutable std::array<Variant, coding_count - 1> variants_;
    mutable std::atomic<unsigned> wants_{0};
    mutable std::atomic<Varies> varies_{Varies::unknown};
    mutable std::atomic<std::size_t> bytes_;
};

}  // namespace brio::http
