// A page of 4 kB that the cache keeps, with everything that watches over a service, or, with BENCH_PLAIN in
// the environment, without what a program chooses: no metrics of requests and no deadlines.
#include <brio/app/app.hpp>
#include <brio/cache/cached.hpp>
#include <brio/http/parameters.hpp>

#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
    using namespace std::chrono_literals;
    auto app = brio::App("bench_overhead");
    if (std::getenv("BENCH_PLAIN") == nullptr) {
        app.use(brio::http::measure(), brio::http::deadlines());
    }
    app.routes([](brio::http::Router& api) {
        api.get<"/page">(brio::cached(3600s, [] { return std::string(4077, 'x'); }));
    });
    return app.run(argc, argv);
}
