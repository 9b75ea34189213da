#include "notes.hpp"

// [main]
int main(int argc, char** argv) {
    auto app = brio::App("notes", notes::migrations);
    app.use(brio::http::measure(), brio::http::deadlines()).routes(notes::routes).seed(notes::seed);
    app.model(notes::notes);
    return app.run(argc, argv);
}
// [/main]
