// A program as a user writes it, from the installed headers and libraries alone.
#include <string>

#include <brio/app/app.hpp>
#include <brio/http/parameters.hpp>

struct Greeting {
    std::string words;
};

brio::Async<Greeting> greet(brio::http::Path<"name", std::string> name) {
    co_return Greeting{"hello " + *name};
}

void routes(brio::http::Router& api) { api.get<"/greetings/{name}">(greet); }

int main(int argc, char** argv) {
    auto app = brio::App("consumer");
    app.routes(routes);
    return app.run(argc, argv);
}
