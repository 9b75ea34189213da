// Puts the parts together. `@NAME@ --help` shows what the program can do.
#include <brio/app/app.hpp>
#include <brio/cache/own_writes.hpp>

#include "service.hpp"

int main(int argc, char** argv) {
    using namespace service;

    auto app = App("@NAME@", migrations);
    app.goals({.api = 100ms});  // what the program is held to; deadlines are ten times as long
    app.use(http::measure(), http::compress(1000), cache::read_your_writes(), http::deadlines());
    app.routes(routes).seed(seed).tasks(count_notes).model(topics, notes);
    add_load(app);
    return app.run(argc, argv);
}
