// From asking for a value to having it: kept, fetched from other processes, waited for or made. Internal to
// cache.hpp.
#pragma once
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <brio/cache/codec.hpp>
#include <brio/cache/footprint.hpp>
#include <brio/cache/query_run.hpp>
#include <brio/cache/recorded.hpp>

namespace brio::cache {

namespace detail {

template <class T>
inline constexpr char type_tag = 0;  // its address names the type

template <class T>
struct ValueItem final : Item {
    T value;
};

template <class T>
const T& value_of(const Item& item) {
    return static_cast<const ValueItem<T>&>(item).value;
}

template <class T>
bool is_negative(const T&) {
    return false;
}
template <class T>
bool is_negative(const std::optional<T>& value) {
    return !value;
}

/// What other processes have made of it, if that is good.
template <class T>
Async<std::optional<T>> from_shared(QueryFill& filling) {
    auto found = co_await filling.ask_shared(type_fingerprint<T>());
    std::optional<T> value;
    if (found) {
        value = decode<T>(found->envelope.payload);
    }
    if (value) {
        auto item = std::make_shared<ValueItem<T>>();
        item->value = *value;
        const std::size_t heap = sizeof *item + heap_bytes(item->value);
        if (!filling.found(std::move(item), heap, std::move(*found))) {
            value.reset();
        }
    }
    co_return value;
}

/// Finds the value with other processes, or makes it; and keeps it.
template <class T, class Load>
Async<T> fill(QueryRun& run, std::optional<Flights::Lead> lead, Load& load) {
    QueryFill filling(run, std::move(lead));
    if (run.looks_with_others()) {
        if (auto value = co_await from_shared<T>(filling)) {
            co_return std::move(*value);
        }
    }
    run.miss();
    co_await filling.begin();
    std::optional<T> value;
    try {
        value.emplace(co_await recorded(filling.read(), load()));
    } catch (const runtime::Cancelled&) {
        throw;  // of this one's own work: another goes on
    } catch (...) {
        filling.failed();
        throw;
    }
    auto item = std::make_shared<ValueItem<T>>();
    item->value = *value;
    const std::size_t heap = sizeof *item + heap_bytes(item->value);
    filling.made(std::move(item), heap, is_negative(*value));
    if (filling.is_for_sharing()) {
        Buffer payload;
        encode(payload, *value);
        filling.share(type_fingerprint<T>(), payload.view());
    }
    co_return std::move(*value);
}

/// For nobody but the cache.
template <class T, class Load>
Async<void> renew(Asked asked, Load load) {
    QueryRun run(asked, co_await runtime::current_work, &type_tag<T>);
    run.only_renews();
    auto boarding = run.board();
    if (boarding.lead) {
        try {
            co_await fill<T>(run, std::move(boarding.lead), load);
        } catch (const std::exception&) {
            run.renewal_failed();
        }
    }
}

/// Waits for who makes it already, or makes it.
template <class T, class Load>
Async<T> make_or_wait(QueryRun& run, Load& load) {
    auto turn = co_await run.take_turn();
    if (turn.item != nullptr) {
        co_return value_of<T>(*turn.item);
    }
    if (turn.error) {
        run.miss();
        std::rethrow_exception(turn.error);
    }
    co_return co_await fill<T>(run, std::move(turn.lead), load);
}

template <class T, class Load>
Async<T> cached_value(Asked asked, Load load) {
    runtime::Work& work = co_await runtime::current_work;
    QueryRun run(asked, work, &type_tag<T>);
    if (run.is_off()) {
        run.bypass();
        co_return co_await load();
    }
    if (const auto item = run.look_up()) {
        if constexpr (std::is_copy_constructible_v<Load>) {
            if (run.needs_renewal()) {
                auto& renewals = asked.caches->queries().renewals();
                renewals.start(*work.loop, asked.subject->name(), renew<T>(asked, load));
            }
        }
        co_return value_of<T>(*item);
    }
    QueryRun::Shared instead;
    std::exception_ptr error;
    try {
        co_return co_await make_or_wait<T>(run, load);
    } catch (...) {
        error = std::current_exception();
        instead = run.instead();
    }
    if (instead == nullptr) {
        std::rethrow_exception(error);
    }
    co_return value_of<T>(*instead);
}

}  // namespace detail

}  // namespace brio::cache
