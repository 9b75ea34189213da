// A program whose answers are large, so that making their bytes is most of its work.
#include <vector>

#include <brio/app/app.hpp>

namespace {

using brio::Async;

struct Sample {
    std::int64_t at;
    double value;
    double deviation;
};

std::vector<Sample> samples() {
    constexpr int count = 10'000;
    std::vector<Sample> made;
    for (int i = 0; i < count; ++i) {
        made.push_back({i, 1.0 / (i + 3), 1.0 / (i + 7)});
    }
    return made;
}

Async<std::vector<Sample>> large() {
    static const std::vector<Sample> kept = samples();
    co_return kept;
}

void routes(brio::http::Router& api) { api.get<"/large">(large); }

}  // namespace

int main(int argc, char** argv) {
    auto app = brio::App("large_answers");
    app.use(brio::http::measure()).routes(routes);
    return app.run(argc, argv);
}
