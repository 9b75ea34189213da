// The program's offload threads as a handler's parameter: for work that would block the loop.
//
//     Async<Report> report(Body<Question> question, Offload offload) {
//         co_return co_await offload([&] { return compute(*question); });
//     }
#pragma once
#include <brio/http/provide.hpp>
#include <brio/runtime/offload.hpp>

namespace brio::http {

class Offload {
public:
    explicit Offload(runtime::OffloadPool& pool) noexcept : pool_(&pool) {}
    /// Await it; see runtime::offload for what it throws and what a stop does.
    template <class Function>
    auto operator()(Function function) const {
        return runtime::offload(*pool_, std::move(function));
    }

private:
    runtime::OffloadPool* pool_;
};

template <>
struct Provide<Offload> {
    using Service = runtime::OffloadPool;
    static std::optional<Offload> from(Exchange& exchange) {
        return Offload(exchange.services->get<runtime::OffloadPool>());
    }
};

}  // namespace brio::http
