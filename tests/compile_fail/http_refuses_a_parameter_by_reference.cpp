// expect: handlers take parameters by value: the coroutine outlives the call
#include <brio/http/parameters.hpp>
#include <brio/http/router.hpp>

struct Answer {
    int id = 0;
};
#ifdef MISTAKE
brio::Async<Answer> show(const brio::http::Request& request) {
#else
brio::Async<Answer> show(brio::http::Request request) {
#endif
    co_return Answer{static_cast<int>(request.path().size())};
}

void routes(brio::http::Router& api) { api.get<"/answer">(show); }
