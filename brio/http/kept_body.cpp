#include <brio/http/kept_body.hpp>

#include <brio/http/compressor.hpp>
#include <brio/runtime/offload.hpp>

namespace brio::http {
namespace {

constexpr auto encodings = {Coding::gzip, Coding::zstd, Coding::br};

// Bodies that can wait leave most of the pool's queue to those who cannot.
bool has_time(runtime::OffloadPool& pool) noexcept {
    auto const& queue = pool.queue_limit();
    return queue.used() <= queue.most() / 4;
}

}  // namespace

// Ends itself, on the thread that ran it.
class KeptBody::Making : public runtime::OffloadJob {
public:
    Making(std::shared_ptr<const KeptBody> body, Coding coding) noexcept
        : OffloadJob([](OffloadJob& job) noexcept { static_cast<Making&>(job).run(); },
                     [](OffloadJob& job) { delete &static_cast<Making&>(job); }),
          body_(std::move(body)),
          coding_(coding) {}

private:
    void run() noexcept { body_->make(coding_); }

    std::shared_ptr<const KeptBody> body_;
    Coding coding_;
};

CodingSet KeptBody::made() const noexcept {
    CodingSet found = Coding::identity;
    for (auto const coding : encodings) {
        if (of(coding).state.load(std::memory_order_relaxed) == State::made) {
            found = found | coding;
        }
    }
    return found;
}

CodingSet KeptBody::possible() const noexcept {
    CodingSet found = Coding::identity;
    for (auto const coding : encodings) {
        if (of(coding).state.load(std::memory_order_relaxed) != State::useless) {
            found = found | coding;
        }
    }
    return found;
}

bool KeptBody::want(Coding coding, runtime::OffloadPool& pool) const {
    if (coding == Coding::identity) {
        return false;
    }
    auto& state = of(coding).state;
    auto now = state.load(std::memory_order_relaxed);
    if (now == State::making) {
        return true;
    }
    if (now != State::absent || wants_.fetch_add(1, std::memory_order_relaxed) + 1 < wants_before_making ||
        !has_time(pool) || !state.compare_exchange_strong(now, State::making, std::memory_order_relaxed)) {
        return false;
    }
    auto job = std::make_unique<Making>(shared_from_this(), coding);
    if (!pool.submit(*job)) {
        state.store(State::absent, std::memory_order_relaxed);
        return false;
    }
    [[maybe_unused]] auto const* ends_itself = job.release();
    return true;
}

void KeptBody::make(Coding coding) const noexcept {
    auto& variant = of(coding);
    std::optional<std::string> made;
    try {
        made = compress_well(identity_, coding);
    } catch (const std::bad_alloc&) {
        variant.state.store(State::absent, std::memory_order_relaxed);
        return;
    }
    if (!made) {
        variant.state.store(State::useless, std::memory_order_relaxed);
        return;
    }
    variant.bytes = std::move(*made);
    bytes_.fetch_add(variant.bytes.size(), std::memory_order_relaxed);
    variant.state.store(State::made, std::memory_order_release);
    if (grown_) {
        grown_(variant.bytes.size());
    }
}

}  // namespace brio::http
