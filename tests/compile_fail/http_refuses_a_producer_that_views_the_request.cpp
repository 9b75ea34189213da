// expect: a producer runs after the request is gone
#include <brio/http/router.hpp>
#include <brio/http/stream.hpp>

#ifdef MISTAKE
using Words = std::string_view;
#else
using Words = std::string;
#endif

brio::Async<void> repeat(brio::http::EventWriter events, Words words) {
    co_await events.send({.data = words});
}

brio::http::EventStream repeated(brio::http::Request request) {
    return brio::http::EventStream(repeat, Words(request.path()));
}

void routes(brio::http::Router& api) { api.get<"/repeated">(repeated); }
