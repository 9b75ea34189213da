#include "waiting.hpp"

#include <brio/http/offload.hpp>
#include <brio/http/parameters.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/scope.hpp>

namespace waiting {

using namespace std::chrono_literals;

// [sleep]
struct Waited {
    int times;
};

Async<int> twice(int number) {
    co_await runtime::sleep_for(1ms);
    co_return number * 2;
}

Async<Waited> wait_a_little() { co_return Waited{co_await twice(21)}; }
// [/sleep]

// [when-all]
Async<Waited> both() {
    auto const [first, second] = co_await runtime::when_all(twice(10), twice(11));
    co_return Waited{first + second};  // after 1 ms, not 2
}
// [/when-all]

// [scope]
Async<void> add_twice(int number, int* sum) { *sum += co_await twice(number); }

Async<Waited> many() {
    int sum = 0;
    runtime::Scope scope(co_await runtime::current_work);
    for (int i = 1; i <= 6; ++i) {
        scope.start(add_twice(i, &sum));
    }
    co_await scope.join();  // always: `sum` must outlive the children
    co_return Waited{sum};
}
// [/scope]

// [offload]
int slow_checksum(std::string_view text) {
    int sum = 0;
    for (char const each : text) {
        sum = sum * 31 + each;
    }
    return sum;
}

Async<Waited> checksum(http::Path<"text", std::string> text, http::Offload offload) {
    co_return Waited{co_await offload([&] { return slow_checksum(*text); })};
}
// [/offload]

// [long]
Async<Waited> long_work() {
    auto const& work = co_await runtime::current_work;
    Waited steps{0};
    while (steps.times < 1'000'000) {
        work.check();  // throws Cancelled once the deadline has passed or the client has gone
        ++steps.times;
        co_await runtime::sleep_for(10ms);  // lets others run; ends early when the work is stopped
    }
    co_return steps;
}
// [/long]

// [deadline]
void routes(http::Router& api) {
    api.get<"/wait">(wait_a_little);
    api.get<"/both">(both);
    api.get<"/many">(many);
    api.get<"/checksum/{text}">(checksum);
    api.get<"/long">(long_work, {.deadline = 50ms});
}
// [/deadline]

}  // namespace waiting
