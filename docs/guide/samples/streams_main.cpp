#include "notes.hpp"
#include "streams.hpp"

int main(int argc, char** argv) {
    auto app = brio::App("notes", notes::migrations);
    app.use(brio::http::measure(), brio::http::deadlines());
    app.routes(notes::routes).routes(notes::stream_routes).seed(notes::seed);
    return app.run(argc, argv);
}
