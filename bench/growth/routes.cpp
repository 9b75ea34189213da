// A service of BENCH_ROUTES routes, for how the cost of a request grows with them: half of them are plain
// paths, /plain/N, half have two parameters, /things/N/{id}/parts/{part}.
#include <brio/app/app.hpp>
#include <brio/base/text.hpp>
#include <brio/http/parameters.hpp>

#include <cstdlib>
#include <string>

namespace {

using namespace brio;

std::string plain() { return "plain"; }
std::string part(http::Path<"id", std::int64_t> id, http::Path<"part", std::int64_t> part) {
    return concat({integer_text(*id), " ", integer_text(*part)});
}

void routes(http::Router& api) {
    const char* text = std::getenv("BENCH_ROUTES");
    const auto pairs = std::atoll(text == nullptr ? "10" : text) / 2;
    for (std::int64_t i = 1; i <= pairs; ++i) {
        api.add_endpoint(http::Method::get, concat({"/plain/", integer_text(i)}), http::make_endpoint(plain));
        api.add_endpoint(http::Method::get, concat({"/things/", integer_text(i), "/{id}/parts/{part}"}),
                         http::make_endpoint(part));
    }
}

}  // namespace

int main(int argc, char** argv) {
    auto app = App("bench_routes");
    app.use(http::measure(), http::deadlines()).routes(routes);
    return app.run(argc, argv);
}
