#include <brio/app/app.hpp>

#include "compression.hpp"
#include "notes.hpp"
#include "streams.hpp"

int main(int argc, char** argv) {
    auto app = brio::App("notes", notes::migrations);
    // [use]
    app.use(brio::http::measure(), brio::http::compress(1000), brio::http::deadlines());
    // [/use]
    app.routes(notes::routes).routes(notes::stream_routes).routes(notes::compression_routes);
    app.seed(notes::seed);
    return app.run(argc, argv);
}
