// expect: a stream is made for one who listens
#include <brio/cache/cached.hpp>
#include <brio/http/router.hpp>

#ifdef MISTAKE
brio::Async<void> produce(brio::http::EventWriter) { co_return; }
brio::http::EventStream answer() { return brio::http::EventStream(produce); }
#else
std::string answer() { return "once"; }
#endif

void routes(brio::http::Router& api) { api.get<"/ticks">(brio::cached(std::chrono::seconds(60), answer)); }
