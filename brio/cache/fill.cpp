#include <brio/cache/fill.hpp>

#include <brio/base/random.hpp>
#include <brio/cache/counted_growth.hpp>
#include <brio/cache/shared_answers.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::cache {

namespace {

// For so long nobody waits for an answer that turned out to be for one alone.
constexpr std::chrono::seconds passes_for{10};

/// Why answers like this one will not be shared the next time either.
bool will_pass_again(std::string_view outcome) noexcept {
    return outcome == "cookies" || outcome == "no_store" || outcome == "too_large" || outcome == "stream" ||
           outcome == "wrote" || outcome == "transaction" || outcome == "too_many";
}

}  // namespace

Fill::Fill(const RouteCache& route, http::Exchange& exchange, const Key& key,
           std::optional<Flights::Lead> lead, std::uint64_t stamp)
    : route_(route),
      exchange_(exchange),
      key_(key),
      lead_(std::move(lead)),
      stamp_(stamp),
      outer_(exchange.work.dependencies),
      epoch_(route.caches().epoch()),
      begun_(ticks()) {
    exchange.work.dependencies = &read_;
}

Fill::~Fill() { exchange_.work.dependencies = outer_; }

std::shared_ptr<AnswerItem> Fill::new_item() const {
    auto item = std::make_shared<AnswerItem>();
    item->key = key_.bytes();
    item->label = route_.name();
    item->tags = route_.options().tags;
    item->binding = Binding(read_);
    item->rebuild = std::chrono::nanoseconds(took());
    item->statements = static_cast<std::uint32_t>(exchange_.tally.total());
    return item;
}

std::string_view Fill::keep(std::shared_ptr<AnswerItem> item, const Lifetime& lifetime) {
    const auto now = exchange_.work.loop->now();
    set_times(*item, lifetime, now, read_.until(), thread_random().uniform());
    item->bytes = item->own_bytes() + (item->body != nullptr ? item->body->bytes() : 0);
    if (!item->binding.holds(now)) {
        return "moved";
    }
    auto& caches = route_.caches();
    const bool is_kept = caches.keep(item, key_.hash(), {epoch_, now});
    const bool is_shared = stamp_ != 0 && caches.epoch() == epoch_ &&
                           put_shared_answer(caches, *exchange_.work.loop, *item, stamp_);
    return is_kept || is_shared ? "kept" : "dropped";
}

void Fill::keep_passing() {
    auto item = new_item();
    item->type = nullptr;
    item->binding = {};
    keep(std::move(item), {.fresh = passes_for});
}

void Fill::ended(std::string_view outcome, RouteCache::Shared item) {
    route_.subject().made(took(), outcome);
    // What was begun before something was dropped is not for those who came after that: the next one leads.
    if (lead_ && route_.caches().epoch() == epoch_) {
        item != nullptr ? lead_->land(std::move(item)) : lead_->decline();
    }
    lead_.reset();
}

void Fill::rendered() {
    auto& response = exchange_.response;
    route_.say_who_may_keep(response);
    const auto& lifetime = response.status < 400 ? route_.lifetime_ : route_.negative_;
    auto outcome = storable(response, exchange_.stream != nullptr, route_.options().largest);
    if (outcome == "kept" && read_.refused() != ledger::Unkept::none) {
        outcome = name_of(read_.refused());
    } else if (outcome == "kept" && lifetime.fresh.count() <= 0) {
        outcome = "status";
    }
    if (outcome != "kept") {
        if (will_pass_again(outcome)) {
            keep_passing();
        }
        ended(outcome, nullptr);
        return;
    }
    auto item = new_item();
    CountedGrowth growth(route_.caches());
    growth.belongs_to(item);
    take_answer(exchange_, *item, growth);
    outcome = keep(item, lifetime);
    ended(outcome, std::move(item));
}

void Fill::threw(const http::Problem& problem) {
    const bool says_nothing = problem.status() == 404 || problem.status() == 410;
    if (!says_nothing || route_.negative_.fresh.count() <= 0 || read_.refused() != ledger::Unkept::none) {
        failed();  // all who wait have the same parameters, and what is wrong with them is the same
        return;
    }
    auto item = new_item();
    item->status = problem.status();
    item->problem = std::make_unique<const http::ProblemParts>(problem.parts());
    const auto outcome = keep(item, route_.negative_);
    ended(outcome, std::move(item));
}

void Fill::failed() {
    route_.subject().made(took(), "failed");
    if (lead_) {
        lead_->fail(std::current_exception());
        lead_.reset();
    }
}

}  // namespace brio::cache
