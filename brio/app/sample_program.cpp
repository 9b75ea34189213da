// The program that serve_test.cpp starts: routes that answer, wait, crash and hold up their thread.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <thread>

#include <brio/app/app.hpp>
#include <brio/http/parameters.hpp>
#include <brio/runtime/awaitables.hpp>

namespace {

using namespace brio;

struct Greeting {
    std::string hello;
};
struct Process {
    std::int64_t pid;
};
struct Item {
    Text<20, 1> name;
    std::optional<std::int32_t> count;
};
struct Filter {
    std::optional<std::int32_t> page;
};

std::string talk() {
    std::puts("somebody asked");
    std::fflush(stdout);
    return "said";
}

std::vector<Greeting> hello(http::Query<Filter> filter) {
    return {{std::to_string(filter->page.value_or(1))}};
}

Process process() { return {::getpid()}; }

Async<Greeting> wait(http::Path<"ms", std::int32_t> ms) {
    co_await runtime::sleep_for(std::chrono::milliseconds(*ms));
    co_return Greeting{"waited"};
}

http::NoContent hold_up(http::Path<"ms", std::int32_t> ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(*ms));
    return {};
}

http::Created<Item> create(http::Body<Item> body) { return {*body, "/api/items/1"}; }

Item replace(http::Path<"id", std::int64_t>, http::IfMatch, http::Body<Item> body) { return *body; }

http::NoContent crash() {
    std::raise(SIGSEGV);
    return {};
}

void routes(http::Router& api) {
    api.get<"/api/hello">(hello, {.summary = "Greetings, a page at a time"});
    api.get<"/api/talk">(talk, {.in_openapi = false});
    api.get<"/api/process">(process);
    api.get<"/api/wait/{ms}">(wait);
    api.get<"/api/hold-up/{ms}">(hold_up);
    api.post<"/api/items">(create);
    api.put<"/api/items/{id}">(replace);
    api.post<"/api/crash">(crash, {.in_openapi = false});
}

}  // namespace

int main(int argc, char** argv) {
    auto app = App("sample", "1.2.3");
    app.use(http::measure(), http::deadlines()).routes(routes).description("What the tests of app serve.");
    app.command("count", "prints how many words follow", [](const CommandRequest& request) {
        ::dprintf(STDOUT_FILENO, "%zu\n", request.arguments.size());
        return request.arguments.empty() ? 1 : 0;
    });
    return app.run(argc, argv);
}
