#include <brio/http/background.hpp>

#include <brio/http/connection.hpp>
#include <brio/http/problem.hpp>

namespace brio::http {

BackgroundCall::BackgroundCall(ServerLoop& owner, const Exchange& like)
    : Timer([](Timer& timer) { static_cast<BackgroundCall&>(timer).stop(runtime::StopReason::deadline); }),
      TurnHook([](TurnHook& hook) {
          auto& self = static_cast<BackgroundCall&>(hook);
          self.owner_.background_ended(self);
      }),
      owner_(owner),
      bytes_(like.connection_->unread().substr(0, like.connection_->head_size_)) {
    exchange_.head = like.head;
    exchange_.head.rebase(bytes_.data());
    exchange_.background_ = this;
    auto const& server = owner.server_;
    auto& head = exchange_.head;
    exchange_.route = server.router().find(head.method(), head.path(), exchange_.path_values).route;
    exchange_.services = like.services;
    exchange_.over_tls = like.over_tls;
    exchange_.ledger.start(ledger::Phase::handler);
    exchange_.tally.start(exchange_.route->statement_budget);
    auto& work = exchange_.work;
    work.loop = &owner.loop_;
    work.ledger = &exchange_.ledger;
    work.tally = &exchange_.tally;
    work.name = exchange_.route->pattern;
    work.deadline = owner.loop_.now() + exchange_.route->deadline;
}

BackgroundCall::~BackgroundCall() { cancel(); }

void BackgroundCall::start(void (*call)(Exchange&)) {
    run_guarded(exchange_, call);
    if (exchange_.is_pending() && !exchange_.ended_) {
        exchange_.on_ended_ = [](Exchange& ended) { ended.background_->end(); };
        owner_.loop_.arm_at(*this, exchange_.work.deadline);
        return;
    }
    end();
}

// The frame that has ended may still be on the stack: this object goes at the end of the turn.
void BackgroundCall::end() {
    cancel();
    if (exchange_.is_pending()) {
        run_guarded(exchange_, exchange_.pending_.render);
    }
    auto const& tally = exchange_.tally;
    if (tally.watcher() != nullptr) {
        tally.watcher()->ended(tally, {.name = exchange_.work.name, .goal = exchange_.route->goal}, nullptr);
    }
    owner_.loop_.at_turn_end(*this);
}

bool call_in_background(const Exchange& like, void (*call)(Exchange&)) {
    if (like.connection_ == nullptr) {
        return false;
    }
    auto& owner = like.connection_->owner_;
    if (owner.is_draining() || !owner.server_.background_calls().try_take()) {
        return false;
    }
    auto& added = *new BackgroundCall(owner, like);
    added.next_ = owner.first_background_;
    if (added.next_ != nullptr) {
        added.next_->previous_ = &added;
    }
    owner.first_background_ = &added;
    added.start(call);
    return true;
}

void ServerLoop::background_ended(BackgroundCall& call) noexcept {
    (call.previous_ != nullptr ? call.previous_->next_ : first_background_) = call.next_;
    if (call.next_ != nullptr) {
        call.next_->previous_ = call.previous_;
    }
    server_.background_calls().give_back();
    delete &call;
}

void ServerLoop::stop_background() {
    std::vector<BackgroundCall*> all;
    for (auto* each = first_background_; each != nullptr; each = each->next_) {
        all.push_back(each);
    }
    for (auto* each : all) {  // one that ends is destroyed at the end of the turn only
        each->stop(runtime::StopReason::shutdown);
    }
}

}  // namespace brio::http
