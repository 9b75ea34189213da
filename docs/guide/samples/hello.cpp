// The smallest service of the guide, whole.
// [hello]
#include <brio/app/app.hpp>
#include <brio/http/parameters.hpp>

using namespace brio;

struct Greeting {
    std::string words;
};

Greeting greet(http::Path<"name", std::string> name) { return {"hello " + *name}; }

void routes(http::Router& api) { api.get<"/greetings/{name}">(greet); }

int main(int argc, char** argv) {
    auto app = App("hello");
    app.use(http::measure(), http::deadlines()).routes(routes);
    return app.run(argc, argv);
}
// [/hello]
