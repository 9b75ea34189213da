// The part of Connection that compress() asks for: which coding an answer comes in, and its body in that
// coding (RFC 9110 §8.4, §12.5.3).
#include <brio/http/connection.hpp>

#include <brio/http/compressor.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/status.hpp>
#include <brio/runtime/offload.hpp>

namespace brio::http {
namespace {

constexpr std::size_t most_kept = 256 * 1024;  // of memory from answer to answer

// Whether other requests could get these bytes in another coding.
bool may_vary(const Exchange& exchange) noexcept {
    return (exchange.route == nullptr || exchange.route->options.compress) &&
           exchange.response.cache_control().find("no-transform") == std::string_view::npos;
}

// Found out once for a body that is kept.
bool varies(const Exchange& exchange) noexcept {
    auto const& response = exchange.response;
    auto const* const kept = response.static_body.empty() ? response.kept.get() : nullptr;
    if (kept != nullptr && kept->varies() != KeptBody::Varies::unknown) {
        return kept->varies() == KeptBody::Varies::yes;
    }
    auto const varies = is_compressible(response.content_type) && may_vary(exchange);
    if (kept != nullptr) {
        kept->set_varies(varies);
    }
    return varies;
}

BodyFacts facts_of(const Exchange& exchange, std::size_t minimum) noexcept {
    auto const& response = exchange.response;
    auto const* stream = exchange.stream.get();
    BodyFacts facts{.may_be_coded = may_vary(exchange) && !response.sets_cookies() &&
                                    (stream == nullptr || !stream->is_of_events),
                    .gains = is_compressible(response.content_type) &&
                             (stream != nullptr || response.body_size() >= minimum),
                    .is_stream = stream != nullptr};
    if (response.kept && response.static_body.empty()) {
        facts.is_kept = true;
        facts.made = response.kept->made();
        facts.possible = response.kept->possible();
    }
    return facts;
}

// `body` stays where it is until the coroutine has ended.
Async<Buffer> compressed(runtime::OffloadPool& pool, std::string_view body, Coding coding) {
    co_return co_await runtime::offload(
        pool,
        [&] {
            Buffer out;
            compress_now(out, body, coding, Effort::usual);
            return out;
        },
        ledger::Phase::compress);
}

void refuse_identity(Exchange& exchange) {
    answer_with(exchange, ProblemParts{.status = 406,
                                       .code = "not_acceptable",
                                       .detail = "Accept-Encoding refuses every coding that this answer has; "
                                                 "allow identity or gzip"});
    exchange.response.vary("Accept-Encoding");
    exchange.stream.reset();
}

}  // namespace

// Also names the variant in the entity tag, so that If-None-Match is judged by what would be sent.
void Connection::choose_coding() {
    auto& current = exchange();
    auto& response = current.response;
    if (!may_have_body(response.status) || response.status == 206 || response.content_type.empty() ||
        response.has_field("Content-Encoding")) {
        return;
    }
    if (varies(current)) {
        response.vary("Accept-Encoding");
    }
    if (!current.head.find(Known::accept_encoding)) {
        return;
    }
    auto const facts = facts_of(current, server().options().compression->minimum);
    auto const choice = http::choose_coding(owner_.accepted_codings_.of(current.head), facts);
    auto* const pool = !facts.made.has(choice.better) && facts.is_kept
                           ? server().services().find<runtime::OffloadPool>()
                           : nullptr;
    if (pool != nullptr) {
        response.kept->want(choice.better, *pool);
    }
    if (choice.now) {
        response.set_coding(*choice.now);
        return;
    }
    // What a POST has done is done: its answer comes whatever the client wants.
    auto const method = current.head.method();
    if ((method == Method::get || method == Method::head) && response.status < 300) {
        refuse_identity(current);
    }
}

// HEAD too: it has the length that GET has. True when it waits for the offload threads.
bool Connection::compress_body() {
    auto& current = exchange();
    auto& response = current.response;
    if (current.stream) {
        return false;  // each of its pieces will be
    }
    if (response.kept && response.static_body.empty()) {
        response.static_body = response.kept->variant(response.coding());
        if (!response.static_body.empty()) {
            return false;
        }
    }
    if (response.body_size() > server().options().compression->offload_above) {
        if (compress_elsewhere()) {
            return true;
        }
        if (response.coding() == Coding::identity) {
            return false;
        }
    }
    current.ledger.enter(ledger::Phase::compress);
    auto const effort = effort_for(loop().busy(), server().options().goals.cpu_percent / 100.0);
    auto& compressed = owner_.compressing_;
    compressed.clear();
    compress_now(compressed, response.body_view(), response.coding(), effort);
    take_compressed(compressed);
    if (compressed.capacity() > most_kept) {
        compressed.reset();
    }
    return false;
}

// The connection waits as for a handler: its deadline, a client that goes and a server that ends stop it.
// False when it is done without: on the loop where there are no threads or the request was refused, or
// uncoded where they are overloaded.
bool Connection::compress_elsewhere() {
    auto& current = exchange();
    auto& response = current.response;
    auto* const pool = server().services().find<runtime::OffloadPool>();
    if (pool == nullptr || state_ != State::calling || current.work.stopped != runtime::StopReason::none) {
        return false;
    }
    auto const& queue = pool->queue_limit();
    if (queue.used() >= queue.most() && may_be_uncoded()) {
        response.set_coding(Coding::identity);
        return false;
    }
    current.run(compressed(*pool, response.body_view(), response.coding()), [](Exchange& ended) {
        auto made = ended.take_result<Buffer>();
        ended.connection_->take_compressed(made);
    });
    if (current.ended_) {
        end_compressing();
        return true;
    }
    wait_for_call([](Exchange& ended) {
        auto& self = *ended.connection_;
        self.end_compressing();
        self.advance();
    });
    return true;
}

// What the handler has made is not lost when its deadline, a full queue or the server's end stops the wait.
void Connection::end_compressing() {
    auto& current = exchange();
    if (current.has_failed<Buffer>() && may_be_uncoded()) {
        current.drop_pending();
        current.response.set_coding(Coding::identity);
    } else {
        run_guarded(current, current.pending_.render);
        if (current.work.stopped == runtime::StopReason::deadline) {
            server().shed_deadline().add(owner_.shard_);
        }
    }
    end_waiting();
    finish_answer(false);
}

// What a POST has done is done: its answer comes whatever the client wants.
bool Connection::may_be_uncoded() {
    auto& current = exchange();
    auto const method = current.head.method();
    auto const is_read = method == Method::get || method == Method::head;
    return !is_read || owner_.accepted_codings_.of(current.head).identity != 0;
}

void Connection::take_compressed(Buffer& compressed) {
    auto& response = exchange().response;
    std::swap(response.body, compressed);
    response.static_body = {};
    response.kept.reset();
}

}  // namespace brio::http
